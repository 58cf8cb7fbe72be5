import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import { fact, quoted } from "../../base/messages/facts.ts";
import type { Validator } from "../../base/validation.ts";
import type { ErrorReply, ServiceName } from "../../protocol/schemas/common.ts";
import { isOlderRequest, type ReplyKind, signReply } from "../../protocol/signature/profile.ts";
import { errorStatus } from "../https/error-status.ts";
import { swallowContent } from "../https/swallow.ts";
import type { PlatformContext } from "./context.ts";
import { type Caller, type Exchange, openExchange } from "./exchange.ts";
import { checkContent, checkHead } from "./signed-exchange.ts";

declare module "fastify" {
  interface FastifyRequest {
    exchange: Exchange | null;
  }
  interface FastifyContextConfig {
    /** The kind of caller that may use the route; appliances if absent. */
    caller?: Caller["kind"];
    /** Revoked appliances may use the route too. */
    revokedToo?: boolean;
  }
}

/**
 * Adds a service below its URL's path. It verifies every request, its head before anything of its
 * content is taken in, and signs every reply, also errors.
 */
export function addSignedService(
  app: FastifyInstance,
  service: ServiceName,
  context: PlatformContext,
  routes: (scope: FastifyInstance) => void,
): void {
  app.register(
    async (scope) => {
      scope.decorateRequest("exchange", null);
      // The signature covers the bytes as sent, so the content is parsed after the check.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) =>
        done(null, body),
      );
      scope.addHook("onRequest", async (request, reply) => {
        request.exchange = openExchange(request, service, context);
        const { caller = "appliance", revokedToo = false } = request.routeOptions.config;
        await checkHead(request.exchange, request, service, context, { caller, revokedToo });
        context.bodies.admit(request, reply.raw, request.exchange.claimed?.keyId ?? "");
      });
      scope.addHook("preValidation", async (request) => {
        if (request.exchange) checkContent(request.exchange, request);
      });
      scope.addHook("onSend", async (request, reply, payload) => {
        if (
          typeof payload === "string" ||
          payload instanceof Uint8Array ||
          payload === undefined ||
          payload === null
        )
          sign(request, reply, payload ?? "", context);
        return payload;
      });
      scope.setNotFoundHandler(async () => {
        throw new OutriderError("not-found");
      });
      scope.setErrorHandler((error: FastifyError | OutriderError, request, reply) =>
        answerError(error, request, reply, service, context),
      );
      routes(scope);
    },
    { prefix: context.addresses.services[service].pathname },
  );
}

function sign(
  request: FastifyRequest,
  reply: FastifyReply,
  content: string | Uint8Array,
  { clock, random }: PlatformContext,
): void {
  const { exchange } = request;
  if (!exchange) return;
  const kind = kindOf(exchange);
  if (kind === null) return;
  const nonce = Buffer.from(random.bytes(16)).toString("base64url");
  const fields = signReply(
    kind,
    {
      status: reply.statusCode,
      content: typeof content === "string" ? Buffer.from(content) : content,
    },
    { method: request.method, url: exchange.url },
    exchange.fields,
    exchange.replySigner,
    clock.nowMs(),
    nonce,
  );
  reply.headers({ ...fields });
}

/**
 * Null for a refusal to an appliance of version 0.2, which would take it for an answer: without a
 * signature it waits and loses nothing.
 */
function kindOf({ verified, claimed }: Exchange): ReplyKind | null {
  if (isOlderRequest(claimed)) return verified ? "older-answer" : null;
  return verified ? "answer" : "refusal";
}

async function answerError(
  error: FastifyError | OutriderError,
  request: FastifyRequest,
  reply: FastifyReply,
  service: ServiceName,
  { log }: PlatformContext,
): Promise<string> {
  const known = error instanceof OutriderError ? error : asKnownError(error);
  const status = errorStatus(known.code);
  if (status >= 500 && known.code !== "service-busy")
    log.error("service failed", {
      service,
      path: request.url,
      // The disk's where that is at fault. An appliance would take it for its own disk's.
      code: asOutriderError(error).code,
      error: error.stack,
    });
  else
    log.info("request refused", {
      service,
      method: request.method,
      path: request.url,
      code: known.code,
      detail: known.detail,
      from: request.socket.remoteAddress,
    });
  // Closing a connection whose request was not read to its end resets it (RFC 9112 section 9.6), so
  // that the caller would lose the reply.
  if (known.code === "too-large") reply.removeHeader("connection");
  await swallowContent(request.raw);
  reply.code(status).type("application/json; charset=utf-8");
  return JSON.stringify(errorReply(known, reply));
}

function errorReply(
  { code, detail, retryAfterMs = 30_000 }: OutriderError,
  reply: FastifyReply,
): ErrorReply {
  const error: ErrorReply["error"] = { code };
  if (detail !== undefined) error.detail = detail.slice(0, 1000);
  if (code === "service-busy") {
    error.retryAfterSeconds = Math.ceil(retryAfterMs / 1000);
    // For devices on the way. Appliances believe the content, which is signed.
    reply.header("retry-after", String(error.retryAfterSeconds));
  }
  return { error };
}

function asKnownError(error: FastifyError): OutriderError {
  if (error.statusCode === 413) return new OutriderError("too-large");
  if (error.statusCode !== undefined && error.statusCode < 500)
    return new OutriderError("request-invalid", { detail: quoted(error.message) });
  // The log has the cause. The caller gets no internals.
  return new OutriderError("internal-error");
}

/** The body as JSON of the expected form. Throws OutriderError "request-invalid". */
export function readContent<T>(request: FastifyRequest, validate: Validator<T>): T {
  const checked = validate(parseContent(request.body));
  if (checked.valid) return checked.value;
  const first = checked.violations[0];
  throw new OutriderError("request-invalid", {
    detail: first
      ? fact("content-field-wrong", { field: first.path || "content", message: first.message })
      : fact("content-other-form"),
  });
}

function parseContent(body: unknown): unknown {
  try {
    return JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(
        body instanceof Uint8Array ? body : new Uint8Array(),
      ),
    );
  } catch (error) {
    throw new OutriderError("request-invalid", { detail: fact("content-no-json"), cause: error });
  }
}

export function callerCode(request: FastifyRequest) {
  if (request.exchange?.caller?.kind !== "code") throw new OutriderError("not-allowed");
  return request.exchange.caller.code;
}

export function callerAppliance(request: FastifyRequest): string {
  if (request.exchange?.caller?.kind !== "appliance") throw new OutriderError("not-allowed");
  return request.exchange.caller.applianceId;
}

/** A whole number from the path or the query. Throws OutriderError "request-invalid". */
export function wholeNumber(text: string | undefined, name: string, most: number): number {
  const value = text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most))
    throw new OutriderError("request-invalid", {
      detail: fact("number-too-large", { name, most }),
    });
  return value;
}
