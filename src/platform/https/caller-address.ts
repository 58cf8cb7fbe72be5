import type { FastifyRequest } from "fastify";

/** The address that a request came from; "unix" on the unix socket, whose peers have none. */
export function callerAddress(request: FastifyRequest): string {
  return request.socket.remoteAddress ?? "unix";
}
