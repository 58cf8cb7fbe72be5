import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import type { Log } from "../../base/log.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import { type ErrorCode, errorCodes } from "../../base/messages/error-codes.ts";
import { errorStatus } from "../https/error-status.ts";
import * as schemas from "../operator/schemas.ts";

/** The schema of every refusal, for the description of the API. */
export const errorReplies = { "4xx": schemas.ApiError };

/** Codes whose status differs from that of the five services. */
const apiStatuses: Partial<Record<ErrorCode, number>> = {
  // The API refuses only requests without the token: RFC 6750 section 3.1.
  "not-allowed": 401,
  // The API is busy only for a caller that asks too often: RFC 6585 section 4.
  "service-busy": 429,
};

/** Sends the refusal that an error means. Logs errors that are the platform's own faults. */
export function answerError(
  error: FastifyError | OutriderError,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
): FastifyReply {
  if (error instanceof OutriderError) {
    if (error.code === "not-allowed") reply.header("www-authenticate", 'Bearer realm="Outrider"');
    if (error.retryAfterMs !== undefined)
      reply.header("retry-after", String(Math.ceil(error.retryAfterMs / 1000)));
    return refuse(reply, error.code, { detail: error.detail });
  }
  if (error.validation) {
    const fields = error.validation.map((one) => [
      one.instancePath.split("/")[1] ?? String(one.params.missingProperty ?? ""),
      one.message ?? "is not valid",
    ]);
    return refuse(reply, "request-invalid", {
      detail: error.message,
      fields: Object.fromEntries(fields),
    });
  }
  if (error.statusCode !== undefined && error.statusCode < 500) {
    const code = error.statusCode === 413 ? "too-large" : "request-invalid";
    return refuse(reply, code, { detail: error.message });
  }
  const { code } = asOutriderError(error);
  log.error("api failed", { path: request.url, code, error: error.stack });
  return refuse(reply, code);
}

export interface RefusalDetails {
  /** The text of the code if absent. */
  detail?: string | undefined;
  /** The problem of each wrong field. */
  fields?: Record<string, string>;
}

export function refuse(
  reply: FastifyReply,
  code: ErrorCode,
  { detail = errorCodes[code].what, fields }: RefusalDetails = {},
): FastifyReply {
  const body: schemas.ApiError = { error: { code, detail, ...(fields ? { fields } : {}) } };
  return reply
    .code(apiStatuses[code] ?? errorStatus(code))
    .type("application/json; charset=utf-8")
    .send(body);
}
