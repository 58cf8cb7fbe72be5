import { OutriderError } from "../../base/messages/error.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { fact } from "../../base/messages/facts.ts";
import type { ResponseHead } from "../wire/http-head.ts";

/** Privoxy: "404 No such domain"; ISA Server: "502 Proxy Error ( The host was not found. )". */
const lookupWords =
  /dns|resol(?:ve|ution)|look ?up|destination_not_found|(?:unknown|no such) (?:host|domain)|host (?:was )?not found|name or service not known/i;
/** tinyproxy: "500 Unable to connect". */
const reachWords =
  /(?:unable|cannot|could not|failed) to connect|connection (?:refused|timed out|failed)|unreachable/i;
/** ISA Server: "502 Proxy Error ( The specified Secure Sockets Layer (SSL) port is not allowed. )". */
const denyWords = /denied|not allowed|forbidden|blocked|prohibited|not permitted|policy/i;

/**
 * The same of a page, which is longer, so that single words of it mean less. Squid: "Unable to
 * determine IP address from host name"; Symantec: "Network Error (dns_unresolved_hostname)".
 */
const pageLookupWords =
  /dns_[a-z]|\bdns (?:error|failure|lookup)|unable to determine (?:the )?ip|(?:could|can) ?not (?:be )?resolve|(?:unknown|no such) (?:host|domain)|host (?:name )?(?:was )?not found|name or service not known|getaddrinfo|nodename nor servname|nxdomain/i;

/**
 * The error for an answer to CONNECT that is neither a tunnel nor a question for a log-in.
 *
 * @param page what the proxy wrote for people, as far as it came
 */
export function refusal(head: ResponseHead, page: string, authority: string): OutriderError {
  const answered = { answer: answerOf(head), host: authority };
  const code = refusalCode(head, page);
  const detail = [
    code === "proxy-target-unknown"
      ? fact("proxy-knows-not", answered)
      : fact("proxy-answered-for", answered),
  ];
  const place = code === "proxy-login-page" ? placeOf(head) : null;
  if (place !== null) detail.push(fact("proxy-leads-to", { host: place }));
  return new OutriderError(code, { detail });
}

/** Status and reason phrase, which is foreign text: only printable ASCII of it is shown. */
export function answerOf({ status, reason }: ResponseHead): string {
  return `${status} ${reason.replace(/[^\x20-\x7e]/g, "?")}`.trim();
}

/** Whether what an answer's page says may change what is made of it. */
export function isPageTold({ status }: ResponseHead): boolean {
  return status >= 500;
}

function refusalCode({ status, reason, fields }: ResponseHead, page: string): ErrorCode {
  // RFC 6585 section 6: 511 is a network's own question for a log-in.
  if ((status >= 300 && status < 400) || status === 511) return "proxy-login-page";
  if (status === 403 || status === 405 || status === 451) return "proxy-denied";
  // Squid's own name of the error, as "ERR_DNS_FAIL 0"; RFC 9209 has "error=dns_error".
  const named = ["x-squid-error", "proxy-status"].map((name) => fields.get(name)?.[0] ?? "");
  const words = [reason, ...named].join(" ");
  if (denyWords.test(words)) return "proxy-denied";
  if (lookupWords.test(words) || pageLookupWords.test(page)) return "proxy-target-unknown";
  if (status === 502 || status === 503 || status === 504) return "proxy-target-unreachable";
  return reachWords.test(words) ? "proxy-target-unreachable" : "proxy-protocol";
}

/** The host that a redirect leads to, without what else stands in its URL. */
function placeOf({ fields }: ResponseHead): string | null {
  const location = fields.get("location")?.[0] ?? "";
  if (!/^https?:/i.test(location) || !URL.canParse(location)) return null;
  return new URL(location).host.slice(0, 253);
}
