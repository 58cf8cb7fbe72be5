import { type ErrorCode, isErrorCode } from "../../../../src/base/messages/error-codes.ts";
import type { CheckResult } from "../../../../src/protocol/schemas/check-result.ts";

/**
 * The agent sees only that a call failed; the doctor may look nearer. What the agent may say of what
 * the doctor found, other than the doctor's own code.
 */
const seenFromFurtherAway: Partial<Record<ErrorCode, readonly ErrorCode[]>> = {
  "link-down": ["no-route", "dns-no-server", "dns-silent"],
  "interface-missing": ["no-route", "dns-no-server", "dns-silent"],
  "no-address": ["no-route", "dns-no-server", "dns-silent"],
  "gateway-silent": ["dns-silent", "connect-unreachable", "connect-silent", "proxy-unreachable"],
  "no-route": ["dns-silent"],
  "lease-without-gateway": ["no-route", "dns-silent"],
  "router-not-default": ["no-route", "dns-silent"],
  "dns-differs": ["dns-not-found", "dns-refused", "dns-silent", "proxy-unresolved"],
  "path-mtu": ["tls-silent"],
};

/** Checks of what the agent does not use for its call. */
function isBesideTheCall({ id, code }: CheckResult, isSplit: boolean): boolean {
  return (isSplit && id.endsWith(":lan")) || code === "path-upload-limit";
}

/** What agent and doctor say that cannot both be true, or null. */
export function disagreement(
  agent: string,
  results: readonly CheckResult[],
  isSplit: boolean,
): string | null {
  const failed = results.filter(
    (result) => result.outcome === "failed" && !isBesideTheCall(result, isSplit),
  );
  const [first] = failed;
  const code = first?.code ?? null;
  if (agent === "")
    return code === null
      ? null
      : `the agent gets through, and the doctor says ${first?.id} ${code}`;
  if (code === null) return `the agent says ${agent}, and the doctor finds nothing`;
  const isSame =
    code === agent ||
    (isErrorCode(code) && seenFromFurtherAway[code]?.some((each) => each === agent) === true);
  return isSame ? null : `the agent says ${agent}, and the doctor ${first?.id} ${code}`;
}
