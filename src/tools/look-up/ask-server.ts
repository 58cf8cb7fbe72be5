import { promises as dns } from "node:dns";
import { isIP, isIPv6 } from "node:net";
import type { RecordType } from "../../configd/api/tool-names.ts";
import { relayTo } from "../../transport/stages/dns-relay.ts";
import { plainText } from "../program/plain-text.ts";

export interface Question {
  name: string;
  type: RecordType;
}

/** What one server said. */
export interface ServerAnswer {
  server: string;
  milliseconds: number;
  /** As a person reads them, as "10 mail.example.org"; sorted. Empty unless `outcome` is found. */
  records: readonly DnsRecord[];
  outcome: "found" | "no-name" | "no-record" | "refused" | "silent";
  /** The resolver's name of what went wrong, as SERVFAIL; "" when found. */
  said: string;
}

export interface DnsRecord {
  type: string;
  text: string;
  /** In seconds; null where the resolver does not tell it. */
  ttl: number | null;
}

/** c-ares waits twice as long for the second try, and adds up to half: 6.75 s at most. */
const firstTryMs = 1500;
const mostRecords = 30;

/**
 * Asks one DNS server itself, not the resolver of this machine. TCP follows where the answer does not
 * fit. Never rejects.
 *
 * @param server a link-local one with its zone
 */
export async function askServer(
  server: string,
  { name, type }: Question,
  stop: AbortSignal,
  port?: number,
): Promise<ServerAnswer> {
  const startedMs = performance.now();
  const relay = server.includes("%") ? await relayTo(server) : null;
  const resolver = new dns.Resolver({ timeout: firstTryMs, tries: 2 });
  const cancel = () => resolver.cancel();
  stop.addEventListener("abort", cancel, { once: true });
  const answered = (rest: Pick<ServerAnswer, "records" | "outcome" | "said">): ServerAnswer => ({
    server,
    milliseconds: Math.round(performance.now() - startedMs),
    ...rest,
  });
  try {
    stop.throwIfAborted();
    const place = isIPv6(server) ? `[${server}]` : server;
    resolver.setServers([relay?.address ?? (port === undefined ? place : `${place}:${port}`)]);
    const records = await ask(resolver, name, type);
    return records.length === 0
      ? answered({ records, outcome: "no-record", said: "NODATA" })
      : answered({ records, outcome: "found", said: "" });
  } catch (error) {
    const code = codeOf(error);
    return answered({ records: [], outcome: outcomes[code] ?? "silent", said: code.slice(1, 40) });
  } finally {
    stop.removeEventListener("abort", cancel);
    relay?.close();
  }
}

/** Node's names of what c-ares reports. */
const outcomes: Readonly<Record<string, ServerAnswer["outcome"]>> = {
  ENOTFOUND: "no-name",
  ENODATA: "no-record",
  EREFUSED: "refused",
  ESERVFAIL: "refused",
  ENOTIMP: "refused",
  EFORMERR: "refused",
  EBADRESP: "refused",
};

async function ask(resolver: dns.Resolver, name: string, type: RecordType): Promise<DnsRecord[]> {
  if (type !== "address") return sorted(await recordsOf(resolver, name, type));
  const both = await Promise.allSettled(
    (["A", "AAAA"] as const).map((each) => recordsOf(resolver, name, each)),
  );
  const found = both.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
  if (found.length > 0) return sorted(found);
  // Where one query failed, the name may have an address after all: that is what is told.
  const causes = both.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  const fault = causes.find((cause) => !/^ENO(?:DATA|TFOUND)$/.test(codeOf(cause)));
  // An answer that is an alias alone, of a name without addresses, is no error to c-ares.
  if (fault === undefined && causes.length < both.length) return [];
  throw fault ?? causes[0];
}

const sorted = (records: readonly DnsRecord[]): DnsRecord[] =>
  [...records].sort((a, b) => (`${a.type} ${a.text}` < `${b.type} ${b.text}` ? -1 : 1));

async function recordsOf(
  resolver: dns.Resolver,
  name: string,
  type: Exclude<RecordType, "address">,
): Promise<DnsRecord[]> {
  const plain = (texts: readonly string[]) => texts.map((text) => ({ text, ttl: null }));
  const found = await read();
  return found.slice(0, mostRecords).map(({ text, ttl }) => ({ type, text: plainText(text), ttl }));

  async function read(): Promise<{ text: string; ttl: number | null }[]> {
    switch (type) {
      case "A":
        return (await resolver.resolve4(name, { ttl: true })).map(withTtl);
      case "AAAA":
        return (await resolver.resolve6(name, { ttl: true })).map(withTtl);
      case "PTR":
        return plain(
          isIP(name) === 0 ? await resolver.resolvePtr(name) : await resolver.reverse(name),
        );
      case "CNAME":
        return plain(await resolver.resolveCname(name));
      case "NS":
        return plain(await resolver.resolveNs(name));
      case "MX":
        return plain(
          (await resolver.resolveMx(name)).map((each) => `${each.priority} ${each.exchange}`),
        );
      case "TXT":
        return plain((await resolver.resolveTxt(name)).map((parts) => `"${parts.join("")}"`));
      case "SRV":
        return plain(
          (await resolver.resolveSrv(name)).map(
            (each) => `${each.priority} ${each.weight} ${each.port} ${each.name}`,
          ),
        );
      case "SOA": {
        const soa = await resolver.resolveSoa(name);
        const times = [soa.refresh, soa.retry, soa.expire, soa.minttl];
        return plain([`${soa.nsname} ${soa.hostmaster} ${soa.serial} ${times.join(" ")}`]);
      }
      case "CAA":
        return plain(
          (await resolver.resolveCaa(name)).map(
            ({ critical, ...tags }) =>
              `${critical} ${Object.entries(tags)
                .filter(([tag]) => tag !== "type")
                .map(([tag, value]) => `${tag} "${value}"`)
                .join(" ")}`,
          ),
        );
    }
  }
}

const withTtl = ({ address, ttl }: { address: string; ttl: number }) => ({ text: address, ttl });

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
