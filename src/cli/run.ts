// node:util's parseArgs and not commander: that reads --no-ipv4, --no-trust and --no-proxy-password
// as negations (the last of a pair wins silently), has untyped options and adds 57 KB.
import { parseArgs } from "node:util";
import type { ConfigdClient } from "../configd/api/api.ts";
import { firewallNeeds } from "../firewall-request/needs.ts";
import { englishFirewallLines } from "../firewall-request/text.ts";
import { egressLines } from "./egress.ts";
import { helpText } from "./help.ts";
import type { Input } from "./input.ts";
import { requireOwnOptions, settingsOptions } from "./known-options.ts";
import { doctorLines, statusLines } from "./lines.ts";
import {
  endTrial,
  type NetworkContext,
  originOf,
  renewLease,
  restore,
  showHistory,
  showSettings,
  tryOptions,
} from "./network.ts";
import { type ExitCode, exitCodes, type Output, reportError, UsageError } from "./output.ts";
import { reset, zeroTouch } from "./recovery.ts";
import { isToolVerb, runToolVerb } from "./tools.ts";
import { isTopic, type Topic } from "./topics.ts";

export interface CliParts {
  /** A client for the socket named, or for the appliance's own. */
  connect: (socketPath: string | undefined) => ConfigdClient;
  input: Input;
  output: Output;
  /** User and terminal of the command line. */
  caller: string;
  version: () => Promise<string>;
  /** The notices of all that the appliance is made of. */
  licences: () => Promise<string>;
  /** Calls back at Ctrl-C, once; returns how to stop listening. */
  onInterrupt: (stop: () => void) => () => void;
  /** Opens the console in this terminal and gives its exit code. */
  openConsole: (args: readonly string[]) => Promise<number>;
}

const options = {
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  socket: { type: "string" },
  why: { type: "string" },
  confirm: { type: "string" },
  keep: { type: "boolean" },
  only: { type: "string" },
  ...settingsOptions,
} as const;

/** Options that every verb has; the others belong to some verbs only. */
const everywhere = ["json", "help", "socket"];

const codeAmongArguments =
  "every user of this machine can see the words of a command, so that the activation code is no such word: call `outrider enrol URL`, and type it when it is asked for, or give it on standard input";

type Values = ReturnType<typeof parse>["values"];

/** Runs a command line and returns the exit code. */
export async function runCli(args: readonly string[], parts: CliParts): Promise<number> {
  const { output } = parts;
  const json = args.includes("--json");
  try {
    if (args[0] === "console") return await parts.openConsole(args.slice(1));
    if (isToolVerb(args[0]))
      return await runToolVerb(args[0], args.slice(1), { ...parts, help: helpText });
    const { values, positionals } = parse(args);
    const [verb, ...rest] = positionals;
    if (verb === undefined || verb === "help" || values.help) {
      output.line(helpText(verb === "help" ? rest[0] : verb));
      return verb === undefined && !values.help ? exitCodes.usage : exitCodes.done;
    }
    // `network history restore NUMBER` means `network restore NUMBER`.
    const restoring = verb === "network" && rest[0] === "history" && rest[1] === "restore";
    return await runVerb(verb, restoring ? rest.slice(1) : rest, values, parts);
  } catch (error) {
    return reportError(error, output, json);
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(
      error instanceof Error ? (error.message.split(". ")[0] ?? error.message) : String(error),
    );
  }
}

async function runVerb(
  verb: string,
  rest: readonly string[],
  values: Values,
  parts: CliParts,
): Promise<ExitCode> {
  const { output, input } = parts;
  const json = values.json ?? false;
  const client = parts.connect(values.socket);
  const context: NetworkContext = { client, input, output, json, caller: parts.caller };
  requirePlaced(verb, rest[0], values);
  if (isTopic(verb)) return await settings(verb, rest, values, context);

  switch (verb) {
    case "status": {
      expect(rest, 0);
      const status = await client.call("status", {});
      if (json) output.json(status);
      else for (const line of statusLines(status)) output.line(line);
      return exitCodes.done;
    }
    case "reset": {
      const [what = ""] = expect(rest, 1);
      return await reset(what, values.confirm, context);
    }
    case "zero-touch": {
      const [action = "show"] = expect(rest, 0, 1);
      return await zeroTouch(action, values.keep ?? false, values.why, context);
    }
    case "enrol": {
      // The message must not repeat the argument, as other messages do: it is the code.
      if (rest.length > 1) throw new UsageError(codeAmongArguments);
      const [url] = rest;
      if (url === undefined) throw new UsageError("the platform's address is missing");
      await client.call("enrol", {
        url,
        code: await input.secret("Activation code"),
        by: originOf(context),
      });
      if (json) output.json({ enrolment: "started" });
      else output.line("Saved. The agent enrols now; `outrider status` shows how it goes.");
      return exitCodes.done;
    }
    case "doctor": {
      expect(rest, 0);
      const { results } = await client.call(
        "doctor",
        values.only === undefined ? {} : { only: values.only },
      );
      if (json) output.json({ results });
      else for (const line of doctorLines(results)) output.line(line);
      return results.some((result) => result.outcome === "failed")
        ? exitCodes.checksFailed
        : exitCodes.done;
    }
    case "egress": {
      expect(rest, 0);
      const ledger = await client.call("egress", {});
      if (json) output.json(ledger);
      else for (const line of egressLines(ledger)) output.line(line);
      return exitCodes.done;
    }
    case "firewall": {
      expect(rest, 0);
      const needs = firewallNeeds(await client.call("status", {}), await client.call("egress", {}));
      if (json) output.json(needs);
      else for (const line of englishFirewallLines(needs)) output.line(line);
      return exitCodes.done;
    }
    case "call":
      expect(rest, 0);
      await client.call("callNow", {});
      if (json) output.json({});
      else output.line("The agent calls home.");
      return exitCodes.done;
    case "power": {
      const [action] = expect(rest, 1);
      if (action !== "reboot" && action !== "poweroff")
        throw new UsageError("power takes reboot or poweroff");
      await client.call("power", { action });
      if (json) output.json({ action });
      else
        output.line(action === "reboot" ? "The appliance restarts." : "The appliance turns off.");
      return exitCodes.done;
    }
    case "version": {
      expect(rest, 0);
      const version = await parts.version();
      if (json) output.json({ version });
      else output.line(`outrider ${version}`);
      return exitCodes.done;
    }
    case "licences": {
      expect(rest, 0);
      const text = await parts.licences();
      if (json) output.json({ licences: text });
      else for (const line of text.trimEnd().split("\n")) output.line(line);
      return exitCodes.done;
    }
    default:
      throw new UsageError(`there is no verb '${verb}'`);
  }
}

async function settings(
  topic: Topic,
  rest: readonly string[],
  values: Values,
  context: NetworkContext,
): Promise<ExitCode> {
  const [action = "show", argument] = expect(rest, 0, 2);
  const { json, help, socket, why, confirm, keep, only, ...wanted } = values;
  const takesArgument = action === "restore" || action === "renew";
  if (argument !== undefined && !takesArgument)
    throw new UsageError(`'${argument}' is one word too many`);
  if (action === "show") return await showSettings(topic, context);
  if (action === "try" || action === "set") {
    requireOwnOptions(topic, Object.keys(wanted));
    return await tryOptions(wanted, action === "set" || (keep ?? false), why, context);
  }
  if (action === "keep" || action === "revert" || action === "extend")
    return await endTrial(action, context);
  if (topic !== "network")
    throw new UsageError(`${topic} takes show, try, set, keep, revert or extend, not '${action}'`);
  switch (action) {
    case "history":
      return await showHistory(context);
    case "restore": {
      if (argument === undefined || !/^\d{1,9}$/.test(argument))
        throw new UsageError("restore takes a number of `outrider network history`");
      return await restore(Number(argument), keep ?? false, why, context);
    }
    case "renew":
      return await renewLease(argument ?? "lan", context);
    default:
      throw new UsageError(
        `network takes show, try, set, keep, revert, extend, history, restore or renew, not '${action}'`,
      );
  }
}

function requirePlaced(verb: string, action: string | undefined, values: Values): void {
  const changing = isTopic(verb) && (action === "set" || action === "try");
  const trying = changing || action === "restore" || (verb === "zero-touch" && action === "read");
  for (const name of Object.keys(values)) {
    if (everywhere.includes(name)) continue;
    const placed: Readonly<Record<string, boolean>> = {
      only: verb === "doctor",
      confirm: verb === "reset",
      why: trying,
      keep: trying,
    };
    if (!(placed[name] ?? changing)) throw new UsageError(`--${name} belongs to ${placeOf(name)}`);
  }
}

function placeOf(name: string): string {
  switch (name) {
    case "confirm":
      return "`outrider reset`";
    case "only":
      return "`outrider doctor`";
    case "keep":
      return "`outrider network try` and `restore`, and to `outrider zero-touch read`";
    case "why":
      return "`outrider network try`, `set` and `restore`, and to `outrider zero-touch read`";
    default:
      return "`outrider network try` and `set`";
  }
}

/** Throws UsageError for another number of arguments. */
function expect(args: readonly string[], least: number, most = least): readonly string[] {
  if (args.length < least) throw new UsageError("something is missing");
  if (args.length > most) throw new UsageError(`'${args[most] ?? ""}' is one word too many`);
  return args;
}
