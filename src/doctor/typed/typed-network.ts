import { type Family, formatAddress } from "../../base/addresses/address.ts";
import { familyOf, isLinkLocal } from "../../base/addresses/neighbours.ts";
import { parsePrefix } from "../../base/addresses/prefix.ts";
import { fact } from "../../base/messages/facts.ts";
import type { InterfaceFacts } from "../../network/live-model.ts";
import type { TypedInterface, TypedSettings } from "../../settings/typed-settings.ts";
import type { Check } from "../check/check.ts";
import { type Finding, failed, failedBy, ok, skipped, withFacts } from "../check/findings.ts";
import type { Subject } from "../check/subject.ts";
import { link } from "../checks/link.ts";
import type { Path } from "../path/path.ts";
import type { Surroundings } from "../path/surroundings.ts";

/** Whether somebody on the link has the address; null where that cannot be asked. */
export type IsTaken = (
  device: string,
  address: string,
  signal: AbortSignal,
) => Promise<boolean | null>;

/** The surroundings of the checks of a typed network: its cards in its roles. */
export function typedSurroundings(
  present: Surroundings,
  { configuration, interfaces }: TypedSettings,
): Surroundings {
  const deviceOf = (role: TypedInterface["role"]) =>
    interfaces.find((each) => each.role === role)?.device ?? null;
  return {
    ...present,
    configuration: {
      ...configuration,
      scanDevice: deviceOf("lan"),
      mode: interfaces.some(({ role }) => role === "wan") ? "split" : "single",
      managementDevice: deviceOf("wan"),
    },
  };
}

/**
 * The checks of a network that is typed and not applied: what can be asked of it on the link, and of
 * its DNS servers over the network as it is now.
 */
export function typedNetworkChecks(
  { configuration, interfaces }: TypedSettings,
  isTaken: IsTaken,
): readonly Check[] {
  const typedOf = ({ role }: Path) => interfaces.find((each) => each.role === role);
  const { mode, scanDevice } = configuration;
  // In split mode the guards let nobody but the scan's user send on the card that scans now.
  const isGuarded = ({ device }: Path) => mode === "split" && device === scanDevice;
  return [
    link,
    addressCheck(typedOf, isTaken, isGuarded),
    gatewayCheck(typedOf, isTaken, isGuarded),
    dnsCheck(typedOf),
  ];
}

type TypedOf = (path: Path) => TypedInterface | undefined;
type WhyNotYet = "typed-dhcp" | "typed-vlan" | "typed-scan-side" | "typed-ipv6" | "typed-offline";

/** What only the trial can show. */
function notYet(subject: Subject, why: WhyNotYet): Finding[] {
  return [skipped(subject, fact(why))];
}

/** IPv6 may be off on the card that is to get it, so that there is nothing to ask from. */
function unasked(subject: Subject, device: string, hosts: readonly string[]): Finding[] {
  const isOnly6 = hosts.every((host) => familyOf(host) === 6);
  return [skipped(subject, isOnly6 ? fact("typed-unasked-6", { device }) : fact("typed-unasked"))];
}

/** Without its length, as the kernel writes it. */
function bare(prefix: string): string {
  const parsed = parsePrefix(prefix);
  return parsed === null ? prefix : formatAddress(parsed.family, parsed.address);
}

/** Whether the typed addresses are free (RFC 5227, and RFC 4862 section 5.4 for IPv6). */
function addressCheck(
  typedOf: TypedOf,
  isTaken: IsTaken,
  isGuarded: (path: Path) => boolean,
): Check {
  return {
    id: "address",
    needs: [link],
    role: "every",
    subjects: ({ role }) => [{ id: `address:${role}`, subject: `${role.toUpperCase()} address` }],
    async run(subject, path) {
      const typed = typedOf(path);
      if (typed === undefined || typed.addresses.length === 0)
        return notYet(subject, typed?.byDhcp ? "typed-dhcp" : "typed-ipv6");
      if (typed.inVlan) return notYet(subject, "typed-vlan");
      if (isGuarded(path)) return notYet(subject, "typed-scan-side");
      const { name: device, addresses } = path.requiredFacts;
      const own = new Set(addresses.map(bare));
      const wanted = typed.addresses.map(bare);
      const facts = await Promise.all(
        wanted.map(async (address) => {
          if (own.has(address)) return fact("typed-address-own", { address });
          const taken = await isTaken(device, address, path.signal);
          if (taken === null) return fact("typed-address-unasked", { address, device });
          return fact(taken ? "typed-address-taken" : "typed-address-free", { address, device });
        }),
      );
      const taken = facts.filter(({ code }) => code === "typed-address-taken");
      if (taken.length > 0) return [failed(subject, "address-duplicate", taken)];
      if (facts.every(({ code }) => code === "typed-address-unasked"))
        return unasked(subject, device, wanted);
      return [ok(subject, typed.byDhcp ? [...facts, fact("typed-dhcp")] : facts)];
    },
  };
}

/** Whether the typed gateway is there, asked on the link without an address of one's own. */
function gatewayCheck(
  typedOf: TypedOf,
  isTaken: IsTaken,
  isGuarded: (path: Path) => boolean,
): Check {
  return {
    id: "gateway",
    needs: [link],
    role: "every",
    subjects: (path) =>
      (typedOf(path)?.gateways ?? []).map((host, index) => ({
        id: index === 0 ? `gateway:${path.role}` : `gateway:${path.role}:${host}`,
        subject: `gateway ${host}`,
        host,
      })),
    async run(subject, path) {
      const { host } = subject;
      if (!host || typedOf(path)?.inVlan) return notYet(subject, "typed-vlan");
      if (isGuarded(path)) return notYet(subject, "typed-scan-side");
      const { surroundings, signal } = path;
      const { name: device } = path.requiredFacts;
      const startedMs = surroundings.monotonicMs();
      const answers = await isTaken(device, host, signal);
      const tookMs = surroundings.monotonicMs() - startedMs;
      if (answers === null) return unasked(subject, device, [host]);
      const place = { address: host, device };
      return [
        answers
          ? ok(subject, fact("gateway-answers", place), tookMs)
          : failed(subject, "gateway-silent", fact("gateway-asked", place), tookMs),
      ];
    },
  };
}

/**
 * Whether each typed DNS server answers, and for the first name on the path. Asked over the network
 * as it is: where the typed one leads another way, silence says little.
 */
function dnsCheck(typedOf: TypedOf): Check {
  return {
    id: "dns",
    needs: [],
    role: "management",
    subjects: (path) =>
      (typedOf(path)?.dns ?? []).map((host) => ({
        id: `dns:${host}`,
        subject: `DNS server ${host}`,
        host,
      })),
    async run(subject, path) {
      const { surroundings } = path;
      const host = subject.host ?? "";
      const present = (await surroundings.interfaces()).filter(hasWay);
      if (present.length === 0) return notYet(subject, "typed-offline");
      const family = familyOf(host);
      // A server on the link is asked from the link-local address, which is not listed.
      if (family !== null && !isLinkLocal(host) && !present.some((each) => has(each, family)))
        return [skipped(subject, fact("typed-offline-family", { family: `IPv${family}` }))];
      const startedMs = surroundings.monotonicMs();
      const took = () => surroundings.monotonicMs() - startedMs;
      try {
        return [ok(subject, await path.askDns(host), took())];
      } catch (error) {
        const found = failedBy(subject, error, took());
        return [typedOf(path)?.sameWay ? found : overThePresent(found)];
      }
    },
  };
}

function hasWay({ linkUp, addresses }: InterfaceFacts): boolean {
  return linkUp && addresses.length > 0;
}

function has({ addresses }: InterfaceFacts, family: Family): boolean {
  return addresses.some((each) => familyOf(bare(each)) === family);
}

function overThePresent(found: Finding): Finding {
  return withFacts({ ...found, outcome: "warning" }, [fact("typed-asked-now")]);
}
