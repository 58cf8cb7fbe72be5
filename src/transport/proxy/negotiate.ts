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
 * Gives a fresh token for a service, as HTTP/proxy.example.org, in base64: the first and only leg
 * of Kerberos in SPNEGO (RFC 4178). Rejects with proxy-helper-failed.
 */
export type NegotiateToken = (servicePrincipal: string, signal: AbortSignal) => Promise<string>;

/**
 * Negotiate (RFC 4559), asked for by a proxy. Tickets and keys are the helper's matter: none of
 * them passes through here.
 */
export function negotiateAuthentication(token: NegotiateToken): ProxyAuthentication {
  let workedBefore = false;

  const begin = ({ proxyHost }: LoginTarget) => {
    let said = false;
    const next = async (demand: LoginDemand | null, signal: AbortSignal): Promise<LoginStep> => {
      // A token costs a process and maybe a way to the domain controller: none before a proxy has
      // asked for one.
      if (demand === null && !workedBefore) return say(null);
      const challenge = demand?.challenges.find(({ scheme }) => scheme === "negotiate");
      if (demand !== null && !challenge) return giveUp();
      if (said && demand !== null) {
        const again = workedBefore;
        workedBefore = false;
        if (challenge?.token)
          return giveUp("proxy-challenge-unsupported", fact("login-second-step"));
        if (!again) return giveUp();
      }
      said = true;
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
