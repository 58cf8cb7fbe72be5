import type { FastifyCompressOptions } from "@fastify/compress";

/**
 * Compression of the operator side's replies. It is registered in two scopes and nowhere else:
 *
 * - the page's assets, which are the same for every client;
 * - the API: a browser never adds the bearer token by itself, so another site cannot make the API
 *   answer.
 *
 * The pages are sent as they are. They carry the form's token beside text from a request (the
 * search of a form, the log-in's `next`), and the size of a compressed page would let an attacker
 * who makes a browser ask guess the token byte by byte (the BREACH attack, breachattack.com).
 * SameSite=Strict keeps other sites from asking, but not other hosts of the same site. The five
 * services' replies are sent as they are, because their Content-Digest covers the bytes as sent.
 *
 * Requests are not decompressed: no client sends compressed ones.
 */
export const compression: FastifyCompressOptions = {
  encodings: ["br", "gzip"],
  globalDecompression: false,
};
