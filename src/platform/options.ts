import { join } from "node:path";
import { parseArgs } from "node:util";
import { parsePrefix } from "../base/addresses/prefix.ts";
import { type ServiceName, serviceNames } from "../protocol/schemas/common.ts";

export interface PlatformOptions {
  /** Shown on the page and to appliances. */
  name: string;
  dataFolder: string;
  host: string;
  port: number;
  /**
   * The platform's address, as operators type it at the appliances' consoles. Port 0 stands for the
   * listening port.
   */
  url: URL;
  services: Record<ServiceName, URL>;
  ipRanges: string[];
  unixSocket: string | null;
  /** Whether browsers shall reach the platform's name by HTTPS only. */
  strictTransport: boolean;
}

export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const usage = `usage: platform --data FOLDER --listen HOST:PORT --url https://NAME[:PORT]
    [--service NAME=URL ...]   another address for one of ${serviceNames.join(", ")}
    [--ip-range CIDR ...]      the addresses that firewalls must allow
    [--listen-unix PATH]       take TLS connections on a unix socket as well
    [--name TEXT]              the platform's name
    [--no-hsts]                the name of --url has pages by plain HTTP too: browsers may go on asking for them`;

export function readOptions(args: string[]): PlatformOptions {
  const { values } = parse(args);
  const [host, port] = listenAddress(required(values.listen, "--listen"));
  const url = httpsUrl(required(values.url, "--url"), "--url");
  if (url.pathname !== "/") throw new UsageError("--url takes no path");
  return {
    name: values.name ?? "Outrider",
    dataFolder: required(values.data, "--data"),
    host,
    port,
    url,
    services: serviceUrls(url, values.service ?? []),
    ipRanges: (values["ip-range"] ?? []).map(ipRange),
    unixSocket: values["listen-unix"] ?? null,
    strictTransport: values["no-hsts"] !== true,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        data: { type: "string" },
        listen: { type: "string" },
        url: { type: "string" },
        name: { type: "string" },
        service: { type: "string", multiple: true },
        "ip-range": { type: "string", multiple: true },
        "listen-unix": { type: "string" },
        "no-hsts": { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** https://HOST/SERVICE/v1 unless an option names another; a URL without a path gets the usual one. */
function serviceUrls(platformUrl: URL, given: readonly string[]): Record<ServiceName, URL> {
  const usual = (name: ServiceName, base: URL) => new URL(join("/", name, "v1"), base);
  const urls: Record<ServiceName, URL> = {
    enrolment: usual("enrolment", platformUrl),
    health: usual("health", platformUrl),
    updates: usual("updates", platformUrl),
    jobs: usual("jobs", platformUrl),
    results: usual("results", platformUrl),
  };
  for (const text of given) {
    const name = serviceNames.find((one) => text.startsWith(`${one}=`));
    if (name === undefined)
      throw new UsageError(
        `--service ${text}: expected one of ${serviceNames.join(", ")}, then = and a URL`,
      );
    const url = httpsUrl(text.slice(name.length + 1), "--service");
    urls[name] =
      url.pathname === "/" ? usual(name, url) : new URL(url.pathname.replace(/\/+$/, ""), url);
  }
  return urls;
}

function httpsUrl(text: string, option: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== "https:" || url.username !== "" || url.search !== "" || url.hash !== "")
    throw new UsageError(`${option} ${text}: expected https://NAME[:PORT]`);
  return url;
}

function listenAddress(text: string): [string, number] {
  const parts = /^(?:\[([0-9a-fA-F:]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3]);
  if (host === undefined || !(port <= 65_535))
    throw new UsageError(`--listen ${text}: expected HOST:PORT`);
  return [host, port];
}

function ipRange(text: string): string {
  if (parsePrefix(text) === null)
    throw new UsageError(
      `--ip-range ${text}: expected an address or a prefix such as 198.51.100.0/24`,
    );
  return text;
}

function required(value: string | undefined, option: string): string {
  if (value === undefined || value === "") throw new UsageError(`${option} is missing`);
  return value;
}
