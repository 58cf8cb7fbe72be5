import { OutriderError } from "../../base/messages/error.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { fact } from "../../base/messages/facts.ts";
import type { ResponseHead } from "../wire/http-head.ts";

/** Privoxy: "404 No such domain"; ISA Server: "502 Proxy Error ( The host was not found. )". */
const lookupWords =
  /dns|resol(?:ve|ution)|look ?up|(?:unknown|no such) (?:host|domain)|host (?:was )?not found|name or service not known/i;
/** tinyproxy: "500 Unable to connect". */
const reachWords =
  /(?:unable|cannot|could not|failed) to connect|connection (?:refused|timed out|failed)|unreachable/i;
/** ISA Server: "502 Proxy Error ( The specified Secure Sockets Layer (SSL) port is not allowed. )". */
const denyWords = /denied|not allowed|forbidden|blocked|prohibited|not permitted|policy/i;

/** The error for an answer to CONNECT that is neither a tunnel nor a question for a log-in. */
export function refusal(head: ResponseHead, authority: string): OutriderError {
  const detail = [fact("proxy-answered-for", { answer: answerOf(head), host: authority })];
  const code = refusalCode(head);
  const place = code === "proxy-login-page" ? placeOf(head) : null;
  if (place !== null) detail.push(fact("proxy-leads-to", { host: place }));
  return new OutriderError(code, { detail });
}

/** Status and reason phrase, which is foreign text: only printable ASCII of it is shown. */
export function answerOf({ status, reason }: ResponseHead): string {
  return `${status} ${reason.replace(/[^\x20-\x7e]/g, "?")}`.trim();
}

function refusalCode({ status, reason, fields }: ResponseHead): ErrorCode {
  // RFC 6585 section 6: 511 is a network's own question for a log-in.
  if ((status >= 300 && status < 400) || status === 511) return "proxy-login-page";
  if (status === 403 || status === 405 || status === 451) return "proxy-denied";
  // Squid's own name of the error, as "ERR_DNS_FAIL 0".
  const words = `${reason} ${fields.get("x-squid-error")?.[0] ?? ""}`;
  if (denyWords.test(words)) return "proxy-denied";
  if (status === 502 || status === 503 || status === 504) return "proxy-target-unreachable";
  const isUnreachable = lookupWords.test(words) || reachWords.test(words);
  return isUnreachable ? "proxy-target-unreachable" : "proxy-protocol";
}

/** The host that a redirect leads to, without what else stands in its URL. */
function placeOf({ fields }: ResponseHead): string | null {
  const location = fields.get("location")?.[0] ?? "";
  if (!/^https?:/i.test(location) || !URL.canParse(location)) return null;
  return new URL(location).host.slice(0, 253);
}
