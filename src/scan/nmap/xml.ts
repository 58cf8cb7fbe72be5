import { SaxesParser, type SaxesTagPlain } from "saxes";
import type { HostObservation, Port } from "../../protocol/schemas/results.ts";
import type { EngineRun } from "../engine.ts";
import { xmlText } from "./xml-text.ts";

/** An nmap XML file without its hosts. */
export interface NmapRun extends EngineRun {
  /** Targets that nmap refused. Only the XML has them: nmap's exit code is 0 all the same. */
  skippedTargets: string[];
  finished: { exit: string; errorMessage: string; up: number; down: number; total: number } | null;
  /** Whether the root element was closed, so that the file is whole. */
  complete: boolean;
  /** Why reading ended early; null when it did not. */
  problem: string | null;
}

export interface NmapXmlLimits {
  bytes: number;
  depth: number;
  attributeLength: number;
  /** Attributes of one element: the parser's time grows with their square. */
  attributes: number;
  hosts: number;
  /** Ports of all hosts together. */
  ports: number;
}

/** A host that answers on all ports is some 10 MB; a shard of usual hosts is below 1 MB. */
export const nmapXmlLimits: NmapXmlLimits = {
  bytes: 64 * 2 ** 20,
  depth: 32,
  attributeLength: 2 ** 20,
  attributes: 64,
  hosts: 5000,
  ports: 2 ** 18,
};

const mostHostnames = 50;
const mostPorts = 65_536;
const mostCpes = 20;

class LimitReached extends Error {}

/**
 * Reads nmap's XML as it comes: yields each host that is up when its element ends, and returns the
 * run. Content never makes it throw: a truncated or wrong file yields the hosts before the fault,
 * and the run's `problem` has the reason.
 */
export async function* readNmapXml(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits: NmapXmlLimits = nmapXmlLimits,
): AsyncGenerator<HostObservation, NmapRun, undefined> {
  const run: NmapRun = {
    version: "",
    skippedTargets: [],
    finished: null,
    complete: false,
    problem: null,
  };
  const parser = new SaxesParser({ xmlns: false, fragment: false });
  const builder = new RunBuilder(run, limits);
  parser.on("opentag", (tag) => builder.open(tag));
  parser.on("closetag", (tag) => builder.close(tag.name));
  parser.on("text", (text) => builder.text(text));
  parser.on("attribute", () => builder.attribute());
  parser.on("error", (error) => {
    // Of two attributes with one name the parser keeps the last, and can read on.
    if (!error.message.includes("duplicate attribute")) throw error;
  });
  try {
    for await (const text of xmlText(chunks, limits)) {
      parser.write(text);
      yield* builder.takeHosts();
    }
    parser.close();
  } catch (error) {
    run.problem = (error instanceof Error ? error.message : String(error)).slice(0, 300);
  }
  yield* builder.takeHosts();
  return run;
}

type Attributes = Readonly<Record<string, string>>;

/** Builds hosts and run from the elements that matter, and ignores all others. */
class RunBuilder {
  readonly #run: NmapRun;
  readonly #limits: NmapXmlLimits;
  readonly #path: string[] = [];
  /** Whole hosts that were not taken yet. */
  #hosts: HostObservation[] = [];
  #hostCount = 0;
  #host: HostObservation | null = null;
  /** Null while no <status> was read: the DTD makes it optional, and other engines write none. */
  #hostIsUp: boolean | null = null;
  #portCount = 0;
  #attributeCount = 0;
  #port: Port | null = null;
  #cpe: string | null = null;

  constructor(run: NmapRun, limits: NmapXmlLimits) {
    this.#run = run;
    this.#limits = limits;
  }

  takeHosts(): HostObservation[] {
    const hosts = this.#hosts;
    this.#hosts = [];
    return hosts;
  }

  attribute(): void {
    if (++this.#attributeCount > this.#limits.attributes)
      throw new LimitReached(`more than ${this.#limits.attributes} attributes`);
  }

  open({ name, attributes }: SaxesTagPlain): void {
    this.#attributeCount = 0;
    this.#path.push(name);
    if (this.#path.length > this.#limits.depth)
      throw new LimitReached(`more than ${this.#limits.depth} levels of elements`);
    for (const value of Object.values(attributes))
      if (value.length > this.#limits.attributeLength)
        throw new LimitReached("an attribute that is too long");
    switch (this.#path.join("/")) {
      case "nmaprun":
        this.#run.version = short(attributes.version);
        break;
      case "nmaprun/target":
        if (attributes.status === "skipped" && this.#run.skippedTargets.length < this.#limits.hosts)
          this.#run.skippedTargets.push(short(attributes.specification));
        break;
      case "nmaprun/runstats/finished":
        this.#finished(attributes);
        break;
      case "nmaprun/runstats/hosts":
        this.#counts(attributes);
        break;
      default:
        if (this.#path[1] === "host") this.#openInHost(this.#path.slice(2).join("/"), attributes);
    }
  }

  close(name: string): void {
    switch (this.#path.join("/")) {
      case "nmaprun":
        this.#run.complete = true;
        break;
      case "nmaprun/host":
        this.#closeHost();
        break;
      case "nmaprun/host/ports/port":
        this.#closePort();
        break;
      case "nmaprun/host/ports/port/service/cpe": {
        const cpe = this.#port?.service?.cpe;
        if (cpe && this.#cpe !== null && cpe.length < mostCpes)
          cpe.push(this.#cpe.trim().slice(0, 300));
        this.#cpe = null;
        break;
      }
    }
    if (this.#path.pop() !== name) throw new LimitReached("elements that are not nested");
  }

  text(text: string): void {
    if (this.#cpe !== null && this.#cpe.length < 300) this.#cpe += text;
  }

  #openInHost(path: string, attributes: Attributes): void {
    if (path === "") {
      this.#host = {
        address: "",
        hostnames: [],
        reason: "",
        ports: [],
        timedOut: attributes.timedout === "true",
      };
      this.#hostIsUp = null;
      return;
    }
    const host = this.#host;
    if (!host) return;
    switch (path) {
      case "status":
        this.#hostIsUp = attributes.state === "up";
        host.reason = short(attributes.reason);
        break;
      case "address":
        if (attributes.addrtype === "mac") {
          host.macAddress = short(attributes.addr);
          if (attributes.vendor) host.macVendor = short(attributes.vendor);
        } else if (host.address === "") host.address = short(attributes.addr).slice(0, 50);
        break;
      case "hostnames/hostname":
        if (attributes.name && host.hostnames.length < mostHostnames)
          host.hostnames.push(printable(attributes.name).slice(0, 255));
        break;
      case "ports/port":
        this.#port = portOf(attributes);
        break;
      case "ports/port/state":
        if (this.#port) {
          this.#port.state = short(attributes.state);
          this.#port.reason = short(attributes.reason);
        }
        break;
      case "ports/port/service":
        if (this.#port) this.#port.service = serviceOf(attributes);
        break;
      case "ports/port/service/cpe":
        this.#cpe = "";
        break;
    }
  }

  #closePort(): void {
    const port = this.#port;
    this.#port = null;
    if (!this.#host || !port || this.#host.ports.length >= mostPorts) return;
    if (++this.#portCount > this.#limits.ports)
      throw new LimitReached(`more than ${this.#limits.ports} ports`);
    this.#host.ports.push(port);
  }

  #closeHost(): void {
    const host = this.#host;
    this.#host = null;
    const isUp = this.#hostIsUp ?? host?.ports.some(({ state }) => state === "open") ?? false;
    if (!host || !isUp || host.address === "") return;
    if (this.#hostCount >= this.#limits.hosts)
      throw new LimitReached(`more than ${this.#limits.hosts} hosts`);
    this.#hostCount++;
    this.#hosts.push(host);
  }

  #finished(attributes: Attributes): void {
    this.#run.finished = {
      up: -1,
      down: -1,
      total: -1,
      exit: short(attributes.exit),
      errorMessage: short(attributes.errormsg),
    };
  }

  #counts(attributes: Attributes): void {
    if (!this.#run.finished) return;
    const count = (name: string) =>
      /^\d{1,9}$/.test(attributes[name] ?? "") ? Number(attributes[name]) : -1;
    this.#run.finished = {
      ...this.#run.finished,
      up: count("up"),
      down: count("down"),
      total: count("total"),
    };
  }
}

function portOf(attributes: Attributes): Port | null {
  const { protocol, portid = "" } = attributes;
  const number = Number(portid);
  if (
    (protocol !== "tcp" && protocol !== "udp" && protocol !== "sctp") ||
    !/^\d{1,5}$/.test(portid) ||
    number > 65_535
  )
    return null;
  return { protocol, number, state: "", reason: "" };
}

function serviceOf(attributes: Attributes): NonNullable<Port["service"]> {
  const confidence = Number(attributes.conf ?? "0");
  return {
    name: short(attributes.name),
    ...(attributes.product ? { product: short(attributes.product) } : {}),
    ...(attributes.version ? { version: short(attributes.version) } : {}),
    ...(attributes.extrainfo ? { extraInformation: short(attributes.extrainfo) } : {}),
    ...(attributes.tunnel ? { tunnel: short(attributes.tunnel) } : {}),
    method: attributes.method === "probed" ? "probed" : "table",
    confidence:
      Number.isInteger(confidence) && confidence >= 0 && confidence <= 10 ? confidence : 0,
    cpe: [],
  };
}

function short(text: string | undefined): string {
  return printable(text ?? "")
    .slice(0, 200)
    .toWellFormed();
}

/**
 * Banners come from the scanned host: control characters in them could reach a terminal, and
 * invisible or direction-changing ones could make a text look like another.
 */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "?");
}
