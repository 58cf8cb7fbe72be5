import { writeDurably } from "../../base/durable-file.ts";
import { readTextIfPossible } from "../../base/missing-file.ts";
import type { ConfiguredDestination } from "../api/configured-destinations.ts";
import type { EgressContact, EgressEntry, EgressFile } from "../api/egress.ts";
import { validators } from "./validators.ts";

/** The limits of the schema. It is not imported, because the bundles have no TypeBox. */
const mostEntries = 500;
const mostAddresses = 16;

/**
 * The egress ledger: every destination that this appliance has contacted, with the program and the
 * reason, for comparison with a firewall's log. It is on the disk and bounded: the destinations that
 * were not contacted for longest make room, and `dropped` counts them.
 */
export class EgressLedger {
  readonly #path: string;
  readonly #nowMs: () => number;
  #loaded: Promise<EgressFile> | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, nowMs: () => number) {
    this.#path = path;
    this.#nowMs = nowMs;
  }

  /** Newest first. */
  async read(): Promise<EgressFile> {
    const { entries, dropped } = await this.#load();
    return { entries: [...entries].sort((a, b) => b.lastAt - a.lastAt), dropped };
  }

  /** On disk when this returns. */
  async record(contacts: readonly EgressContact[]): Promise<void> {
    const file = await this.#load();
    for (const { count, at, addresses, ...destination } of contacts) {
      const known = file.entries.find(sameAs(destination));
      if (!known) file.entries.push({ ...destination, addresses, firstAt: at, lastAt: at, count });
      else {
        if (destination.reason === undefined) delete known.reason;
        Object.assign(known, destination);
        known.lastAt = Math.max(known.lastAt, at);
        known.count = (known.count ?? 0) + count;
        known.addresses = [
          ...new Set([
            ...known.addresses.filter((each) => !addresses.includes(each)),
            ...addresses,
          ]),
        ].slice(-mostAddresses);
      }
    }
    await this.#write(file);
  }

  /**
   * Records the destinations of the system's services. Writes at once when one is new, else only the
   * next write has their time.
   */
  async note(destinations: readonly ConfiguredDestination[]): Promise<void> {
    const file = await this.#load();
    const now = this.#nowMs();
    let isNew = false;
    for (const destination of destinations) {
      const known = file.entries.find(sameAs(destination));
      if (known) Object.assign(known, destination, { lastAt: now });
      else {
        file.entries.push({
          ...destination,
          addresses: [],
          firstAt: now,
          lastAt: now,
          count: null,
        });
        isNew = true;
      }
    }
    if (isNew) await this.#write(file);
  }

  async #load(): Promise<EgressFile> {
    this.#loaded ??= readTextIfPossible(this.#path).then((text) => readEgressFile(text ?? ""));
    return this.#loaded;
  }

  #write(file: EgressFile): Promise<void> {
    if (file.entries.length > mostEntries) {
      file.entries.sort((a, b) => b.lastAt - a.lastAt);
      file.dropped += file.entries.length - mostEntries;
      file.entries.length = mostEntries;
    }
    const text = JSON.stringify(file);
    this.#writing = this.#writing
      // The caller of the write before got its error.
      .catch(() => undefined)
      .then(() => writeDurably(this.#path, text, { mode: 0o640 }));
    return this.#writing;
  }
}

/** Reads egress.json. A damaged file counts as empty: it must not keep configd from working. */
export function readEgressFile(text: string): EgressFile {
  try {
    const read = validators.EgressFile(JSON.parse(text));
    return read.valid ? read.value : { entries: [], dropped: 0 };
  } catch {
    return { entries: [], dropped: 0 };
  }
}

function sameAs(
  one: Pick<EgressEntry, "by" | "host" | "port" | "protocol">,
): (other: EgressEntry) => boolean {
  return ({ by, host, port, protocol }) =>
    by === one.by && host === one.host && port === one.port && protocol === one.protocol;
}
