import { familyOf } from "../../base/addresses/neighbours.ts";
import { fact } from "../../base/messages/facts.ts";
import type { InterfaceFacts } from "../../network/live-model.ts";
import type { Check } from "../check/check.ts";
import { type Finding, failed, failedBy, ok } from "../check/findings.ts";
import type { Subject } from "../check/subject.ts";
import type { Path } from "../path/path.ts";
import { address } from "./address.ts";

/**
 * Whether the gateways answer on the link itself (ARP, or neighbour discovery of RFC 4861): many do
 * not answer to ping.
 */
export const gateway: Check = {
  id: "gateway",
  needs: [address],
  role: "management",
  subjects: (path) => subjectsOf(path),
  summary: ({ role }) => ({ id: `gateway:${role}`, subject: "gateway" }),
  async run(subject, path) {
    const { requiredFacts, surroundings } = path;
    const { name: device } = requiredFacts;
    const { host } = subject;
    if (!host) return [withoutGateway(subject, requiredFacts)];
    const startedMs = surroundings.monotonicMs();
    const took = () => surroundings.monotonicMs() - startedMs;
    try {
      const place = { address: host, device };
      return [
        (await path.gatewayAnswers(host))
          ? ok(subject, fact("gateway-answers", place), took())
          : failed(subject, "gateway-silent", fact("gateway-asked", place), took()),
      ];
    } catch (error) {
      return [failedBy(subject, error, took())];
    }
  },
  /** A gateway that nothing on the path needs, beside one that answers, only slows it down. */
  conclude(findings, path) {
    const answering = new Set(
      subjectsOf(path).flatMap(({ id, host }) =>
        host && findings.some((found) => found.id === id && found.outcome === "ok")
          ? [familyOf(host)]
          : [],
      ),
    );
    if (answering.size === 0 || !hasWay(path, answering)) return findings;
    return findings.map((found) =>
      found.outcome === "failed" ? { ...found, outcome: "warning" } : found,
    );
  },
  async isNeededFor({ host }, path) {
    const next = host === undefined ? path.firstHost : host;
    return next !== null && path.isBeyondGateway(next) && !(await path.hasGatewayTo(next));
  },
  because: ({ host }) => fact(host ? "after-gateway-beyond" : "after-gateway"),
};

/**
 * Why there is no gateway follows from where the addresses are from: only with static ones is it the
 * settings that lack it. systemd-networkd ignores option 3 beside option 121 (RFC 3442).
 */
function withoutGateway(subject: Subject, { name: device, ...facts }: InterfaceFacts): Finding {
  const { dhcp, leasedRoutes, origins } = facts;
  if (origins.includes("static") || facts.addresses.length === 0)
    return failed(subject, "no-route", fact("no-gateway-on", { device }));
  if (!dhcp) return failed(subject, "router-not-default", fact("router-silent-on", { device }));
  const networks = leasedRoutes.slice(0, 4).join(", ");
  return failed(
    subject,
    "lease-without-gateway",
    networks === ""
      ? fact("lease-has-no-router", { device })
      : fact("lease-has-routes", { device, networks }),
  );
}

/** The first gateway has the id that a run without any has, the others have their address in it. */
function subjectsOf({ role, facts }: Path): Subject[] {
  const id = `gateway:${role}`;
  const gateways = facts?.gateways ?? [];
  if (gateways.length === 0) return [{ id, subject: "gateway", host: null }];
  return gateways.map((host, index) => ({
    id: index === 0 ? id : `${id}:${host}`,
    subject: `gateway ${host}`,
    host,
  }));
}

/** Whether the first host, or a DNS server that finds it, is reached with gateways of these families. */
function hasWay(path: Path, families: ReadonlySet<ReturnType<typeof familyOf>>): boolean {
  const isReached = (host: string) => !path.isBeyondGateway(host) || families.has(familyOf(host));
  const { firstHost } = path;
  if (firstHost === null) return true;
  if (familyOf(firstHost) !== null) return isReached(firstHost);
  return (path.facts?.dns ?? []).some(isReached);
}
