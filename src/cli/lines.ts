import { withoutZone } from "../base/addresses/neighbours.ts";
import { errorCodes, isErrorCode } from "../base/messages/error-codes.ts";
import type { KeptConfiguration } from "../configd/api/shapes.ts";
import type {
  AgentStatus,
  InterfaceStatus,
  ServiceStatus,
  SettingChange,
  Status,
  Trial,
  TrialEnd,
} from "../configd/api/status.ts";
import { firstTrialFailure } from "../configd/api/trial-failure.ts";
import type { CheckResult } from "../protocol/schemas/check-result.ts";
import type { ChangeOrigin } from "../settings/model/origin.ts";
import type { ZeroTouchReport } from "../settings/zero-touch/report.ts";
import { columns } from "./output.ts";

export function statusLines(status: Status): string[] {
  const { agent, settings, trial } = status;
  const lines = [
    `${status.hostname}, Outrider ${status.software.version}${status.simulated === null ? "" : ` (simulated: ${status.simulated})`}`,
  ];
  if (status.settingsFailure)
    lines.push(
      "",
      `Settings: ${describeCode(status.settingsFailure.code)} ${status.settingsFailure.detail}`,
    );
  lines.push("", ...columns(status.interfaces.map(interfaceRow)));
  for (const { code, detail } of status.networkReports)
    lines.push(`${describeCode(code)} ${detail}`);
  if (status.guards) lines.push(guardWords(status.guards));
  lines.push(
    "",
    `Platform: ${settings.platform.url ?? "not set"}${agent?.platformName ? ` (${agent.platformName})` : ""}`,
  );
  lines.push(
    `Agent:    ${agent ? agent.state : "no news yet"}, unit ${status.agentUnit}${agent?.applianceName ? `, known as ${agent.applianceName}` : ""}`,
  );
  if (agent) {
    if (agent.failure)
      lines.push(`          ${describeCode(agent.failure.code)} ${agent.failure.detail}`);
    if (agent.path) lines.push(`Way out:  ${pathWords(agent.path)}`);
    if (agent.spool?.failure)
      lines.push(
        `Spool:    ${describeCode(agent.spool.failure.code)} ${agent.spool.failure.detail}`,
      );
    if (agent.nextCallAt !== null)
      lines.push(
        `Next call in ${Math.max(0, Math.round((agent.nextCallAt - status.now) / 1000))} s`,
      );
    lines.push(
      "",
      ...columns(
        Object.entries(agent.services).map(([name, service]) => [
          name,
          serviceText(service, status.now),
          service.url ?? "",
        ]),
      ),
    );
    for (const job of agent.jobs)
      lines.push(
        `Scan ${job.name}: ${job.state}, ${Math.round(job.percent)} %, ${job.hostsFound} hosts${waitWords(job)}`,
      );
  }
  if (status.zeroTouch.problems.length + status.zeroTouch.notes.length > 0)
    lines.push("", ...zeroTouchLines(status.zeroTouch));
  if (trial) lines.push("", ...trialLines(trial));
  return lines;
}

const cardStates = {
  missing: "is not there",
  "no-link": "has no link",
  "no-address": "has no address",
} as const;

function waitWords({ waitsFor }: AgentStatus["jobs"][number]): string {
  if (!waitsFor) return "";
  const since = `since ${new Date(waitsFor.from).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return waitsFor.card === null
    ? `; waits for a card, LAN has none ${since}`
    : `; waits for ${waitsFor.card}, which ${cardStates[waitsFor.kind]} ${since}`;
}

const originSuffixes: Readonly<Record<InterfaceStatus["origins"][number], string>> = {
  dhcp: " by DHCP",
  dhcpv6: " by DHCPv6",
  router: " by router advertisement",
  static: "",
};

function interfaceRow(entry: InterfaceStatus): string[] {
  const address =
    entry.addresses.length === 0
      ? "no address"
      : entry.addresses
          .map((text, index) => `${text}${originSuffixes[entry.origins[index] ?? "static"]}`)
          .join(", ");
  return [
    entry.role?.toUpperCase() ?? "-",
    entry.name,
    entry.macAddress,
    entry.linkUp ? "link" : "no link",
    address,
    entry.gateways.length > 0 ? `via ${entry.gateways.map(withoutZone).join(" and ")}` : "",
  ];
}

function pathWords({
  route,
  fallback,
  issuer,
  intercepted,
}: NonNullable<AgentStatus["path"]>): string {
  const parts = [
    route,
    ...(fallback ? ["the proxy does not answer"] : []),
    ...(intercepted ? [`decrypted on the way by ${issuer}`] : []),
  ];
  return parts.join("; ");
}

function guardWords({ lan, wan }: NonNullable<Status["guards"]>): string {
  if (lan.packets + wan.packets === 0) return "Guards:   nothing went the wrong way";
  const ofKernel = lan.kernelPackets + wan.kernelPackets;
  const whose = ofKernel === 0 ? "" : `; ${ofKernel} of them the system's own answers`;
  return `Guards:   stopped ${lan.packets} packets on LAN and ${wan.packets} on WAN that would have gone the wrong way${whose}`;
}

function serviceText(service: ServiceStatus, now: number): string {
  if (service.failure) return `failed: ${describeCode(service.failure.code)}`;
  return service.lastSuccessAt === null
    ? "not called yet"
    : `${Math.max(0, Math.round((now - service.lastSuccessAt) / 1000))} s ago`;
}

export function changeLines(changes: readonly SettingChange[]): string[] {
  return changes.length === 0
    ? ["Nothing changes."]
    : columns(
        changes.map(({ field, before, given, after }) => [
          field,
          given === undefined ? before : `${before} (${given})`,
          `-> ${after}`,
        ]),
      );
}

export function trialLines(trial: Trial): string[] {
  const by =
    trial.by.how === "command-line" || trial.by.how === "console"
      ? ""
      : ` (${originWords(trial.by)})`;
  const lines = [
    `A change is being tried${by}; it goes back in ${Math.ceil(trial.remainingMs / 1000)} s unless it is kept:`,
    ...changeLines(trial.changes),
  ];
  if (trial.phase === "waiting")
    lines.push("", ...doctorLines(trial.checks), "", adviceWords(trial));
  return lines;
}

const origins: Readonly<Record<ChangeOrigin["how"], string>> = {
  console: "console",
  "command-line": "command line",
  platform: "platform's job",
  "zero-touch": "zero-touch",
  recovery: "recovery",
  "by-hand": "the file, by hand",
};

export function originWords({ how, who, why }: ChangeOrigin): string {
  return `${origins[how]}${who === "" ? "" : ` ${who}`}${why === "" ? "" : `: ${why}`}`;
}

/** The newest entry has the present settings. */
export function historyLines(entries: readonly KeptConfiguration[]): string[] {
  return entries.flatMap(({ number, keptAt, by, changes }, index) => [
    `${String(number).padStart(4)}  ${new Date(keptAt).toISOString().replace(/\.\d+Z$/, "Z")}  ${originWords(by)}${index === 0 ? "  (present)" : ""}`,
    ...changes.map(({ field, before, after }) => `      ${field}: ${before} -> ${after}`),
  ]);
}

export function zeroTouchLines({ readAt, sources, problems, notes }: ZeroTouchReport): string[] {
  if (readAt === null) return ["Zero-touch sources were not read yet."];
  const lines = [
    `Zero-touch sources, read ${new Date(readAt).toISOString().replace(/\.\d+Z$/, "Z")}:`,
  ];
  if (sources.length === 0) lines.push("  none were found");
  for (const { source, place, fields } of sources)
    lines.push(`  ${source} (${place}): ${fields.join(", ") || "nothing"}`);
  for (const { place, field, message, example } of problems)
    lines.push(
      `  NOT USED ${field === "" ? "" : `${field}, `}${place}: ${message} ${example}`.trimEnd(),
    );
  for (const note of notes) lines.push(`  Note: ${note}`);
  return lines;
}

export function adviceWords(trial: Trial): string {
  if (trial.advice === null)
    return "The checks could not be made: nothing is known about the new settings.";
  switch (trial.advice) {
    case "keep":
      return "The new settings reach all that the old ones did, and no check fails.";
    case "revert":
      return "The new settings lose what the old ones reached: better go back.";
    case "not-yet":
      return notYetText(trial.checks);
  }
}

function notYetText(checks: readonly CheckResult[]): string {
  const code = firstTrialFailure(checks)?.code ?? "";
  const what = isErrorCode(code) ? `${errorCodes[code].what} ` : "";
  return `Not there yet: ${what}It was no better with the old settings. Correct the new ones and try again.`;
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

export function doctorLines(results: readonly CheckResult[]): string[] {
  const marks = { ok: "ok", warning: "warning", failed: "FAILED", skipped: "skipped" };
  const lines = columns(
    results.map((result) => [marks[result.outcome], result.subject, result.detail]),
  );
  const first = results.find((result) => result.outcome === "failed");
  if (first?.code && isErrorCode(first.code)) {
    const { what, why, remedy } = errorCodes[first.code];
    lines.push(
      "",
      `First failure: ${first.subject}. ${what}`,
      `  Why:  ${why}`,
      `  Next: ${remedy}`,
    );
    if (first.authorities !== undefined)
      lines.push(
        "  Here: outrider trust try --trust-seen SHA256, with the whole fingerprint of the authority, compared",
      );
  }
  return lines;
}

function describeCode(code: string): string {
  return isErrorCode(code) ? errorCodes[code].what : code;
}
