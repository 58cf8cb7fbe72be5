import { readFile } from "node:fs/promises";
import { decodeForeignText } from "../base/foreign-text.ts";
import { OutriderError } from "../base/messages/error.ts";
import { pemOfDer } from "../base/pem.ts";
import type { ConfigdClient } from "../configd/api/api.ts";
import type { ProposedChange } from "../configd/api/shapes.ts";
import type { Status, Trial } from "../configd/api/status.ts";
import { describeSettings } from "../settings/changes.ts";
import { proxyPassword } from "../settings/fields/secrets.ts";
import type { CallerOrigin } from "../settings/model/origin.ts";
import type { Input } from "./input.ts";
import type { SettingsOptions } from "./known-options.ts";
import {
  adviceWords,
  changeLines,
  doctorLines,
  endWords,
  historyLines,
  trialLines,
} from "./lines.ts";
import { columns, type ExitCode, exitCodes, type Output, UsageError } from "./output.ts";
import { seenAuthority } from "./seen-authority.ts";
import { applyOptions } from "./settings-options.ts";
import { withPresentCards } from "./swap-roles.ts";
import { shows, type Topic } from "./topics.ts";

export interface NetworkContext {
  client: ConfigdClient;
  input: Input;
  output: Output;
  json: boolean;
  /** User and terminal of the command line, for the history. */
  caller: string;
}

/** The origin of a change; `why` is the text of `--why`. */
export const originOf = ({ caller }: Pick<NetworkContext, "caller">, why = ""): CallerOrigin => ({
  how: "command-line",
  who: caller.slice(0, 100),
  why: why.slice(0, 300),
});

export async function showSettings(
  topic: Topic,
  { client, output, json }: NetworkContext,
): Promise<ExitCode> {
  const status = await client.call("status", {});
  const { settings, secrets, interfaces, trial, lastTrial, settingsSource, settingsFailure } =
    status;
  if (json)
    output.json({
      settings,
      secrets,
      settingsSource,
      settingsFailure,
      interfaces,
      trial,
      lastTrial,
    });
  else {
    const shown: (readonly string[])[] = [
      ...describeSettings(settings, (field) => shows(topic, field)),
    ];
    if (settings.proxy.kind !== "none" && (topic === "network" || topic === "proxy"))
      shown.push([proxyPassword.term, secrets.proxyPassword ? "set" : "not set"]);
    for (const line of columns(shown)) output.line(line);
    if (settingsFailure)
      output.line(`\nThese are not the settings of the file: ${settingsFailure.detail}`);
    if (trial) for (const line of ["", ...trialLines(trial)]) output.line(line);
  }
  return exitCodes.done;
}

/** Tries new settings, waits for the checks, and with `keep` decides by them. */
export async function tryOptions(
  options: SettingsOptions,
  keep: boolean,
  why: string | undefined,
  context: NetworkContext,
): Promise<ExitCode> {
  const { client, input } = context;
  const status = await client.call("status", {});
  if (status.trial) throw new OutriderError("trial-pending");
  if (options["proxy-password"] && options["no-proxy-password"])
    throw new UsageError("--proxy-password and --no-proxy-password exclude each other");
  const named = [
    ...(options["trust-file"] === undefined ? [] : [await readTrustFile(options["trust-file"])]),
    ...(options["trust-seen"] === undefined
      ? []
      : [await seenAuthority(options["trust-seen"], context)]),
  ];
  const trustFile = named.length === 0 ? null : named.join("\n");
  const present = options["swap-roles"] ? withPresentCards(status) : status.settings;
  const change: ProposedChange = {
    settings: applyOptions(present, options, trustFile),
    by: originOf(context, why),
  };
  if (options["no-proxy-password"]) change.proxyPassword = null;
  if (options["proxy-password"]) change.proxyPassword = await input.secret("Password of the proxy");
  const review = await client.call("review", change);
  if (review.problems.length === 0 && review.changes.length === 0) return nothingChanges(context);
  return await decide(review.changes, () => client.call("try", change), keep, context);
}

/** Tries settings of the history. */
export async function restore(
  number: number,
  keep: boolean,
  why: string | undefined,
  context: NetworkContext,
): Promise<ExitCode> {
  const { client } = context;
  const status = await client.call("status", {});
  if (status.trial) throw new OutriderError("trial-pending");
  const { entries } = await client.call("history", {});
  const entry = entries.find((candidate) => candidate.number === number);
  if (!entry) throw new OutriderError("history-unknown", { detail: `number ${number}` });
  const by = originOf(context, why);
  const review = await client.call("review", { settings: entry.settings, by });
  if (review.problems.length === 0 && review.changes.length === 0) return nothingChanges(context);
  return await decide(review.changes, () => client.call("restore", { number, by }), keep, context);
}

function nothingChanges({ json, output }: NetworkContext): ExitCode {
  if (json) output.json({ changes: [] });
  else output.line("Nothing changes.");
  return exitCodes.done;
}

async function decide(
  changes: Trial["changes"],
  begin: () => Promise<Trial>,
  keep: boolean,
  context: NetworkContext,
): Promise<ExitCode> {
  const { output, json } = context;
  if (!json) for (const line of changeLines(changes)) output.line(line);
  const { id } = await begin();
  return await followTrial(id, keep, context);
}

/** Waits for the checks of a trial that was begun; with `keep` it is decided by them. */
export async function followTrial(
  id: string,
  keep: boolean,
  context: NetworkContext,
): Promise<ExitCode> {
  const { client, output, json } = context;
  if (!json) output.line("The new settings are active. Checking the path to the platform ...");
  const trial = await waitForChecks(client, id);
  if (!json && trial)
    for (const line of ["", ...doctorLines(trial.checks), "", adviceWords(trial)])
      output.line(line);
  if (!trial || !keep) return finishTry(context, trial);
  await client.call(trial.advice === "keep" ? "keep" : "revert", { id });
  return reportEnd(context, trial);
}

/** Returns the trial once its checks are there, or null when it ended in the meantime. */
async function waitForChecks(client: ConfigdClient, id: string): Promise<Trial | null> {
  let status: Status = await client.call("status", {});
  while (status.trial?.id === id && status.trial.phase !== "waiting")
    status = await client.call("status", { after: status.revision });
  return status.trial?.id === id ? status.trial : null;
}

async function finishTry(context: NetworkContext, trial: Trial | null): Promise<ExitCode> {
  if (!trial) return reportEnd(context, null);
  const { output, json } = context;
  if (json) output.json({ trial });
  else {
    output.line("");
    output.line(
      `Type \`outrider network keep\` within ${Math.ceil(trial.remainingMs / 1000)} s, or \`outrider network revert\`.`,
    );
  }
  return trial.advice === "keep" ? exitCodes.done : exitCodes.checksFailed;
}

async function reportEnd(
  { client, output, json }: NetworkContext,
  trial: Trial | null,
): Promise<ExitCode> {
  const { lastTrial } = await client.call("status", {});
  if (json) output.json({ trial, lastTrial });
  else if (lastTrial) output.line(endWords(lastTrial));
  if (lastTrial?.end === "kept") return exitCodes.done;
  return trial && trial.advice !== "keep" ? exitCodes.checksFailed : exitCodes.failed;
}

export async function endTrial(
  verb: "keep" | "revert" | "extend",
  { client, output, json }: NetworkContext,
): Promise<ExitCode> {
  const { trial } = await client.call("status", {});
  if (!trial) throw new OutriderError("trial-unknown");
  await client.call(verb, { id: trial.id });
  const after = await client.call("status", {});
  if (json) output.json({ trial: after.trial, lastTrial: after.lastTrial });
  else if (after.trial)
    output.line(
      `It goes back in ${Math.ceil(after.trial.remainingMs / 1000)} s unless it is kept.`,
    );
  else if (after.lastTrial) output.line(endWords(after.lastTrial));
  return exitCodes.done;
}

export async function showHistory({ client, output, json }: NetworkContext): Promise<ExitCode> {
  const { entries } = await client.call("history", {});
  if (json) output.json({ entries });
  else if (entries.length === 0) output.line("Nothing was kept yet.");
  else for (const line of historyLines(entries)) output.line(line);
  return exitCodes.done;
}

export async function renewLease(
  role: string,
  { client, output, json }: NetworkContext,
): Promise<ExitCode> {
  if (role !== "lan" && role !== "wan") throw new UsageError("renew takes lan or wan");
  await client.call("renew", { role });
  if (json) output.json({ role });
  else output.line(`The DHCP server of ${role.toUpperCase()} is asked for its lease anew.`);
  return exitCodes.done;
}

function textOf(bytes: Uint8Array): string {
  const decoded = decodeForeignText(bytes);
  return decoded.ok ? decoded.text : Buffer.from(bytes).toString("latin1");
}

/** PEM in any encoding of Windows, or DER. */
async function readTrustFile(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    return pemOfDer(bytes) ?? textOf(bytes);
  } catch (error) {
    throw new UsageError(
      `${path} cannot be read: ${error instanceof Error && "code" in error ? String(error.code) : String(error)}`,
    );
  }
}
