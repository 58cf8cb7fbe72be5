import { promises as dns } from "node:dns";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { abortReason, systemErrorCode } from "../wire/time-limit.ts";
import { serversBehindStub } from "./behind-stub.ts";
import { hasRoute } from "./own-route.ts";
import {
  addressesFromHosts,
  candidateNames,
  parseResolverFile,
  type ResolverFiles,
} from "./resolver-files.ts";
import { isUnusable } from "./unusable-addresses.ts";

/** Finds a host's addresses. Rejects with a dns-* error, and stops when the signal is aborted. */
export type Resolve = (host: string, signal: AbortSignal) => Promise<string[]>;

/**
 * c-ares waits twice as long for the second try, and adds up to half to each by chance: 2.7 s in
 * all. Both tries must end within the stage's limit, so that a silent server is not mistaken for a
 * missing name.
 */
export const defaultFirstTryMs = 600;

/**
 * Asks the DNS servers itself instead of calling getaddrinfo(3), which cannot be stopped and holds
 * one of the four threads that all file access shares: five services whose names do not resolve
 * would stop the spool as well. The files are read each time, since DHCP changes them.
 */
export function systemResolve(
  files: ResolverFiles = {
    hosts: "/etc/hosts",
    resolver: "/etc/resolv.conf",
    behindStub: "/run/systemd/resolve/resolv.conf",
    links: "/run/systemd/netif/links",
  },
  firstTryMs = defaultFirstTryMs,
  /** `all`: also addresses that no connection can be made to, as PAC files see them in browsers. */
  wanted: "usable" | "all" = "usable",
): Resolve {
  return async (host, signal) => {
    if (isIP(host) !== 0) return [host];
    const known = addressesFromHosts(await readFile(files.hosts, "utf8").catch(() => ""), host);
    if (known.length > 0) return known;
    // RFC 6761 section 6.3: never ask the network for localhost.
    if (host === "localhost") return ["127.0.0.1", "::1"];
    const { nameServers, search } = parseResolverFile(
      await readFile(files.resolver, "utf8").catch(() => ""),
    );
    if (nameServers.length === 0) throw new OutriderError("dns-no-server");
    let failure: OutriderError | null = null;
    for (const name of candidateNames(host, search)) {
      const toName = () => serversToName(nameServers, files);
      const asked = await ask(name, nameServers, firstTryMs, signal, toName);
      const found = Array.isArray(asked)
        ? asked
        : await ownFault(asked, { host, nameServers, files, firstTryMs, signal });
      const answer = wanted === "all" ? found : await usableOf(found, host, toName);
      if (Array.isArray(answer)) return answer;
      // A silent server explains more than another server that does not know the name.
      if (!failure || answer.code !== "dns-not-found") failure = answer;
    }
    throw failure ?? new OutriderError("dns-not-found", { detail: fact("name-unknown", { host }) });
  };
}

async function usableOf(
  found: string[] | OutriderError,
  host: string,
  toName: () => Promise<string>,
): Promise<string[] | OutriderError> {
  if (!Array.isArray(found)) return found;
  const usable = found.filter((address) => !isUnusable(address));
  if (usable.length > 0) return usable;
  const [addresses, servers] = [found.join(", "), await toName()];
  return new OutriderError("dns-blocked", {
    detail: fact("name-blocked", { host, addresses, servers }),
  });
}

async function ask(
  name: string,
  nameServers: readonly string[],
  firstTryMs: number,
  signal: AbortSignal,
  toName: () => Promise<string>,
): Promise<string[] | OutriderError> {
  signal.throwIfAborted();
  const resolver = new dns.Resolver({ timeout: firstTryMs, tries: 2 });
  try {
    resolver.setServers(nameServers.map((server) => server.split("%", 1)[0] ?? server));
  } catch {
    return new OutriderError("dns-no-server", {
      detail: fact("dns-servers-unusable", { servers: nameServers.join(", ") }),
    });
  }
  const stop = () => resolver.cancel();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const [version4, version6] = await Promise.allSettled([
      resolver.resolve4(name),
      resolver.resolve6(name),
    ]);
    if (signal.aborted) throw abortReason(signal);
    const addresses = [version4, version6].flatMap((each) =>
      each.status === "fulfilled" ? each.value : [],
    );
    if (addresses.length > 0) return addresses;
    // c-ares finds no fault in an answer that is an alias alone, of a name without addresses.
    const codes = [version4, version6].map((each) =>
      each.status === "rejected" ? systemErrorCode(each.reason) : "ENODATA",
    );
    return failureOf(codes, { host: name, servers: await toName() });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** The addresses of systemd-resolved itself (systemd-resolved.service(8)). */
const stubs: readonly string[] = ["127.0.0.53", "127.0.0.54"];

/** Of documentation (RFC 5737, RFC 3849), so that only a default route leads there. */
const anywhere = ["203.0.113.254", "2001:db8:ffff::1"];

interface RefusedQuestion {
  host: string;
  nameServers: readonly string[];
  files: ResolverFiles;
  firstTryMs: number;
  signal: AbortSignal;
}

/**
 * systemd-resolved answers REFUSED or SERVFAIL itself where it has no server to ask, no way to one,
 * or where a gateway that is not there makes it give up: then no server refused anything. So the
 * servers behind it are asked once more, past it.
 */
async function ownFault(
  failure: OutriderError,
  { host, nameServers, files, firstTryMs, signal }: RefusedQuestion,
): Promise<OutriderError> {
  if (failure.code !== "dns-refused") return failure;
  if (!nameServers.every((server) => stubs.includes(server))) return failure;
  const behind = await serversBehindStub(files);
  if (behind === null) return failure;
  const ways = await Promise.all((behind.length > 0 ? behind : anywhere).map(hasRoute));
  if (!ways.includes(true))
    return new OutriderError("no-route", {
      detail:
        behind.length > 0
          ? fact("name-no-way", { host, servers: behind.join(", ") })
          : fact("name-needed", { host }),
    });
  if (behind.length === 0) return new OutriderError("dns-no-server");
  if (await anyAnswers(behind, host, firstTryMs, signal)) return failure;
  return new OutriderError("dns-silent", {
    detail: fact("name-asked", { host, servers: behind.join(", ") }),
  });
}

/** Whether one of the servers answers anything at all. */
async function anyAnswers(
  servers: readonly string[],
  host: string,
  limitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  // c-ares has no zones, so that it cannot ask a link-local server: it is taken to answer.
  if (servers.some((server) => server.includes("%"))) return true;
  const resolver = new dns.Resolver({ timeout: limitMs, tries: 1 });
  const stop = () => resolver.cancel();
  signal.addEventListener("abort", stop, { once: true });
  try {
    resolver.setServers(servers.map((server) => (isIP(server) === 6 ? `[${server}]` : server)));
    await resolver.resolve4(host);
    return true;
  } catch (error) {
    return !["ETIMEOUT", "ECONNREFUSED", "ECANCELLED"].includes(systemErrorCode(error));
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** The DNS servers as an operator knows them. */
async function serversToName(
  nameServers: readonly string[],
  files: ResolverFiles,
): Promise<string> {
  const behind = nameServers.every((server) => stubs.includes(server))
    ? ((await serversBehindStub(files)) ?? [])
    : [];
  return (behind.length > 0 ? behind : nameServers).join(", ");
}

/**
 * Node's names of the responses by which a server says that it will not or cannot answer, and of one
 * that cannot be read.
 */
const refusals: readonly string[] = ["ESERVFAIL", "EREFUSED", "EFORMERR", "ENOTIMP", "EBADRESP"];

/**
 * The more specific failure of the two queries (IPv4 and IPv6). That there is no such name holds for
 * both (RFC 2308 section 2.1), that it has no address of a family says nothing of the other: where
 * that query failed, the name may exist. systemd-resolved answers SERVFAIL for servers that fail or
 * refuse.
 */
function failureOf(
  codes: readonly string[],
  question: { host: string; servers: string },
): OutriderError {
  if (codes.includes("ENOTFOUND") || codes.every((code) => code === "ENODATA"))
    return new OutriderError("dns-not-found", { detail: fact("name-asked", question) });
  const answered = codes.find((code) => refusals.includes(code));
  return answered
    ? new OutriderError("dns-refused", {
        detail: fact("name-refused", { ...question, said: answered.slice(1) }),
      })
    : new OutriderError("dns-silent", { detail: fact("name-asked", question) });
}
