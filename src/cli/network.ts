import type { ConfigdClient, ProposedChange } from "../configd/api.ts";
import { SettingsRefused } from "../configd/settings-refused.ts";
import type { Status, Trial } from "../configd/status.ts";
import { OutriderError } from "../protocol/error.ts";
import { networkFormOf, proxyFormOf, withNetworkForm, withProxyForm } from "../settings/form.ts";
import type { Settings } from "../settings/schema.ts";
import type { Input } from "./input.ts";
import { type ExitCode, exitCodes, type Output, UsageError } from "./output.ts";
import { adviceWords, changeLines, doctorLines, endWords, settingsLines, trialLines } from "./words.ts";

export interface NetworkOptions {
  dhcp?: boolean | undefined;
  address?: string | undefined;
  gateway?: string | undefined;
  dns?: string | undefined;
  search?: string | undefined;
  nic?: string | undefined;
  hostname?: string | undefined;
  proxy?: string | undefined;
  "proxy-user"?: string | undefined;
  "proxy-password"?: boolean | undefined;
}

export interface NetworkContext {
  client: ConfigdClient;
  input: Input;
  output: Output;
  json: boolean;
}

export async function showNetwork({ client, output, json }: NetworkContext): Promise<ExitCode> {
  const status = await client.call("status", {});
  const { settings, secrets, trial, lastTrial } = status;
  if (json) output.json({ settings, secrets, trial, lastTrial });
  else {
    for (const line of settingsLines(settings, secrets.proxyPassword)) output.line(line);
    if (trial) for (const line of ["", ...trialLines(trial)]) output.line(line);
  }
  return exitCodes.done;
}

/** Tries new settings, waits for the checks, and with `keep` decides by them. */
export async function tryNetwork(options: NetworkOptions, keep: boolean, context: NetworkContext): Promise<ExitCode> {
  const { client, output, json, input } = context;
  const status = await client.call("status", {});
  if (status.trial) throw new OutriderError("trial-pending");
  const change: ProposedChange = { settings: applyOptions(status.settings, options) };
  if (options["proxy-password"]) change.proxyPassword = await input.secret("Password of the proxy");
  const review = await client.call("review", change);
  if (review.problems.length === 0 && review.changes.length === 0) {
    if (json) output.json({ changes: [] });
    else output.line("Nothing changes.");
    return exitCodes.done;
  }
  if (!json) for (const line of changeLines(review.changes)) output.line(line);
  const { id } = await client.call("try", change);
  if (!json) output.line("The new settings are active. Checking the path to the platform ...");
  const trial = await waitForChecks(client, id);
  if (!json && trial) for (const line of ["", ...doctorLines(trial.checks), "", adviceWords(trial)]) output.line(line);
  if (!trial || !keep) return finishTry(context, trial);
  await client.call(trial.advice === "keep" ? "keep" : "revert", { id });
  return reportEnd(context, trial);
}

/** The option's meaning on top of the present settings, by the very forms of the console. */
export function applyOptions(settings: Settings, options: NetworkOptions): Settings {
  if (options.dhcp && (options.address !== undefined || options.gateway !== undefined)) throw new UsageError("--dhcp and a static address exclude each other");
  const form = networkFormOf(settings);
  if (options.dhcp) form.lan.ipv4Method = "dhcp";
  if (options.address !== undefined || options.gateway !== undefined) form.lan.ipv4Method = "static";
  form.lan.ipv4Address = options.address ?? form.lan.ipv4Address;
  form.lan.ipv4Gateway = options.gateway ?? form.lan.ipv4Gateway;
  form.lan.dnsServers = options.dns ?? form.lan.dnsServers;
  form.lan.searchDomains = options.search ?? form.lan.searchDomains;
  form.lan.nic = options.nic ?? form.lan.nic;
  form.hostname = options.hostname ?? form.hostname;
  // The proxy first: whether a DNS server is needed depends on it.
  const withProxy = withProxyForm(settings, proxyForm(settings, options));
  const withNetwork = withNetworkForm(withProxy.ok ? withProxy.settings : settings, form);
  const problems = [...(withProxy.ok ? [] : withProxy.problems), ...(withNetwork.ok ? [] : withNetwork.problems)];
  const unique = problems.filter((problem, index) => problems.findIndex((other) => other.field === problem.field && other.code === problem.code) === index);
  if (!withNetwork.ok || unique.length > 0) throw new SettingsRefused(unique);
  return withNetwork.settings;
}

function proxyForm(settings: Settings, options: NetworkOptions) {
  const form = proxyFormOf(settings);
  if (options.proxy === "none" || options.proxy === "") form.kind = "none";
  else if (options.proxy !== undefined) {
    const [, host, port] = /^(.*?)(?::(\d+))?$/.exec(options.proxy) ?? [];
    form.kind = "http";
    form.host = host ?? options.proxy;
    form.port = port ?? form.port;
  }
  if (options["proxy-user"] !== undefined) {
    form.user = options["proxy-user"];
    form.authentication = options["proxy-user"] === "" ? "none" : "basic";
  }
  return form;
}

/** The trial when its checks are there, or null when it ended meanwhile. */
async function waitForChecks(client: ConfigdClient, id: string): Promise<Trial | null> {
  let status: Status = await client.call("status", {});
  while (status.trial?.id === id && status.trial.phase !== "waiting") status = await client.call("status", { after: status.revision });
  return status.trial?.id === id ? status.trial : null;
}

async function finishTry(context: NetworkContext, trial: Trial | null): Promise<ExitCode> {
  if (!trial) return reportEnd(context, null);
  const { output, json } = context;
  if (json) output.json({ trial });
  else {
    output.line("");
    output.line(`Type \`outrider network keep\` within ${Math.ceil(trial.remainingMs / 1000)} s, or \`outrider network revert\`.`);
  }
  return trial.advice === "keep" ? exitCodes.done : exitCodes.checksFailed;
}

async function reportEnd({ client, output, json }: NetworkContext, trial: Trial | null): Promise<ExitCode> {
  const { lastTrial } = await client.call("status", {});
  if (json) output.json({ trial, lastTrial });
  else if (lastTrial) output.line(endWords(lastTrial));
  if (lastTrial?.end === "kept") return exitCodes.done;
  return trial && trial.advice !== "keep" ? exitCodes.checksFailed : exitCodes.failed;
}

export async function endTrial(verb: "keep" | "revert" | "extend", { client, output, json }: NetworkContext): Promise<ExitCode> {
  const { trial } = await client.call("status", {});
  if (!trial) throw new OutriderError("trial-unknown");
  await client.call(verb, { id: trial.id });
  const after = await client.call("status", {});
  if (json) output.json({ trial: after.trial, lastTrial: after.lastTrial });
  else if (after.trial) output.line(`It goes back in ${Math.ceil(after.trial.remainingMs / 1000)} s unless it is kept.`);
  else if (after.lastTrial) output.line(endWords(after.lastTrial));
  return exitCodes.done;
}
