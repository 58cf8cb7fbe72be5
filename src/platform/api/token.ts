import type { FastifyRequest } from "fastify";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { callerAddress } from "../https/caller-address.ts";
import type { Access } from "../operator/access.ts";

/**
 * Takes requests with the operator's token as bearer token (RFC 6750 section 2.1). Throws
 * OutriderError "not-allowed" without it, "service-busy" after too many wrong ones.
 */
export function requireToken(request: FastifyRequest, access: Access): void {
  const token = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(request.headers.authorization ?? "")?.[1];
  if (token === undefined) throw notAllowed();
  const checked = access.checkToken(token, callerAddress(request));
  if (checked.kind === "wait")
    throw new OutriderError("service-busy", {
      detail: fact("too-many-wrong-tokens"),
      retryAfterMs: checked.seconds * 1000,
    });
  if (checked.kind === "refused") throw notAllowed();
}

function notAllowed(): OutriderError {
  return new OutriderError("not-allowed", { detail: fact("token-wrong") });
}
