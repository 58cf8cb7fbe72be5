import type { HostObservation, Port } from "../../protocol/schemas/results.ts";
import type { NmapRun } from "./run-schema.ts";
import { LimitReached, type NmapXmlLimits } from "./xml-limits.ts";
import { portOf, printable, serviceOf, short } from "./xml-values.ts";

type Attributes = Readonly<Record<string, string>>;

/** An element that matters, by where it stands. All others are ignored, with what is in them. */
interface Element {
  open?(builder: RunBuilder, attributes: Attributes): void;
  close?(builder: RunBuilder): void;
  inside?: ReadonlyMap<string, Element>;
}

const inside = (elements: Readonly<Record<string, Element>>) => new Map(Object.entries(elements));

const service: Element = {
  open: (builder, attributes) => builder.service(attributes),
  inside: inside({
    cpe: { open: (builder) => builder.openCpe(), close: (builder) => builder.closeCpe() },
  }),
};

const port: Element = {
  open: (builder, attributes) => builder.openPort(attributes),
  close: (builder) => builder.closePort(),
  inside: inside({
    state: { open: (builder, attributes) => builder.portState(attributes) },
    service,
  }),
};

const host: Element = {
  open: (builder, attributes) => builder.openHost(attributes),
  close: (builder) => builder.closeHost(),
  inside: inside({
    status: { open: (builder, attributes) => builder.status(attributes) },
    address: { open: (builder, attributes) => builder.address(attributes) },
    hostnames: {
      inside: inside({ hostname: { open: (builder, attributes) => builder.hostname(attributes) } }),
    },
    ports: { inside: inside({ port }) },
  }),
};

const runstats: Element = {
  inside: inside({
    finished: { open: (builder, attributes) => builder.finished(attributes) },
    hosts: { open: (builder, attributes) => builder.counts(attributes) },
  }),
};

const document: Element = {
  inside: inside({
    nmaprun: {
      open: (builder, attributes) => builder.version(attributes),
      close: (builder) => builder.complete(),
      inside: inside({
        target: { open: (builder, attributes) => builder.target(attributes) },
        host,
        runstats,
      }),
    },
  }),
};

const mostHostnames = 50;
const mostPorts = 65_536;
const mostCpes = 20;
const mostSkipped = 100;

/** Builds hosts and run from a parser's events. */
export class RunBuilder {
  /** Counts tags and texts. */
  events = 0;
  readonly #run: NmapRun;
  readonly #limits: NmapXmlLimits;
  /** The open elements, from the document on; null for those that do not matter. */
  readonly #open: (Element | null)[] = [document];
  /** Whole hosts that were not taken yet. */
  #hosts: HostObservation[] = [];
  #hostCount = 0;
  #host: HostObservation | null = null;
  /** Null while no <status> was read: the DTD makes it optional, and other engines write none. */
  #hostIsUp: boolean | null = null;
  #portCount = 0;
  #attributeCount = 0;
  #port: Port | null = null;
  readonly #seen = new SeenPorts();
  #cpe: string | null = null;

  constructor(run: NmapRun, limits: NmapXmlLimits) {
    this.#run = run;
    this.#limits = limits;
  }

  takeHosts(): HostObservation[] {
    if (this.#hosts.length === 0) return this.#hosts;
    const hosts = this.#hosts;
    this.#hosts = [];
    return hosts;
  }

  attribute(value: string): void {
    if (++this.#attributeCount > this.#limits.attributes)
      throw new LimitReached(`more than ${this.#limits.attributes} attributes`);
    if (value.length > this.#limits.attributeLength)
      throw new LimitReached("an attribute that is too long");
  }

  open(name: string, attributes: Attributes): void {
    this.events++;
    this.#attributeCount = 0;
    const element = this.#open.at(-1)?.inside?.get(name) ?? null;
    this.#open.push(element);
    // The document itself is one of the open ones.
    if (this.#open.length - 1 > this.#limits.depth)
      throw new LimitReached(`more than ${this.#limits.depth} levels of elements`);
    element?.open?.(this, attributes);
  }

  close(): void {
    this.events++;
    this.#open.pop()?.close?.(this);
  }

  text(text: string): void {
    this.events++;
    if (this.#cpe !== null && this.#cpe.length < 300) this.#cpe += text;
  }

  version(attributes: Attributes): void {
    this.#run.version = short(attributes.version);
  }

  complete(): void {
    this.#run.complete = true;
  }

  target(attributes: Attributes): void {
    if (attributes.status === "skipped" && this.#run.skippedTargets.length < mostSkipped)
      this.#run.skippedTargets.push(short(attributes.specification));
  }

  openHost(attributes: Attributes): void {
    this.#host = {
      address: "",
      hostnames: [],
      reason: "",
      ports: [],
      timedOut: attributes.timedout === "true",
    };
    this.#hostIsUp = null;
    this.#seen.nextHost();
  }

  closeHost(): void {
    const found = this.#host;
    this.#host = null;
    const isUp = this.#hostIsUp ?? found?.ports.some(({ state }) => state === "open") ?? false;
    if (!found || !isUp || found.address === "") return;
    if (this.#hostCount >= this.#limits.hosts)
      throw new LimitReached(`more than ${this.#limits.hosts} hosts`);
    this.#hostCount++;
    this.#hosts.push(found);
  }

  status(attributes: Attributes): void {
    this.#hostIsUp = attributes.state === "up";
    if (this.#host) this.#host.reason = short(attributes.reason);
  }

  address(attributes: Attributes): void {
    const found = this.#host;
    if (!found) return;
    if (attributes.addrtype === "mac") {
      found.macAddress = short(attributes.addr);
      if (attributes.vendor) found.macVendor = short(attributes.vendor);
    } else if (found.address === "") found.address = short(attributes.addr).slice(0, 50);
  }

  hostname({ name }: Attributes): void {
    const names = this.#host?.hostnames;
    if (name && names && names.length < mostHostnames) names.push(printable(name, 255));
  }

  openPort(attributes: Attributes): void {
    this.#port = portOf(attributes);
  }

  portState(attributes: Attributes): void {
    if (!this.#port) return;
    this.#port.state = short(attributes.state);
    this.#port.reason = short(attributes.reason);
  }

  service(attributes: Attributes): void {
    if (this.#port) this.#port.service = serviceOf(attributes);
  }

  closePort(): void {
    const found = this.#port;
    this.#port = null;
    if (!this.#host || !found || this.#host.ports.length >= mostPorts) return;
    const { ports } = this.#host;
    const at = this.#seen.placeOf(found, ports.length);
    if (at < ports.length) {
      ports[at] = found;
      return;
    }
    if (++this.#portCount > this.#limits.ports)
      throw new LimitReached(`more than ${this.#limits.ports} ports`);
    ports.push(found);
  }

  openCpe(): void {
    this.#cpe = "";
  }

  closeCpe(): void {
    const cpe = this.#port?.service?.cpe;
    if (cpe && this.#cpe !== null && cpe.length < mostCpes)
      cpe.push(printable(this.#cpe.trim(), 300));
    this.#cpe = null;
  }

  finished(attributes: Attributes): void {
    this.#run.finished = {
      up: -1,
      down: -1,
      total: -1,
      exit: short(attributes.exit),
      errorMessage: short(attributes.errormsg),
    };
  }

  counts({ up, down, total }: Attributes): void {
    const { finished } = this.#run;
    if (finished)
      this.#run.finished = { ...finished, up: count(up), down: count(down), total: count(total) };
  }
}

function count(text = ""): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : -1;
}

const protocols = ["tcp", "udp", "sctp"] as const;

/** Where a host's ports stand in its list: one that is told of again replaces what was told. */
class SeenPorts {
  readonly #hosts = new Uint32Array(protocols.length * 65_536);
  readonly #places = new Uint16Array(protocols.length * 65_536);
  #host = 0;

  nextHost(): void {
    this.#host++;
  }

  /** The place that the port has, else `next`, which it has from now on. */
  placeOf({ protocol, number }: Port, next: number): number {
    const key = protocols.indexOf(protocol) * 65_536 + number;
    if (this.#hosts[key] === this.#host) return this.#places[key] ?? next;
    this.#hosts[key] = this.#host;
    this.#places[key] = next;
    return next;
  }
}
