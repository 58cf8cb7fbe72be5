import type { FieldProblem } from "../model/problems.ts";
import type { Network, ProxySettings, Settings } from "../model/schema.ts";
import { addressOf, checkInterface } from "./interface.ts";
import { parseHostname, parsePlatformUrl } from "./names.ts";
import { checkConsole, checkScan, checkTime, checkTrust } from "./other.ts";
import { checkProxy } from "./proxy.ts";
import { checkSplit } from "./split.ts";
import { Findings } from "./values.ts";

/** What is known of the machine that the settings are for. */
export interface ValidationContext {
  /**
   * MAC addresses of the interfaces that are there; when absent, no interface is called missing.
   */
  macAddresses?: readonly string[];
}

export type Validation = { ok: true; settings: Settings } | { ok: false; problems: FieldProblem[] };

/**
 * Everything that can be wrong with settings of the right shape. netplan swallows nearly all of it
 * (an off-link gateway, a multicast address, a DNS server 0.0.0.0), so the checks are here. The
 * settings that come back are canonical: the same meaning is always the same text. Nothing here
 * depends on the time or on what can be reached: what was right stays right.
 */
export function validateSettings(settings: Settings, context: ValidationContext = {}): Validation {
  const findings = new Findings();
  const hostname = findings.take("hostname", parseHostname(settings.hostname), settings.hostname);
  const proxy = checkProxy(settings.proxy, findings);
  const network = checkNetwork(settings.network, !resolvesItself(proxy), context, findings);
  const { url } = settings.platform;
  const checked: Settings = {
    ...settings,
    hostname,
    network,
    proxy,
    platform: {
      url: url === null ? null : findings.take("platform.url", parsePlatformUrl(url), url),
    },
    trust: checkTrust(settings.trust, findings),
    time: checkTime(settings.time, findings),
    scan: checkScan(settings.scan, findings),
    console: checkConsole(settings.console, findings),
  };
  // Two sides are compared when each is right by itself.
  if (findings.problems.length === 0 && network.mode === "split")
    checkSplit({ ...checked, network }, findings);
  return findings.problems.length === 0
    ? { ok: true, settings: checked }
    : { ok: false, problems: findings.problems };
}

function checkNetwork(
  network: Network,
  needsDns: boolean,
  { macAddresses }: ValidationContext,
  findings: Findings,
): Network {
  if (network.mode === "single")
    return {
      mode: "single",
      lan: checkInterface(
        "network.lan",
        network.lan,
        { leadsOut: true, needsDns, macAddresses },
        findings,
      ),
    };
  return {
    mode: "split",
    lan: checkInterface(
      "network.lan",
      network.lan,
      { leadsOut: false, needsDns: false, macAddresses },
      findings,
    ),
    wan: checkInterface(
      "network.wan",
      network.wan,
      { leadsOut: true, needsDns, macAddresses },
      findings,
    ),
  };
}

/** A proxy that is named by its address resolves the platform's name itself. */
function resolvesItself(proxy: ProxySettings): boolean {
  return (proxy.kind === "http" || proxy.kind === "socks5") && addressOf(proxy.host) !== null;
}
