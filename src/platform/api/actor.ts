import type { FastifyRequest } from "fastify";
import { callerAddress } from "../https/caller-address.ts";
import type { Actor } from "../operator/journal.ts";

/** Who asks, for the journal. */
export function actor(request: FastifyRequest): Actor {
  return { by: "API", from: callerAddress(request) };
}
