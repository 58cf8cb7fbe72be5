import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { checkServerIdentity } from "node:tls";
import { parseArgs } from "node:util";
import { parseJson } from "../base/json.ts";
import { keysText, lostText } from "./keys-text.ts";
import { readListening } from "./listening.ts";
import type { PlatformKeysReply } from "./operator/key-schemas.ts";
import { validators } from "./operator/validators.ts";

export const keysUsage = `usage: platform keys list --data FOLDER
       platform keys roll reply|authority --data FOLDER [--term DAYS]
       platform keys roll reply|authority --data FOLDER --now
    list         the keys by which appliances know the platform, and who knows them
    roll         announces the next key; it is used when all appliances know it
    --term DAYS  it is used after so many days at the latest; 30 if it is left out
    --now        the key was stolen: a new one is used at once, and the old one counts no more`;

export interface CommandResult {
  exitCode: 0 | 1 | 2;
  output: string;
  error: string;
}

interface Asked {
  data: string;
  /** Null to list. */
  roll: { kind: "reply" | "authority"; now: boolean; termDays?: number } | null;
}

/** `platform keys`: asks the platform that runs with this data folder. */
export async function keysCommand(args: readonly string[], nowMs: number): Promise<CommandResult> {
  let asked: Asked;
  try {
    asked = readArguments(args);
  } catch (error) {
    return { exitCode: 2, output: "", error: `${messageOf(error)}\n${keysUsage}\n` };
  }
  try {
    const { roll } = asked;
    const keys = await ask(asked);
    const told = roll?.now ? `\n${lostText(roll.kind, keys)}` : "";
    return { exitCode: 0, output: `${keysText(keys, nowMs)}${told}\n`, error: "" };
  } catch (error) {
    return { exitCode: 1, output: "", error: `${messageOf(error)}\n` };
  }
}

function readArguments(args: readonly string[]): Asked {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      data: { type: "string" },
      term: { type: "string" },
      now: { type: "boolean", default: false },
    },
  });
  const [command, kind, ...more] = positionals;
  const { data, term, now } = values;
  if (data === undefined) throw new TypeError("--data is missing");
  if (command === "list" && kind === undefined && term === undefined && !now)
    return { data, roll: null };
  if (command !== "roll" || (kind !== "reply" && kind !== "authority") || more.length > 0)
    throw new TypeError(`unknown command: keys ${positionals.join(" ")}`);
  if (term === undefined) return { data, roll: { kind, now } };
  if (now) throw new TypeError("with --now there is no term");
  if (!/^[1-9]\d{0,2}$/.test(term) || Number(term) > 365)
    throw new TypeError(`--term is a number of days from 1 to 365, not ${term}`);
  return { data, roll: { kind, now, termDays: Number(term) } };
}

async function ask({ data, roll }: Asked): Promise<PlatformKeysReply> {
  const { host, port } = await readListening(data).catch((error: unknown) => {
    throw new Error(`No platform was started with ${data}: check --data`, { cause: error });
  });
  const token = (await readFile(join(data, "operator-token"), "utf8")).trim();
  const authority = await readFile(join(data, "certificate-authority.json"), "utf8");
  const pair = parseJson(authority);
  const ca =
    typeof pair === "object" && pair !== null ? String(Reflect.get(pair, "certificate")) : "";
  const body =
    roll &&
    JSON.stringify({ now: roll.now, ...(roll.termDays ? { termDays: roll.termDays } : {}) });
  const { status, text } = await new Promise<{ status: number; text: string }>(
    (resolve, reject) => {
      const sent = request({
        host,
        port,
        path: roll ? `/api/keys/${roll.kind}/roll` : "/api/keys",
        method: roll ? "POST" : "GET",
        ca,
        servername: "",
        // The server's certificate always has this name for programs on the same machine.
        checkServerIdentity: (_, certificate) => checkServerIdentity("127.0.0.1", certificate),
        agent: false,
        timeout: 60_000,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body ? { "content-type": "application/json" } : {}),
        },
      });
      sent.on("timeout", () => sent.destroy(new Error("no answer within a minute")));
      sent.on("error", reject).on("response", async (reply) => {
        const chunks: Buffer[] = [];
        for await (const chunk of reply) chunks.push(chunk);
        resolve({ status: reply.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
      });
      sent.end(body ?? undefined);
    },
  ).catch((error: unknown) => {
    throw new Error(
      `The platform at ${host}:${port} does not answer (${messageOf(error)}): start it, and repeat the command`,
      { cause: error },
    );
  });
  const keys = validators.PlatformKeysReply(parseJson(text));
  if (status !== 200 || !keys.valid)
    throw new Error(`The platform refused with status ${status}: ${text.slice(0, 500)}`);
  return keys.value;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
