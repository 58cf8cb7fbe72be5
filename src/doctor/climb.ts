import { isIP } from "node:net";
import { formatIpv4, maskOf, parseIpv4 } from "../settings/ipv4.ts";
import { namedProxy } from "../settings/proxy-place.ts";
import { addressRung, checkAddress } from "./checks/address.ts";
import { checkDns } from "./checks/dns.ts";
import { checkGateway, gatewayRung } from "./checks/gateway.ts";
import { checkLink } from "./checks/link.ts";
import { faultOfProxy, judgeProxy, proxyRung } from "./checks/proxy.ts";
import { probeService, type ServiceTarget } from "./checks/service.ts";
import { skipped } from "./outcome.ts";
import type { RungResult } from "./result.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * Climbs the path rung by rung and gives each result as it comes. A rung whose footing failed is skipped with the reason, so that
 * the first failure is the cause and nothing waits for what cannot work. Everything that is tried has a time limit, and what
 * does not depend on each other is tried at once: any dead hop has a name within 15 s.
 */
export async function* climb(surroundings: Surroundings, signal: AbortSignal): AsyncGenerator<RungResult> {
  const { configuration } = surroundings;
  const targets = serviceTargets(surroundings);
  const device = configuration.scanDevice;
  const facts = (await surroundings.interfaces()).find((entry) => entry.name === device);

  const link = checkLink(device, facts);
  yield link;
  if (link.outcome !== "ok" || !facts) return yield* skipAll(["address", "gateway", "dns", "proxy", "service"], "there is no link", targets);
  const address = checkAddress(facts);
  yield address;
  if (address.outcome !== "ok") return yield* skipAll(["gateway", "dns", "proxy", "service"], "there is no address", targets);
  const gateway = await checkGateway(facts, surroundings, signal);
  yield gateway;

  const beyond = (host: string): string | null =>
    gateway.outcome === "ok" || isIP(host) === 0 || facts.addresses.some((own) => sharesNetwork(own, host)) ? null : "it is beyond the gateway";
  const next = namedProxy(configuration.proxy)?.host ?? targets[0]?.url.hostname ?? null;
  const name = next !== null && isIP(next) === 0 && next !== "localhost" ? next : null;
  const dns = await checkDns({ servers: facts.dns, name, unreachableBecause: beyond }, surroundings, signal);
  yield* dns;

  const blocked = reasonNotToGo(dns, name, next, beyond);
  if (blocked !== null) return yield* skipAll(["proxy", "service"], blocked, targets);
  if (targets.length === 0) return yield* skipAll(["proxy", "service"], "no platform is set yet", targets);
  const probes = await Promise.all(targets.map((target) => probeService(target, surroundings, signal)));
  const proxy = judgeProxy(configuration.proxy, probes);
  yield proxy;
  for (const probe of probes) yield proxy.outcome === "failed" && faultOfProxy(probe) ? skipped(probe.rung, "the proxy fails") : probe.result;
}

/** Why the way to `next`, the first host on it, need not be tried; `name` is what DNS has to find for it. */
function reasonNotToGo(dns: readonly RungResult[], name: string | null, next: string | null, beyond: (host: string) => string | null): string | null {
  if (name !== null && !dns.some((result) => result.outcome === "ok"))
    return dns.every((result) => result.outcome === "skipped") ? "the DNS servers are beyond the gateway" : "no DNS server answers";
  return next === null || beyond(next) === null ? null : "the gateway does not answer";
}

/** Before the enrolment only the platform's own address is known, after it the five services'. */
function serviceTargets({ configuration, platform }: Surroundings): ServiceTarget[] {
  if (platform !== null) return Object.entries(platform.configuration.directory.services).map(([name, url]) => ({ name, url: new URL(url) }));
  if (configuration.platformUrl === null) return [];
  return [{ name: "platform", url: new URL("/.well-known/outrider", configuration.platformUrl) }];
}

function* skipAll(
  rungs: readonly ("address" | "gateway" | "dns" | "proxy" | "service")[],
  because: string,
  targets: readonly ServiceTarget[],
): Generator<RungResult> {
  for (const rung of rungs) {
    if (rung === "address") yield skipped(addressRung, because);
    else if (rung === "gateway") yield skipped(gatewayRung, because);
    else if (rung === "dns") yield skipped({ id: "dns:none", rung, subject: "DNS servers" }, because);
    else if (rung === "proxy") yield skipped(proxyRung, because);
    else if (targets.length === 0) yield skipped({ id: "service:platform", rung, subject: "platform" }, because);
    else for (const { name, url } of targets) yield skipped({ id: `service:${name}`, rung, subject: `${name}, ${url.host}` }, because);
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
