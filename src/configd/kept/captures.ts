import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ignoring } from "../../base/missing-file.ts";

const mostCaptures = 3;

/** What a reader of a support bundle has to know of them. */
export const capturesNote = `These packets were taken at an operator's request (pcap, for Wireshark or tcpdump).
Headers are kept, and what the network says of itself: ARP, neighbour discovery, DNS, DHCP, time,
LLDP, and the hellos of TLS. All other contents were cut off before anything was written, so that no
login at a proxy is in here: not Basic, Digest, NTLM, Kerberos or SOCKS5.
`;

/**
 * The last packet captures, in memory until the next restart (/run is a tmpfs): the support bundles
 * take them along.
 */
export class Captures {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps one, and lets the oldest go. */
  async keep(role: "lan" | "wan", nowMs: number, content: Uint8Array): Promise<string> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, "");
    const name = `capture-${role}-${time}.pcap`;
    await writeFile(join(this.#folder, name), content, { mode: 0o600 });
    const names = await this.names();
    for (const old of names.slice(0, Math.max(0, names.length - mostCaptures)))
      await rm(join(this.#folder, old), { force: true });
    return name;
  }

  /** Oldest first. */
  async names(): Promise<string[]> {
    const found = await readdir(this.#folder).catch(ignoring("none was made", "ENOENT"));
    return (found ?? [])
      .filter((name) => /^capture-(?:lan|wan)-[0-9TZ]{16}\.pcap$/.test(name))
      .sort((a, b) => (a.slice(12) < b.slice(12) ? -1 : 1));
  }

  /** `name` is one of `names`. */
  read(name: string): Promise<Buffer> {
    return readFile(join(this.#folder, name));
  }
}
