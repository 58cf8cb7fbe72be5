import { parseArgs } from "node:util";
import { errorCodes, isErrorCode } from "../base/messages/error-codes.ts";
import { describeFacts } from "../base/messages/facts.ts";
import type { ConfigdClient } from "../configd/api/api.ts";
import { captureKinds, captureSeconds, recordTypes } from "../configd/api/tool-names.ts";
import type { ToolAnswer, ToolRequest } from "../configd/api/tool-shapes.ts";
import { describeFieldProblem } from "../settings/model/problems.ts";
import { type FieldValue, problemAt } from "../settings/values/field-value.ts";
import { parsePort } from "../settings/values/names.ts";
import {
  parseToolAddress,
  parseToolHost,
  parseToolSeconds,
} from "../settings/values/tool-inputs.ts";
import { type ExitCode, exitCodes, type Output, UsageError } from "./output.ts";

/** The options of each verb, beside --from, --json and --socket. */
const ownOptions = {
  ping: [],
  lookup: ["type", "server"],
  trace: ["port"],
  tls: ["port", "direct"],
  capture: ["only", "host", "seconds"],
} as const;
export type ToolVerb = keyof typeof ownOptions;

export function isToolVerb(verb: string | undefined): verb is ToolVerb {
  return verb !== undefined && Object.hasOwn(ownOptions, verb);
}

const options = {
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  socket: { type: "string" },
  from: { type: "string" },
  type: { type: "string" },
  server: { type: "string" },
  port: { type: "string" },
  direct: { type: "boolean" },
  only: { type: "string" },
  host: { type: "string" },
  seconds: { type: "string" },
} as const;

export interface ToolParts {
  connect: (socketPath: string | undefined) => ConfigdClient;
  output: Output;
  /** Calls back at Ctrl-C, once; returns how to stop listening. */
  onInterrupt: (stop: () => void) => () => void;
  help: (topic: string) => string;
}

/**
 * `outrider ping|lookup|trace|tls|capture`. At Ctrl-C the tool answers with what it has found until
 * then; at the second one the command ends.
 */
export async function runToolVerb(
  verb: ToolVerb,
  args: readonly string[],
  { connect, output, onInterrupt, help }: ToolParts,
): Promise<ExitCode> {
  const { values, positionals } = parse(args);
  if (values.help) {
    output.line(help(verb));
    return exitCodes.done;
  }
  requireOwn(verb, Object.keys(values));
  const client = connect(values.socket);
  const request = await requestOf(verb, positionals, values, client);
  const forget = onInterrupt(() => {
    output.error("Stopping...");
    client.call("stopTool", {}).catch(() => undefined);
  });
  try {
    const answer = await client.call("runTool", request);
    if (values.json) output.json(asJson(answer));
    else for (const line of answerLines(answer)) output.line(line);
    return answer.outcome === "failed" ? exitCodes.checksFailed : exitCodes.done;
  } finally {
    forget();
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

type Values = ReturnType<typeof parse>["values"];

function requireOwn(verb: ToolVerb, given: readonly string[]): void {
  const everywhere: readonly string[] = ["json", "help", "socket", "from"];
  const own: readonly string[] = ownOptions[verb];
  const foreign = given.find((name) => !everywhere.includes(name) && !own.includes(name));
  if (foreign !== undefined)
    throw new UsageError(`--${foreign} is no option of \`outrider ${verb}\``);
}

async function requestOf(
  verb: ToolVerb,
  words: readonly string[],
  values: Values,
  client: ConfigdClient,
): Promise<ToolRequest> {
  if (verb === "capture") {
    if (words[0] !== undefined) throw new UsageError(`'${words[0]}' is one word too many`);
  } else if (words.length !== 1)
    throw new UsageError(
      words.length === 0
        ? `${verb} takes a name or an address`
        : `'${words[1]}' is one word too many`,
    );
  const [typed = ""] = words;
  const target = verb === "capture" ? "" : taken(typed, parseToolHost(typed));
  const port = values.port === undefined ? 443 : taken("--port", parsePort(values.port));
  const address = (name: "server" | "host") =>
    values[name] === undefined
      ? {}
      : { [name]: taken(`--${name}`, parseToolAddress(values[name])) };
  const type = oneOf("type", values.type ?? "address", recordTypes);
  const kind = oneOf("only", values.only ?? "all", captureKinds);
  const { least, most, usual } = captureSeconds;
  const seconds =
    values.seconds === undefined
      ? usual
      : taken("--seconds", parseToolSeconds(values.seconds, least, most));
  const role = await roleOf(values.from, client);
  switch (verb) {
    case "ping":
      return { tool: "ping", role, target };
    case "lookup":
      return { tool: "look-up", role, target, type, ...address("server") };
    case "trace":
      return { tool: "trace", role, target, port };
    case "tls":
      return { tool: "tls", role, target, port, direct: values.direct ?? false };
    case "capture":
      return { tool: "capture", role, kind, seconds, ...address("host") };
  }
}

/** Unnamed, the side that calls home. */
async function roleOf(from: string | undefined, client: ConfigdClient): Promise<"lan" | "wan"> {
  if (from === "lan" || from === "wan") return from;
  if (from !== undefined) throw new UsageError("--from takes lan or wan");
  const { settings } = await client.call("status", {});
  return settings.network.mode === "split" ? "wan" : "lan";
}

function taken<T>(what: string, value: FieldValue<T>): T {
  if (value.ok) return value.value;
  const { message, example } = describeFieldProblem(problemAt("", value));
  throw new UsageError(`${what}: ${message} ${example}`);
}

/** In any case of letters, as `mx` for MX. */
function oneOf<Value extends string>(name: string, typed: string, values: readonly Value[]): Value {
  const found = values.find((value) => value.toLowerCase() === typed.toLowerCase());
  if (found === undefined) throw new UsageError(`--${name} takes one of ${values.join(", ")}`);
  return found;
}

const marks = { ok: "ok", warning: "WARNING", failed: "FAILED" } as const;

export function answerLines({ outcome, code, verdict, lines }: ToolAnswer): string[] {
  const exactly = describeFacts(verdict) ?? "";
  const seen = lines.map((line) => `  ${describeFacts(line) ?? ""}`);
  const below = seen.length === 0 ? [] : ["", ...seen];
  if (code === null || !isErrorCode(code)) return [`${marks[outcome]}  ${exactly}`, ...below];
  const { what, why, remedy } = errorCodes[code];
  return [
    `${marks[outcome]}  ${what}`,
    ...(exactly === "" ? [] : [`  Facts: ${exactly}`]),
    `  Why:   ${why}`,
    `  Next:  ${remedy}`,
    ...below,
  ];
}

function asJson({ outcome, code, verdict, lines, contacted }: ToolAnswer): object {
  const description = code !== null && isErrorCode(code) ? errorCodes[code] : null;
  return {
    outcome,
    code,
    what: description?.what ?? null,
    why: description?.why ?? null,
    remedy: description?.remedy ?? null,
    verdict: describeFacts(verdict) ?? "",
    lines: lines.map((line) => describeFacts(line) ?? ""),
    contacted,
    facts: verdict,
  };
}
