import { type Fact, fact, withDetail } from "../base/messages/facts.ts";
import type { LiveInterface } from "../configd/machine/system.ts";
import type { CheckResult } from "../protocol/schemas/check-result.ts";
import type { TypedInterface, TypedSettings } from "../settings/typed-settings.ts";
import type { DescribedMachine } from "./described-machine.ts";

/** What the doctor would find of a typed network on the described machine. */
export function describedTypedNetwork(
  { surroundings }: DescribedMachine,
  typed: Pick<TypedSettings, "interfaces">,
  present: readonly LiveInterface[],
): CheckResult[] {
  const isOnline = present.some(({ linkUp, addresses }) => linkUp && addresses.length > 0);
  return typed.interfaces.flatMap((each) => {
    const card = present.find(({ name }) => name === each.device);
    const link = linkResult(each, card);
    if (link.outcome !== "ok" || card === undefined) return [link];
    const gateways = each.gateways.map((host) => {
      const place = { address: host, device: card.name };
      const id = `gateway:${each.role}`;
      return surroundings.gateways.includes(host)
        ? result(id, "gateway", `gateway ${host}`, "ok", fact("gateway-answers", place))
        : failed(id, "gateway", `gateway ${host}`, "gateway-silent", fact("gateway-asked", place));
    });
    return [
      link,
      addressResult(each, card),
      ...gateways,
      ...dnsResults(each, surroundings, isOnline),
    ];
  });
}

function linkResult(
  { role, device }: TypedInterface,
  card: LiveInterface | undefined,
): CheckResult {
  const id = `link:${role}`;
  const subject = `${role.toUpperCase()} link, ${device ?? "no card"}`;
  if (card === undefined)
    return failed(id, "link", subject, "interface-missing", fact("card-missing", { device: "" }));
  const { name, macAddress: mac } = card;
  return card.linkUp
    ? result(id, "link", subject, "ok", fact("card-up", { mac }))
    : failed(id, "link", subject, "link-down", fact("card-down", { device: name, mac }));
}

function addressResult(
  { role, byDhcp, addresses }: TypedInterface,
  card: LiveInterface,
): CheckResult {
  const id = `address:${role}`;
  const subject = `${role.toUpperCase()} address`;
  const [own] = addresses;
  if (byDhcp || own === undefined)
    return result(id, "address", subject, "skipped", fact("typed-dhcp"));
  const [address = own] = own.split("/", 1);
  const free = fact("typed-address-free", { address, device: card.name });
  return result(id, "address", subject, "ok", free);
}

function dnsResults(
  { dns }: TypedInterface,
  { dnsServers }: DescribedMachine["surroundings"],
  isOnline: boolean,
): CheckResult[] {
  return dns.map((server) => {
    const id = `dns:${server}`;
    const subject = `DNS server ${server}`;
    if (!isOnline) return result(id, "dns", subject, "skipped", fact("typed-offline"));
    return dnsServers.includes(server)
      ? result(id, "dns", subject, "ok", fact("dns-answers"))
      : failed(id, "dns", subject, "dns-silent", fact("dns-asked", { server, said: "ETIMEOUT" }));
  });
}

function result(
  id: string,
  check: string,
  subject: string,
  outcome: "ok" | "skipped",
  found: Fact,
): CheckResult {
  return { id, check, subject, outcome, code: null, durationMs: 1, ...withDetail(found) };
}

function failed(
  id: string,
  check: string,
  subject: string,
  code: string,
  found: Fact,
): CheckResult {
  return { id, check, subject, outcome: "failed", code, durationMs: 1, ...withDetail(found) };
}
