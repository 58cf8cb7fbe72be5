import { parseArgs } from "node:util";
import type { ConfigdClient } from "../configd/api.ts";
import { helpText } from "./help.ts";
import type { Input } from "./input.ts";
import { endTrial, showNetwork, tryNetwork } from "./network.ts";
import { type ExitCode, exitCodes, type Output, reportError, UsageError } from "./output.ts";
import { doctorLines, statusLines } from "./words.ts";

export interface CliParts {
  /** A client for the socket named, or for the appliance's own. */
  connect: (socketPath: string | undefined) => ConfigdClient;
  input: Input;
  output: Output;
  version: () => Promise<string>;
  /** Opens the console in this terminal and gives its exit code. */
  openConsole: (words: readonly string[]) => Promise<number>;
}

const options = {
  json: { type: "boolean" },
  only: { type: "string" },
  help: { type: "boolean", short: "h" },
  socket: { type: "string" },
  dhcp: { type: "boolean" },
  address: { type: "string" },
  gateway: { type: "string" },
  dns: { type: "string" },
  search: { type: "string" },
  nic: { type: "string" },
  hostname: { type: "string" },
  proxy: { type: "string" },
  "proxy-user": { type: "string" },
  "proxy-password": { type: "boolean" },
} as const;

/** Options of single verbs; elsewhere they are mistakes. */
const everywhere = ["json", "help", "socket"];

type Values = ReturnType<typeof parse>["values"];

/** The command line from its words to its exit code. */
export async function runCli(words: readonly string[], parts: CliParts): Promise<number> {
  const { output } = parts;
  const json = words.includes("--json");
  try {
    if (words[0] === "console") return await parts.openConsole(words.slice(1));
    const { values, positionals } = parse(words);
    const [verb, ...rest] = positionals;
    if (verb === undefined || verb === "help" || values.help) {
      output.line(helpText(verb === "help" ? rest[0] : verb));
      return verb === undefined && !values.help ? exitCodes.usage : exitCodes.done;
    }
    return await runVerb(verb, rest, values, parts);
  } catch (error) {
    return reportError(error, output, json);
  }
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split(". ")[0] ?? error.message) : String(error));
  }
}

async function runVerb(verb: string, rest: readonly string[], values: Values, parts: CliParts): Promise<ExitCode> {
  const { output, input } = parts;
  const json = values.json ?? false;
  const client = parts.connect(values.socket);
  const settable = verb === "network" && (rest[0] === "set" || rest[0] === "try");
  const misplaced = Object.keys(values).find((name) => !everywhere.includes(name));
  if (misplaced !== undefined && !settable && !(verb === "doctor" && misplaced === "only"))
    throw new UsageError(`--${misplaced} belongs to \`outrider network try\` and \`set\``);

  switch (verb) {
    case "status": {
      expect(rest, 0);
      const status = await client.call("status", {});
      if (json) output.json(status);
      else for (const line of statusLines(status)) output.line(line);
      return exitCodes.done;
    }
    case "network":
      return network(rest, values, { client, input, output, json });
    case "enrol": {
      const [url, code] = expect(rest, 1, 2);
      if (url === undefined) throw new UsageError("the platform's address is missing");
      await client.call("enrol", { url, code: code ?? (await input.secret("Activation code")) });
      if (json) output.json({ enrolment: "started" });
      else output.line("Saved. The agent enrols now; `outrider status` shows how it goes.");
      return exitCodes.done;
    }
    case "doctor": {
      expect(rest, 0);
      const { results } = await client.call("doctor", values.only === undefined ? {} : { only: values.only });
      if (json) output.json({ results });
      else for (const line of doctorLines(results)) output.line(line);
      return results.some((result) => result.outcome === "failed") ? exitCodes.checksFailed : exitCodes.done;
    }
    case "call":
      expect(rest, 0);
      await client.call("callNow", {});
      if (json) output.json({});
      else output.line("The agent calls home.");
      return exitCodes.done;
    case "power": {
      const [action] = expect(rest, 1);
      if (action !== "reboot" && action !== "poweroff") throw new UsageError("power takes reboot or poweroff");
      await client.call("power", { action });
      if (json) output.json({ action });
      else output.line(action === "reboot" ? "The appliance restarts." : "The appliance turns off.");
      return exitCodes.done;
    }
    case "version": {
      expect(rest, 0);
      const version = await parts.version();
      if (json) output.json({ version });
      else output.line(`outrider ${version}`);
      return exitCodes.done;
    }
    default:
      throw new UsageError(`there is no verb '${verb}'`);
  }
}

async function network(rest: readonly string[], values: Values, context: Parameters<typeof showNetwork>[0]): Promise<ExitCode> {
  const [action = "show"] = expect(rest, 0, 1);
  switch (action) {
    case "show":
      return showNetwork(context);
    case "try":
    case "set":
      return tryNetwork(values, action === "set", context);
    case "keep":
    case "revert":
    case "extend":
      return endTrial(action, context);
    default:
      throw new UsageError(`network takes show, try, set, keep, revert or extend, not '${action}'`);
  }
}

function expect(words: readonly string[], least: number, most = least): readonly string[] {
  if (words.length < least) throw new UsageError("something is missing");
  if (words.length > most) throw new UsageError(`'${words[most] ?? ""}' is one word too many`);
  return words;
}
