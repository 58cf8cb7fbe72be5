import type { ErrorCode } from "../base/messages/error-codes.ts";
import type { TransportReply } from "./http-transport.ts";

/**
 * What a reply stands for that the platform did not make: a proxy's, a balancer's or a firewall's.
 * Agent and doctor ask this one function, so that they say the same of it. null where nothing in
 * the reply speaks of such a one.
 */
export function strangersCode({ status, headers, content }: TransportReply): ErrorCode | null {
  if (status === 413) return "path-upload-limit";
  // RFC 6585 section 4, RFC 9110 section 15.6.4
  if (status === 429 || status === 503) return "service-busy";
  // RFC 9110 sections 15.6.3 and 15.6.5: a gateway says so of the server behind it, mostly with a
  // page of its own.
  if (status === 502 || status === 504) return "service-error";
  if (isPage(headers["content-type"] ?? "", content)) return "service-block-page";
  return status >= 500 ? "service-error" : null;
}

function isPage(type: string, content: Uint8Array): boolean {
  const start = Buffer.from(content.subarray(0, 200)).toString("latin1").trimStart();
  return /html/i.test(type) || start.startsWith("<");
}
