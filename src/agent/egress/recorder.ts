import type { Clock } from "../../base/clock.ts";
import { WakeUp } from "../../base/wake-up.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import type { EgressContact } from "../../configd/api/egress.ts";

/** Known destinations are reported together; a new one at once. */
const reportEveryMs = 300_000;
const retryMs = 5000;
/** More than this many destinations between two reports are no appliance's doing. */
const mostWaiting = 200;

/** Gathers what was contacted and hands it to configd, which keeps the ledger. */
export class EgressRecorder {
  readonly #parts: { configd: ConfigdClient; clock: Clock };
  readonly #waiting = new Map<string, EgressContact>();
  readonly #reported = new Set<string>();
  readonly #news = new WakeUp();

  constructor(parts: { configd: ConfigdClient; clock: Clock }) {
    this.#parts = parts;
  }

  record(contact: Omit<EgressContact, "at" | "count">): void {
    const key = `${contact.by} ${contact.host} ${contact.port} ${contact.protocol}`;
    const known = this.#waiting.get(key);
    const at = Math.max(0, Math.round(this.#parts.clock.nowMs()));
    if (known) {
      known.count++;
      known.at = at;
      known.addresses = [...new Set([...known.addresses, ...contact.addresses])].slice(-16);
    } else if (this.#waiting.size < mostWaiting)
      this.#waiting.set(key, { ...contact, at, count: 1 });
    if (!this.#reported.has(key)) this.#news.raise();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { configd, clock } = this.#parts;
    while (!signal.aborted) {
      await this.#news.wait(clock, reportEveryMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      this.#news.clear();
      const contacts = [...this.#waiting.values()];
      if (contacts.length === 0) continue;
      this.#waiting.clear();
      try {
        await configd.call("egressSeen", { contacts }, signal);
        for (const { by, host, port, protocol } of contacts)
          this.#remember(`${by} ${host} ${port} ${protocol}`);
      } catch {
        // Nothing is lost while configd is being restarted: counted again with what comes
        // meanwhile.
        for (const { count, at, ...contact } of contacts)
          for (let turn = 0; turn < Math.min(count, 1000); turn++) this.record(contact);
        await clock.sleep(retryMs, signal).catch(() => undefined);
      }
    }
  }

  #remember(key: string): void {
    if (this.#reported.size >= mostWaiting) this.#reported.clear();
    this.#reported.add(key);
  }
}
