import { isIP } from "node:net";
import { formatIpv4, maskOf, parseIpv4 } from "../base/addresses/ipv4.ts";
import { type Fact, fact } from "../base/messages/facts.ts";
import type { InterfaceFacts } from "../network/live-model.ts";
import type { CheckResult } from "../protocol/schemas/check-result.ts";
import { namedProxy } from "../settings/proxy-address.ts";
import { checkAddress } from "./checks/address.ts";
import { judgeClock } from "./checks/clock.ts";
import { checkDns } from "./checks/dns.ts";
import { checkGateway } from "./checks/gateway.ts";
import { checkLink } from "./checks/link.ts";
import { faultOfProxy, isOfTheDestination, judgeProxy, proxyCheck } from "./checks/proxy.ts";
import {
  probeService,
  type ServiceProbe,
  type ServiceTarget,
  serviceCheck,
} from "./checks/service.ts";
import { faultOfTls, isSilent, judgeTls, tlsCheck } from "./checks/tls.ts";
import { firewallRule } from "./firewall-rule.ts";
import { adding, type CheckSubject, skipped } from "./outcome.ts";
import { checkOf, type Role } from "./role.ts";
import type { Surroundings } from "./surroundings.ts";

/** A check of the path by its kind ("dns") or its id ("service:health"); null is all of them. */
export type Only = string | null;

/**
 * Runs the checks along the path and gives each result as it comes. A check whose footing failed is
 * skipped with the reason, so that the first failure is the cause and nothing waits for what cannot
 * work. Everything that is tried has a time limit, and what does not depend on each other is tried
 * at once: any dead hop has a name within 15 s.
 *
 * With `only`, one check or one kind of them is looked at again: nothing else is tried, so its
 * footing is taken for granted.
 */
export async function* runChecks(
  surroundings: Surroundings,
  signal: AbortSignal,
  only: Only = null,
): AsyncGenerator<CheckResult> {
  for await (const result of runAll(surroundings, signal, only))
    if (isWanted(only, result)) yield result;
}

async function* runAll(
  surroundings: Surroundings,
  signal: AbortSignal,
  only: Only,
): AsyncGenerator<CheckResult> {
  const { configuration } = surroundings;
  const wants = (check: CheckResult["check"]) => only === null || only.split(":", 1)[0] === check;
  const allTargets = serviceTargets(surroundings);
  const named = allTargets.filter((target) => isWanted(only, serviceCheck(target)));
  const targets = named.length > 0 ? named : allTargets.slice(0, only === null ? undefined : 1);
  const split = configuration.managementDevice !== null;
  const role: Role = split ? "wan" : "lan";
  const device = split ? configuration.managementDevice : configuration.scanDevice;
  const interfaces = await surroundings.interfaces();
  const facts = interfaces.find((entry) => entry.name === device);
  // Scans are another matter than calling home: nothing stands on these.
  if (split)
    yield* checkScanSide(
      interfaces.find((entry) => entry.name === configuration.scanDevice),
      configuration.scanDevice,
    );

  const link = checkLink(role, device, facts);
  yield link;
  if (link.outcome !== "ok" || !facts)
    return yield* skipAll(
      ["address", "gateway", "dns", ...beyondLink],
      fact("after-link"),
      targets,
      role,
    );
  const address = checkAddress(role, facts);
  yield address;
  if (address.outcome !== "ok")
    return yield* skipAll(["gateway", "dns", ...beyondLink], fact("after-address"), targets, role);
  const gateway = wants("gateway") ? await checkGateway(role, facts, surroundings, signal) : null;
  if (gateway) yield gateway;

  const beyond = (host: string): Fact | null =>
    gateway === null ||
    gateway.outcome === "ok" ||
    isIP(host) === 0 ||
    facts.addresses.some((own) => sharesNetwork(own, host))
      ? null
      : fact("after-gateway-beyond");
  const next = firstHost(surroundings, allTargets);
  const name = next !== null && isIP(next) === 0 && next !== "localhost" ? next : null;
  const dns = wants("dns")
    ? await checkDns({ servers: facts.dns, name, unreachableBecause: beyond }, surroundings, signal)
    : null;
  if (dns) yield* dns;
  if (!beyondLink.some(wants)) return;

  const blocked = reasonNotToGo(dns, name, next, beyond);
  if (blocked !== null) return yield* skipAll(beyondLink, blocked, targets, role);
  if (targets.length === 0)
    return yield* skipAll(beyondLink, fact("no-platform-set"), targets, role);
  const ways = await goAll(targets, surroundings, signal);
  const [first] = ways;
  const silent = isSilent(ways.filter((way) => "result" in way));
  const small =
    silent && first && "result" in first
      ? await probeService(first.target, surroundings, signal, true)
      : null;
  yield* judgeWays(surroundings, ways, small, facts.addresses[0] ?? "", only);
}

/** What the ways to the services say of the proxy, of TLS, of themselves and of the clock. */
function* judgeWays(
  { configuration }: Surroundings,
  ways: readonly (ServiceProbe | ServiceTarget)[],
  small: ServiceProbe | null,
  own: string,
  only: Only,
): Generator<CheckResult> {
  const probes = ways.filter((way) => "result" in way);
  const withRule = (
    result: CheckResult,
    place: { host: string; port: number } | null,
    probe: ServiceProbe | undefined,
  ): CheckResult =>
    place && probe ? adding(result, firewallRule(result.code, own, place, probe.stages)) : result;

  const proxy = judgeProxy(configuration.proxy, probes).map((result) =>
    withRule(result, placeOf(result, configuration.proxy), probes[0]),
  );
  yield* proxy;
  const proxyFails = proxy.some(({ outcome }) => outcome === "failed");
  const tls = judgeTls(probes, small);
  const [first] = probes;
  yield configuration.proxy.kind === "none" && first
    ? withRule(tls, placeOfUrl(first.target.url), first)
    : tls;
  for (const way of ways) {
    if (!("result" in way)) yield skipped(serviceCheck(way), fact("after-proxy"));
    else if (only === null && proxyFails && faultOfProxy(way))
      yield skipped(way.check, fact("after-proxy"));
    else if (only === null && tls.outcome === "failed" && faultOfTls(way))
      yield skipped(way.check, fact("after-tls"));
    else
      yield way.route?.proxy || isOfTheDestination(way)
        ? way.result
        : withRule(way.result, placeOfUrl(way.target.url), way);
  }
  yield judgeClock(probes);
}

/**
 * Goes to all services at once; where a password is said on the way first to one of them alone:
 * five tries with a wrong one would bring an account five steps nearer to being locked. Those that
 * were not tried are given back as they are.
 */
async function goAll(
  targets: readonly ServiceTarget[],
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<(ServiceProbe | ServiceTarget)[]> {
  const { proxy } = surroundings.configuration;
  const [first, ...others] = targets;
  if (proxy.kind === "none" || proxy.user === "" || !first) {
    const probes = await Promise.all(
      targets.map((target) => probeService(target, surroundings, signal)),
    );
    return askSilentAgain(probes, surroundings, signal);
  }
  const probe = await probeService(first, surroundings, signal);
  if (probe.error?.code.startsWith("proxy-authentication")) return [probe, ...others];
  return [
    probe,
    ...(await Promise.all(others.map((target) => probeService(target, surroundings, signal)))),
  ];
}

/**
 * Who rejects by ICMP does so sparingly (RFC 1812 section 4.3.2.8; Linux answers six at once and
 * then one a second for each sender), and all ways at once, with the agent's beside them, are more
 * than that. So silence beside a rejection may be a rejection that was not said: it is asked once
 * more, by fewer.
 */
async function askSilentAgain(
  probes: readonly ServiceProbe[],
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<ServiceProbe[]> {
  if (
    !probes.some(
      ({ error }) => error?.code === "connect-refused" || error?.code === "connect-unreachable",
    )
  )
    return [...probes];
  return Promise.all(
    probes.map((probe) =>
      probe.error?.code === "connect-silent"
        ? probeService(probe.target, surroundings, signal)
        : probe,
    ),
  );
}

const beyondLink = ["proxy", "tls", "service", "clock"] as const;

function isWanted(only: Only, { id, check }: Pick<CheckSubject, "id" | "check">): boolean {
  return only === null || only === check || only === id;
}

function* checkScanSide(
  facts: InterfaceFacts | undefined,
  device: string | null,
): Generator<CheckResult> {
  const link = checkLink("lan", device, facts);
  yield link;
  yield link.outcome === "ok" && facts
    ? checkAddress("lan", facts)
    : skipped(checkOf("address", "lan"), fact("after-link"));
}

/**
 * The first host on the way, whose name has to be found: the proxy, the PAC file's server, or the
 * platform.
 */
function firstHost(
  { configuration: { proxy } }: Surroundings,
  targets: readonly ServiceTarget[],
): string | null {
  const pac = proxy.kind === "pac" && URL.canParse(proxy.url) ? new URL(proxy.url).hostname : null;
  return namedProxy(proxy)?.host ?? pac ?? targets[0]?.url.hostname ?? null;
}

function placeOf(
  result: CheckResult,
  proxy: Surroundings["configuration"]["proxy"],
): { host: string; port: number } | null {
  if (result.id === "proxy:pac")
    return proxy.kind === "pac" && URL.canParse(proxy.url) ? placeOfUrl(new URL(proxy.url)) : null;
  return namedProxy(proxy);
}

function placeOfUrl(url: URL): { host: string; port: number } {
  const port = url.port === "" ? (url.protocol === "http:" ? 80 : 443) : Number(url.port);
  return { host: url.hostname, port };
}

/**
 * Why the way to `next`, the first host on it, need not be tried; `name` is what DNS has to find
 * for it.
 */
function reasonNotToGo(
  dns: readonly CheckResult[] | null,
  name: string | null,
  next: string | null,
  beyond: (host: string) => Fact | null,
): Fact | null {
  if (name !== null && dns && !dns.some((result) => result.outcome === "ok"))
    return fact(
      dns.every((result) => result.outcome === "skipped") ? "after-dns-beyond" : "after-dns",
    );
  return next === null || beyond(next) === null ? null : fact("after-gateway");
}

/** Before the enrolment only the platform's own address is known, after it the five services'. */
function serviceTargets({ configuration, platform }: Surroundings): ServiceTarget[] {
  if (platform !== null)
    return Object.entries(platform.configuration.directory.services).map(([name, url]) => ({
      name,
      url: new URL(url),
    }));
  if (configuration.platformUrl === null) return [];
  return [{ name: "platform", url: new URL("/.well-known/outrider", configuration.platformUrl) }];
}

function* skipAll(
  checks: readonly Exclude<CheckResult["check"], "link">[],
  because: Fact,
  targets: readonly ServiceTarget[],
  role: Role,
): Generator<CheckResult> {
  for (const check of checks) {
    if (check === "address" || check === "gateway") yield skipped(checkOf(check, role), because);
    else if (check === "dns")
      yield skipped({ id: "dns:none", check, subject: "DNS servers" }, because);
    else if (check === "proxy") yield skipped(proxyCheck, because);
    else if (check === "tls") yield skipped(tlsCheck, because);
    else if (check === "clock") yield skipped({ id: "clock", check, subject: "clock" }, because);
    else if (targets.length === 0)
      yield skipped({ id: "service:platform", check, subject: "platform" }, because);
    else for (const target of targets) yield skipped(serviceCheck(target), because);
  }
}

/** Whether a host is a neighbour on the network of `own`, an address with prefix. */
export function sharesNetwork(own: string, host: string): boolean {
  const [text = "", prefix = ""] = own.split("/");
  const [a, b] = [parseIpv4(text), parseIpv4(host)];
  if (!a.ok || !b.ok) return false;
  const mask = maskOf(Number(prefix));
  return formatIpv4((a.value & mask) >>> 0) === formatIpv4((b.value & mask) >>> 0);
}
