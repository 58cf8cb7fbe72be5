import { familyOf, isNeighbour } from "../../base/addresses/neighbours.ts";
import type { Fact } from "../../base/messages/facts.ts";
import type { InterfaceFacts } from "../../network/live-model.ts";
import { namedProxy } from "../../settings/values/proxy-address.ts";
import type { ServiceProbe } from "./service-probe.ts";
import { probeServices } from "./service-probes.ts";
import { placeOfUrl, type ServiceTarget, serviceTargets, targetsFor } from "./service-targets.ts";
import type { Surroundings } from "./surroundings.ts";

export type Role = "lan" | "wan";

interface PathParts {
  surroundings: Surroundings;
  signal: AbortSignal;
  role: Role;
  device: string | null;
  facts: InterfaceFacts | null;
  otherFacts: InterfaceFacts | null;
  /** Those that are probed; empty on the side that only scans. */
  targets: readonly ServiceTarget[];
  firstHost: string | null;
}

/** What the checks of one interface look at. The services are probed once, for all of them. */
export class Path {
  readonly surroundings: Surroundings;
  readonly signal: AbortSignal;
  readonly role: Role;
  /** The device of the interface; null when the role has none. */
  readonly device: string | null;
  /** null when there is no such device. */
  readonly facts: InterfaceFacts | null;
  /** The interface of the other side in split mode; null in single mode, and without such a device. */
  readonly otherFacts: InterfaceFacts | null;
  readonly targets: readonly ServiceTarget[];
  /**
   * The first host that a connection to the platform goes to: the proxy, the PAC file's server, or
   * the platform. null when nothing is set.
   */
  readonly firstHost: string | null;
  readonly #dnsAnswers = new Map<string, Promise<Fact>>();
  readonly #refusers = new Map<string, Promise<string | null>>();
  readonly #gateways = new Map<string, Promise<boolean>>();
  #probes: Promise<readonly ServiceProbe[]> | undefined;

  constructor(parts: PathParts) {
    this.surroundings = parts.surroundings;
    this.signal = parts.signal;
    this.role = parts.role;
    this.device = parts.device;
    this.facts = parts.facts;
    this.otherFacts = parts.otherFacts;
    this.targets = parts.targets;
    this.firstHost = parts.firstHost;
  }

  get isSplit(): boolean {
    return this.surroundings.configuration.mode === "split";
  }

  /** For checks that need the link check, which fails where there are none. */
  get requiredFacts(): InterfaceFacts {
    if (this.facts === null) throw new RangeError(`the ${this.role} interface is not there`);
    return this.facts;
  }

  /** In the order of `targets`; without those that were left out (see probeServices). */
  probes(): Promise<readonly ServiceProbe[]> {
    this.#probes ??= probeServices(this.targets, this.surroundings, this.signal);
    return this.#probes;
  }

  async probeOf(target: ServiceTarget): Promise<ServiceProbe | null> {
    return (await this.probes()).find((probe) => probe.target === target) ?? null;
  }

  /** What DNS has to find for the path; null when its first host is an address. */
  get nameToFind(): string | null {
    const { firstHost } = this;
    return firstHost !== null && isName(firstHost) ? firstHost : null;
  }

  /** What that DNS server says of `nameToFind`, or whether it answers at all; asked once. */
  askDns(server: string): Promise<Fact> {
    const { surroundings, nameToFind, signal } = this;
    const asked = this.#dnsAnswers.get(server) ?? surroundings.askDns(server, nameToFind, signal);
    this.#dnsAnswers.set(server, asked);
    return asked;
  }

  /** `nameToFind` and the first of the asked DNS servers that knows it, or null. */
  async knownName(): Promise<{ host: string; server: string } | null> {
    const host = this.nameToFind;
    if (host === null) return null;
    for (const [server, asked] of this.#dnsAnswers) {
      // A server that does not answer is the DNS check's to report.
      const answer = await asked.catch(() => null);
      if (answer?.code === "name-found") return { host, server };
    }
    return null;
  }

  /** false for a name: its address is not known. */
  isBeyondGateway(host: string): boolean {
    return familyOf(host) !== null && !(this.facts !== null && isNeighbour(host, this.facts));
  }

  /** Whether a gateway that the interface has answers on the link. Each is asked once. */
  gatewayAnswers(gateway: string): Promise<boolean> {
    const { device, surroundings, signal } = this;
    const asked =
      this.#gateways.get(gateway) ??
      (device === null
        ? Promise.resolve(false)
        : surroundings.neighbourAnswers(device, gateway, signal));
    this.#gateways.set(gateway, asked);
    return asked;
  }

  /** The router or firewall that answers a connection there with an ICMP error. Each is asked once. */
  whoRefuses(address: string, port: number): Promise<string | null> {
    const { surroundings, signal } = this;
    const place = `${address} ${port}`;
    const asked =
      this.#refusers.get(place) ??
      // That it cannot be found out takes nothing from what is known.
      surroundings.machine.whoRefuses(address, port, signal).catch(() => null);
    this.#refusers.set(place, asked);
    return asked;
  }

  /** Whether a gateway of the address's family answers. */
  async hasGatewayTo(address: string): Promise<boolean> {
    const gateways = (this.facts?.gateways ?? []).filter(
      (gateway) => familyOf(gateway) === familyOf(address),
    );
    // The gateway check reports why asking failed.
    const answers = gateways.map((each) => this.gatewayAnswers(each).catch(() => false));
    return (await Promise.all(answers)).includes(true);
  }
}

function isName(host: string): boolean {
  return familyOf(host) === null && host !== "localhost";
}

/**
 * The paths to check: in split mode the interface that scans and then the one that calls home,
 * otherwise one that does both. `only` narrows the services that are probed.
 */
export async function findPaths(
  surroundings: Surroundings,
  signal: AbortSignal,
  only: string | null,
): Promise<{ scan: Path | null; home: Path }> {
  const { mode, scanDevice, managementDevice } = surroundings.configuration;
  const interfaces = await surroundings.interfaces();
  const factsOf = (device: string | null) => interfaces.find(({ name }) => name === device) ?? null;
  const all = serviceTargets(surroundings);
  const isSplit = mode === "split";
  const homeDevice = isSplit ? managementDevice : scanDevice;
  const home = new Path({
    surroundings,
    signal,
    role: isSplit ? "wan" : "lan",
    device: homeDevice,
    facts: factsOf(homeDevice),
    otherFacts: isSplit ? factsOf(scanDevice) : null,
    targets: targetsFor(only, all),
    firstHost: firstHostOf(surroundings, all),
  });
  if (!isSplit) return { scan: null, home };
  const scan = new Path({
    surroundings,
    signal,
    role: "lan",
    device: scanDevice,
    facts: factsOf(scanDevice),
    otherFacts: factsOf(managementDevice),
    targets: [],
    firstHost: null,
  });
  return { scan, home };
}

function firstHostOf(
  { configuration: { proxy } }: Surroundings,
  targets: readonly ServiceTarget[],
): string | null {
  const pac =
    proxy.kind === "pac" && URL.canParse(proxy.url) ? placeOfUrl(new URL(proxy.url)).host : null;
  const [target] = targets;
  return namedProxy(proxy)?.host ?? pac ?? (target ? placeOfUrl(target.url).host : null);
}
