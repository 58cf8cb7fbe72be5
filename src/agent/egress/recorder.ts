import { ignoringAbort } from "../../base/aborted.ts";
import type { Clock } from "../../base/clock.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { WakeUp } from "../../base/wake-up.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import type { EgressContact } from "../../configd/api/egress.ts";

/** Known destinations are reported together; a new one at once. */
const reportEveryMs = 300_000;
const retryMs = 5000;
/** An appliance never contacts more destinations between two reports. */
const mostWaiting = 200;

/** Collects the contacted destinations and reports them to configd, which keeps the ledger. */
export class EgressRecorder {
  readonly #parts: { configd: ConfigdClient; clock: Clock };
  readonly #waiting = new Map<string, EgressContact>();
  readonly #reported = new Set<string>();
  readonly #wakeUp = new WakeUp();

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
    if (!this.#reported.has(key)) this.#wakeUp.raise();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { configd, clock } = this.#parts;
    while (!signal.aborted) {
      await this.#wakeUp.wait(clock, reportEveryMs, signal).catch(ignoringAbort(signal));
      if (signal.aborted) return;
      this.#wakeUp.clear();
      const contacts = [...this.#waiting.values()];
      if (contacts.length === 0) continue;
      this.#waiting.clear();
      try {
        await configd.call("egressSeen", { contacts }, signal);
        for (const { by, host, port, protocol } of contacts)
          this.#remember(`${by} ${host} ${port} ${protocol}`);
      } catch (error) {
        if (!signal.aborted && !(error instanceof OutriderError)) throw error;
        // configd is being restarted: count these again, together with those that come meanwhile.
        for (const { count, at, ...contact } of contacts)
          for (let turn = 0; turn < Math.min(count, 1000); turn++) this.record(contact);
        await clock.sleep(retryMs, signal).catch(ignoringAbort(signal));
      }
    }
  }

  #remember(key: string): void {
    if (this.#reported.size >= mostWaiting) this.#reported.clear();
    this.#reported.add(key);
  }
}
