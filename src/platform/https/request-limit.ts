import { normalizeIP, type RateLimitOptions } from "@fastify/rate-limit";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { callerAddress } from "./caller-address.ts";

/**
 * At most `mostPerMinute` requests a minute from one address (an IPv6 network of 64 bits counts as
 * one). Each further request throws OutriderError "service-busy" with the time until the next one
 * is accepted.
 */
export function requestLimit(mostPerMinute: number): RateLimitOptions {
  return {
    max: mostPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => normalizeIP(callerAddress(request)),
    errorResponseBuilder: (_request, { ttl }) =>
      new OutriderError("service-busy", {
        detail: fact("too-many-requests"),
        retryAfterMs: ttl,
      }),
  };
}
