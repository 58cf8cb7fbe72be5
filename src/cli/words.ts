import type { InterfaceStatus, ServiceContact, SettingChange, Status, Trial, TrialEnd } from "../configd/status.ts";
import type { RungResult } from "../doctor/result.ts";
import { errorCodes, isErrorCode } from "../protocol/error-codes.ts";
import { proxyPlace } from "../settings/proxy-place.ts";
import type { Settings } from "../settings/schema.ts";
import { columns } from "./output.ts";

export function statusLines(status: Status): string[] {
  const { agent, settings, trial } = status;
  const lines = [`${status.hostname}, Outrider ${status.software.version}${status.simulated === null ? "" : ` (simulated: ${status.simulated})`}`];
  if (status.settingsFailure) lines.push("", `Settings: ${describeCode(status.settingsFailure.code)} ${status.settingsFailure.detail}`);
  lines.push("", ...columns(status.interfaces.map(interfaceRow)));
  lines.push("", `Platform: ${settings.platform.url ?? "not set"}${agent?.platformName ? ` (${agent.platformName})` : ""}`);
  lines.push(`Agent:    ${agent ? agent.state : "no news yet"}, unit ${status.agentUnit}${agent?.applianceName ? `, known as ${agent.applianceName}` : ""}`);
  if (agent) {
    if (agent.failure) lines.push(`          ${describeCode(agent.failure.code)} ${agent.failure.detail}`);
    if (agent.nextCallAt !== null) lines.push(`Next call in ${Math.max(0, Math.round((agent.nextCallAt - status.now) / 1000))} s`);
    lines.push("", ...columns(Object.entries(agent.services).map(([name, contact]) => [name, contactWords(contact, status.now), contact.url ?? ""])));
    for (const job of agent.jobs) lines.push(`Scan ${job.name}: ${job.state}, ${Math.round(job.percent)} %, ${job.hostsFound} hosts`);
  }
  if (trial) lines.push("", ...trialLines(trial));
  return lines;
}

function interfaceRow(entry: InterfaceStatus): string[] {
  const address = entry.addresses.length === 0 ? "no address" : `${entry.addresses.join(", ")}${entry.dhcp ? " by DHCP" : ""}`;
  return [
    entry.role?.toUpperCase() ?? "-",
    entry.name,
    entry.macAddress,
    entry.linkUp ? "link" : "no link",
    address,
    entry.gateway ? `via ${entry.gateway}` : "",
  ];
}

function contactWords(contact: ServiceContact, now: number): string {
  if (contact.failure) return `failed: ${describeCode(contact.failure.code)}`;
  return contact.lastSuccessAt === null ? "not called yet" : `${Math.max(0, Math.round((now - contact.lastSuccessAt) / 1000))} s ago`;
}

export function settingsLines(settings: Settings, hasPassword: boolean): string[] {
  const { ipv4, dns, macAddress } = settings.network.lan;
  const { proxy } = settings;
  const rows = [
    ["Host name", settings.hostname],
    ["Network card", macAddress ?? "the first one"],
    ["Address", ipv4.method === "static" ? ipv4.address : "by DHCP"],
    ["Gateway", ipv4.method === "static" ? (ipv4.gateway ?? "none") : "by DHCP"],
    ["DNS servers", dns.servers.join(", ") || (ipv4.method === "dhcp" ? "by DHCP" : "none")],
    ["Search domains", dns.search.join(", ") || "none"],
    ["Proxy", proxyPlace(proxy) ?? "none"],
  ];
  if (proxy.kind !== "none" && proxy.user !== "") rows.push(["Proxy user", `${proxy.user}, password ${hasPassword ? "set" : "not set"}`]);
  rows.push(["Platform", settings.platform.url ?? "not set"]);
  return columns(rows);
}

export function changeLines(changes: readonly SettingChange[]): string[] {
  return changes.length === 0 ? ["Nothing changes."] : columns(changes.map(({ field, before, after }) => [field, before, `-> ${after}`]));
}

export function trialLines(trial: Trial): string[] {
  const lines = [`A change is being tried; it goes back in ${Math.ceil(trial.remainingMs / 1000)} s unless it is kept:`, ...changeLines(trial.changes)];
  if (trial.phase === "waiting") lines.push("", ...doctorLines(trial.checks), "", adviceWords(trial));
  return lines;
}

export function adviceWords(trial: Trial): string {
  if (trial.advice === null) return "The checks could not be made: nothing is known about the new settings.";
  return trial.advice === "revert" ? "The new settings lose what the old ones reached: better go back." : "The new settings reach all that the old ones did.";
}

export function endWords(end: TrialEnd): string {
  const words = {
    kept: "The new settings are kept.",
    reverted: "The old settings are active again.",
    "timed-out": "The new settings were not kept in time: the old ones are active again.",
    failed: "The new settings could not be applied: the old ones are active again.",
  };
  return end.detail === "" ? words[end.end] : `${words[end.end]} ${end.detail}`;
}

export function doctorLines(results: readonly RungResult[]): string[] {
  const marks = { ok: "ok", warning: "warning", failed: "FAILED", skipped: "skipped" };
  const lines = columns(results.map((result) => [marks[result.outcome], result.subject, result.detail]));
  const first = results.find((result) => result.outcome === "failed");
  if (first?.code && isErrorCode(first.code)) {
    const { what, why, remedy } = errorCodes[first.code];
    lines.push("", `First failure: ${first.subject}. ${what}`, `  Why:  ${why}`, `  Next: ${remedy}`);
  }
  return lines;
}

function describeCode(code: string): string {
  return isErrorCode(code) ? errorCodes[code].what : code;
}
