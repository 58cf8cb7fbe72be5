import { placedFields } from "../fields/placed-fields.ts";
import type { FieldProblem } from "../model/problems.ts";
import type { Network, ProxySettings, Settings } from "../model/schema.ts";
import { Findings } from "../values/field-value.ts";
import { addressOf, checkInterface } from "./interface.ts";
import { checkProxy } from "./proxy.ts";
import { checkSplit } from "./split.ts";

/** Facts about the machine that the settings are for. */
export interface ValidationContext {
  /** MAC addresses of the cards that the machine has; when absent, no card is reported missing. */
  macAddresses?: readonly string[];
}

export type Validation = { ok: true; settings: Settings } | { ok: false; problems: FieldProblem[] };

/**
 * Finds everything that is wrong with settings of the right shape. netplan accepts nearly all of it
 * (an off-link gateway, a multicast address, a DNS server 0.0.0.0). The settings that are returned
 * are canonical: the same meaning always has the same text. The result never depends on the time or
 * the network: settings that were right stay right.
 */
export function validateSettings(settings: Settings, context: ValidationContext = {}): Validation {
  const findings = new Findings();
  const checked = structuredClone(settings);
  for (const field of placedFields) if (field.form === "network") field.check(checked, findings);
  checked.proxy = checkProxy(checked.proxy, findings);
  const network = checkNetwork(checked.network, !resolvesItself(checked.proxy), context, findings);
  checked.network = network;
  for (const field of placedFields) if (field.form !== "network") field.check(checked, findings);
  // LAN and WAN are compared once each is right by itself.
  if (findings.problems.length === 0 && network.mode === "split")
    checkSplit({ ...checked, network }, findings);
  return findings.problems.length === 0
    ? { ok: true, settings: checked }
    : { ok: false, problems: findings.problems };
}

/**
 * Validates what a form's texts mean, and puts `found`, the faults of the texts themselves, first.
 */
export function finishChecks(
  settings: Settings,
  found: readonly FieldProblem[],
  context: ValidationContext = {},
): Validation {
  const validation = validateSettings(settings, context);
  if (found.length === 0) return validation;
  const places = found.map(({ field }) => field);
  // Of such a field only the text's own fault is reported: its value in the settings is a stopgap.
  const others = validation.ok
    ? []
    : validation.problems.filter(({ field }) => !places.includes(field));
  return { ok: false, problems: [...found, ...others] };
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
