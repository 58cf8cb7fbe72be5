import type { Socket } from "node:net";
import { systemErrorCode } from "./wire/time-limit.ts";

/** How long connections by one route are known to live without traffic. */
export interface IdleLife {
  /** As it is shown: `proxy.example.org:3128`, or `direct`. */
  route: string;
  /** The longest time after which one still worked; 0 before the first. */
  livedMs: number;
  /** The shortest after which one was closed; null where none was, or one lived longer since. */
  endedMs: number | null;
  /** The same, where nobody said so: what was sent over it was not answered. */
  forgottenMs: number | null;
}

/** A shorter pause tells nothing: whoever closes then does so for another reason. */
const leastMs = 5000;

/**
 * Learns from the connections that are in use anyway, how long one by a certain route lives without
 * traffic. A probe would have to wait for as long as that, which is minutes; the agent's connections
 * wait from one heartbeat to the next, and while the platform holds a request. TCP's keep-alive
 * packets do not count: a proxy looks at the contents of a tunnel.
 */
export class IdleConnections {
  readonly #nowMs: () => number;
  readonly #changed: (lives: readonly IdleLife[]) => void;
  readonly #lives = new Map<string, IdleLife>();
  /** The pause before what was not answered in time, by route. */
  readonly #unanswered = new Map<string, number>();

  /** @param nowMs of a monotonic clock */
  constructor(nowMs: () => number, changed: (lives: readonly IdleLife[]) => void) {
    this.#nowMs = nowMs;
    this.#changed = changed;
  }

  /** Watches a connection that is ready for requests. */
  watch(socket: Socket, route: string): void {
    let lastMs = this.#nowMs();
    /** The longest pause before what was sent and is not answered yet. */
    let pausedMs = 0;
    const pause = () => {
      const paused = this.#nowMs() - lastMs;
      lastMs += paused;
      return paused;
    };
    const write: unknown = socket.write;
    // Node tells of what comes in, and of nothing that goes out.
    Object.defineProperty(socket, "write", {
      configurable: true,
      // Node sets it anew when the other side has ended.
      writable: true,
      value(...given: unknown[]) {
        pausedMs = Math.max(pausedMs, pause());
        return typeof write === "function" && Reflect.apply(write, socket, given);
      },
    });
    socket.on("readable", () => {
      // The end of the stream is readable too.
      if (socket.readableLength === 0) return;
      this.#lived(route, Math.max(pausedMs, pause()));
      pausedMs = 0;
    });
    socket.once("end", () => this.#ended(route, Math.max(pausedMs, pause()), "endedMs"));
    socket.once("error", (error) => {
      const code = systemErrorCode(error);
      if (code === "ECONNRESET") this.#ended(route, Math.max(pausedMs, pause()), "endedMs");
      // undici ends a connection whose answer is late; whether it is dead is for others to say.
      else if (code === "UND_ERR_HEADERS_TIMEOUT") this.#unanswered.set(route, pausedMs);
    });
  }

  /** The last connection by that route whose answer was late is dead. */
  forgotten(route: string): void {
    const pausedMs = this.#unanswered.get(route);
    if (pausedMs !== undefined) this.#ended(route, pausedMs, "forgottenMs");
  }

  #lived(route: string, pausedMs: number): void {
    const known = this.#of(route);
    if (pausedMs < leastMs || pausedMs <= known.livedMs) return;
    const unlessRefuted = (ms: number | null) => (ms !== null && ms > pausedMs ? ms : null);
    this.#keep({
      route,
      livedMs: pausedMs,
      endedMs: unlessRefuted(known.endedMs),
      forgottenMs: unlessRefuted(known.forgottenMs),
    });
  }

  /** Where others lived longer, it was not for its pause, as when the platform is restarted. */
  #ended(route: string, pausedMs: number, how: "endedMs" | "forgottenMs"): void {
    const known = this.#of(route);
    if (pausedMs < leastMs || pausedMs <= known.livedMs) return;
    if (pausedMs < (known[how] ?? Number.POSITIVE_INFINITY))
      this.#keep({ ...known, [how]: pausedMs });
  }

  #of(route: string): IdleLife {
    return this.#lives.get(route) ?? { route, livedMs: 0, endedMs: null, forgottenMs: null };
  }

  #keep(life: IdleLife): void {
    this.#lives.set(life.route, life);
    this.#changed([...this.#lives.values()]);
  }
}
