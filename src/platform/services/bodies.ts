import type { ServerResponse } from "node:http";
import type { FastifyRequest } from "fastify";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";

/** Content that is being taken in, and not verified before it is whole. */
const mostBytes = 256 * 2 ** 20;
const mostBytesOfOneCaller = 64 * 2 ** 20;
const retryAfterMs = 10_000;

/**
 * Keeps count of the content that is being taken in: it is in memory until it is whole, and only
 * then its digest shows whether it is what the caller signed.
 */
export class Bodies {
  #bytes = 0;
  readonly #byCaller = new Map<string, number>();

  /**
   * Makes room for a request's content until its reply has ended. Throws OutriderError
   * "service-busy" when there is too much already.
   */
  admit({ headers, routeOptions }: FastifyRequest, response: ServerResponse, keyId: string): void {
    const limit = routeOptions.bodyLimit ?? 0;
    const announced = Number(headers["content-length"] ?? 0);
    const chunked = headers["transfer-encoding"] !== undefined;
    // What is announced beyond the limit is refused by Fastify before it is read.
    const bytes = chunked ? limit : Math.min(announced, limit);
    if (!(bytes > 0)) return;
    const ofCaller = this.#byCaller.get(keyId) ?? 0;
    if (this.#bytes + bytes > mostBytes || ofCaller + bytes > mostBytesOfOneCaller)
      throw new OutriderError("service-busy", { detail: fact("too-many-requests"), retryAfterMs });
    this.#bytes += bytes;
    this.#byCaller.set(keyId, ofCaller + bytes);
    response.once("close", () => {
      this.#bytes -= bytes;
      const left = (this.#byCaller.get(keyId) ?? 0) - bytes;
      if (left > 0) this.#byCaller.set(keyId, left);
      else this.#byCaller.delete(keyId);
    });
  }
}
