import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import {
  giveUp,
  type LoginDemand,
  type LoginStep,
  type LoginTarget,
  type ProxyAuthentication,
  say,
} from "./authentication.ts";

/**
 * Returns a fresh base64 token for a service such as HTTP/proxy.example.org: the first and only leg
 * of Kerberos in SPNEGO (RFC 4178 section 4.2.1: NegTokenInit). Rejects with OutriderError
 * "proxy-helper-failed".
 */
export type NegotiateToken = (servicePrincipal: string, signal: AbortSignal) => Promise<string>;

/** Negotiate (RFC 4559 section 4) for a proxy. Tickets and keys stay with the helper program. */
export function negotiateAuthentication(token: NegotiateToken): ProxyAuthentication {
  let workedBefore = false;

  const begin = ({ proxyHost }: LoginTarget) => {
    let sent = false;
    const next = async (demand: LoginDemand | null, signal: AbortSignal): Promise<LoginStep> => {
      // A token costs a process and possibly a trip to the domain controller: none is made before
      // the proxy has asked for it.
      if (demand === null && !workedBefore) return say(null);
      const challenge = demand?.challenges.find(({ scheme }) => scheme === "negotiate");
      if (demand !== null && !challenge) return giveUp();
      if (sent && demand !== null) {
        const again = workedBefore;
        workedBefore = false;
        if (challenge?.token)
          return giveUp("proxy-challenge-unsupported", fact("login-second-step"));
        if (!again) return giveUp();
      }
      sent = true;
      try {
        return say(`Negotiate ${await token(`HTTP/${proxyHost}`, signal)}`);
      } catch (error) {
        if (signal.aborted || !(error instanceof OutriderError)) throw error;
        return giveUp(
          error.code,
          error.facts ??
            (error.detail === undefined ? undefined : fact("said", { said: error.detail })),
        );
      }
    };
    return {
      next,
      accepted: () => {
        workedBefore = true;
        return "negotiate";
      },
    };
  };
  return { scheme: "negotiate", begin };
}
