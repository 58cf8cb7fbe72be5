import type { Validator } from "../../base/checks.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { isErrorCode } from "../../base/messages/error-codes.ts";
import { describeFacts, type Fact, fact, quoted } from "../../base/messages/facts.ts";
import { type FieldProblem, isFieldProblemCode } from "../../settings/model/problems.ts";
import type { ConfigdClient, VerbName, VerbReply, VerbRequest } from "./api.ts";
import { validators } from "./reply-validators.ts";
import { routes } from "./routes.ts";
import { SettingsRefused } from "./settings-refused.ts";
import type { ApiFailure } from "./shapes.ts";

/**
 * Loaded without `import`: the module namespace of node:http reads each of its properties, and one of
 * them loads Node's own undici (about 70 ms and 6 MB in each process that calls configd).
 */
const { request: httpRequest } = process.getBuiltinModule("node:http");

type ReplyValidators = { [Name in VerbName]: Validator<VerbReply<Name>> };
const replies: ReplyValidators = validators;

/** Longer than configd ever takes: checks of a path with many dead hops take longest. */
const callTimeoutMs = 150_000;
const largestReplyBytes = 4 * 2 ** 20;

/**
 * Calls configd over its unix socket. Throws OutriderError "configd-unreachable" when configd does
 * not answer, SettingsRefused with the fields when settings are not valid, else an OutriderError with
 * configd's code.
 */
export class UnixConfigdClient implements ConfigdClient {
  readonly #socketPath: string;
  readonly #timeoutMs: number;

  constructor(socketPath: string, options: { timeoutMs?: number } = {}) {
    this.#socketPath = socketPath;
    this.#timeoutMs = options.timeoutMs ?? callTimeoutMs;
  }

  async call<Name extends VerbName>(
    name: Name,
    request: VerbRequest<Name>,
    signal?: AbortSignal,
  ): Promise<VerbReply<Name>> {
    const { status, body } = await this.#exchange(name, request, signal);
    const answer = parse(body);
    if (status !== 200) throw failureOf(answer, status);
    const reply = replies[name](answer);
    if (!reply.valid)
      throw unexpected(
        quoted(`${name}: ${reply.violations[0]?.path ?? ""} ${reply.violations[0]?.message ?? ""}`),
      );
    return reply.value;
  }

  async #exchange(
    name: VerbName,
    request: object,
    signal?: AbortSignal,
  ): Promise<{ status: number; body: string }> {
    const { method, path } = routes[name];
    const limit = AbortSignal.timeout(this.#timeoutMs);
    const query = method === "GET" ? queryOf(request) : "";
    const content = method === "GET" ? null : JSON.stringify(request);
    try {
      return await new Promise((resolve, reject) => {
        const outgoing = httpRequest({
          socketPath: this.#socketPath,
          method,
          path: `${path}${query}`,
          // One connection a call, because a restart of configd would cut a kept one.
          agent: false,
          signal: signal ? AbortSignal.any([signal, limit]) : limit,
          headers: {
            host: "configd",
            ...(content === null
              ? {}
              : {
                  "content-type": "application/json",
                  "content-length": Buffer.byteLength(content),
                }),
          },
        });
        outgoing.on("error", reject);
        outgoing.on("response", (incoming) => {
          const chunks: Buffer[] = [];
          let length = 0;
          incoming.on("data", (chunk: Buffer) => {
            length += chunk.length;
            if (length > largestReplyBytes) incoming.destroy(new Error("the answer is too long"));
            else chunks.push(chunk);
          });
          incoming.on("error", reject);
          incoming.on("end", () =>
            resolve({
              status: incoming.statusCode ?? 0,
              body: Buffer.concat(chunks).toString("utf8"),
            }),
          );
        });
        outgoing.end(content ?? undefined);
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw new OutriderError("configd-unreachable", {
        detail: reasonOf(error, limit.aborted),
        cause: error,
      });
    }
  }
}

function reasonOf(error: unknown, timedOut: boolean): Fact {
  if (timedOut) return fact("configd-late");
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ECONNREFUSED") return fact("configd-not-running");
  if (code === "EACCES" || code === "EPERM")
    return fact("configd-not-allowed", { user: "root", group: "outrider-console" });
  return quoted(error instanceof Error ? error.message : String(error));
}

function queryOf(request: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request))
    if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? "" : `?${query.toString()}`;
}

function failureOf(answer: unknown, status: number): OutriderError {
  const failure = validators.failure(answer);
  if (!failure.valid) return unexpected(fact("answered-status", { status }));
  const { code, detail, facts, problems }: ApiFailure = failure.value;
  if (code === "settings-invalid" && problems)
    return new SettingsRefused(problems.map(asFieldProblem));
  if (!isErrorCode(code)) return unexpected(fact("answered-code", { code }));
  // This version has no phrases for facts of a later one, so it shows the text.
  const details = facts !== undefined && describeFacts(facts) !== null ? facts : detail;
  return new OutriderError(code, details === undefined ? {} : { detail: details });
}

/** A problem of another version, whose code is not known here, shows only its values. */
function asFieldProblem({
  field,
  code,
  values,
  reason,
}: NonNullable<ApiFailure["problems"]>[number]): FieldProblem {
  if (isFieldProblemCode(code))
    return { field, code, ...(values ? { values } : {}), ...(reason ? { reason } : {}) };
  return {
    field,
    code: "not-valid",
    values: { value: Object.values(values ?? {}).join(", ") },
    reason: quoted(code),
  };
}

function unexpected(detail: Fact): OutriderError {
  return new OutriderError("request-invalid", { detail });
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
