import type { Clock } from "../../base/clock.ts";
import { fact } from "../../base/messages/facts.ts";
import type { Random } from "../../base/random.ts";
import { proxySchemes } from "../../settings/model/proxy-schemes.ts";
import {
  type Credentials,
  giveUp,
  type LoginDemand,
  type LoginStep,
  type LoginTarget,
  type ProxyAuthentication,
  type ProxyLogin,
  say,
} from "./authentication.ts";
import type { NegotiateToken } from "./negotiate.ts";
import { type SchemeOfProxy, schemes } from "./schemes.ts";

export interface AutomaticOptions {
  credentials: Credentials | null;
  negotiateToken: NegotiateToken | null;
}

/**
 * The strongest scheme that the proxy offers and the settings allow: Negotiate, NTLM, Digest (its
 * strongest hash), Basic. The next tunnel begins with the scheme that worked. Basic shows the
 * password to everything on the path, so it is used only when the proxy offered nothing better in
 * this very exchange and all of its offers could be read, and never before a challenge.
 *
 * @param known the schemes, the strongest first
 */
export function automaticAuthentication(
  { credentials, negotiateToken }: AutomaticOptions,
  random: Random,
  clock: Clock,
  known: readonly SchemeOfProxy[] = Object.values(schemes),
): ProxyAuthentication {
  const usable = (showsPassword: boolean) =>
    known.flatMap((scheme) =>
      scheme.showsPassword === showsPassword
        ? (scheme.make({ credentials, negotiateToken, random, clock }) ?? [])
        : [],
    );
  const strongest = usable(false);
  const showing = usable(true);
  let worked: ProxyAuthentication | null = null;
  const nothingSet = credentials === null && negotiateToken === null;
  const nothingLeft = (refused: boolean, weakHeldBack: boolean) => {
    if (weakHeldBack) return giveUp("proxy-challenge-unsupported", fact("login-unread"));
    if (refused) return giveUp("proxy-authentication-failed");
    return giveUp(nothingSet ? "proxy-authentication-required" : "proxy-scheme-unsupported");
  };

  const begin = (target: LoginTarget): ProxyLogin => {
    const tried = new Set<ProxyAuthentication>();
    let betterOffered = false;
    let incomplete = false;
    let current: { authentication: ProxyAuthentication; login: ProxyLogin } | null = null;

    const choose = (offers: (scheme: string) => boolean) => {
      const found = strongest.find((each) => offers(each.scheme) && !tried.has(each));
      if (found) return found;
      if (betterOffered || incomplete) return null;
      return showing.find((each) => offers(each.scheme) && !tried.has(each)) ?? null;
    };

    const next = async (demand: LoginDemand | null, signal: AbortSignal): Promise<LoginStep> => {
      if (demand === null) {
        if (worked === null || showing.includes(worked)) return say(null);
        const login = worked.begin(target);
        const step = await login.next(null, signal);
        if (step.kind === "give-up") return say(null);
        current = { authentication: worked, login };
        return step;
      }
      const offers = (scheme: string) =>
        demand.challenges.some((challenge) => challenge.scheme === scheme);
      betterOffered ||= strongest.some(({ scheme }) => offers(scheme));
      incomplete ||= demand.incomplete;
      const isHeldBack =
        incomplete && !betterOffered && showing.some(({ scheme }) => offers(scheme));
      let failure: LoginStep | null = null;
      for (;;) {
        if (current === null) {
          const authentication = choose(offers);
          if (!authentication) return failure ?? nothingLeft(tried.size > 0, isHeldBack);
          tried.add(authentication);
          current = { authentication, login: authentication.begin(target) };
        }
        const step = await current.login.next(demand, signal);
        if (step.kind === "say") return step;
        // The same password by another scheme could lock the account. A scheme that could not begin
        // has sent nothing.
        const passwordRefused =
          step.code === undefined &&
          !proxySchemes[current.authentication.scheme].usesKerberos &&
          offers(current.authentication.scheme);
        if (passwordRefused) return step;
        if (worked === current.authentication) worked = null;
        tried.add(current.authentication);
        failure ??= step.code === undefined ? null : step;
        current = null;
      }
    };
    return {
      next,
      accepted: () => {
        if (!current) return "no login";
        worked = current.authentication;
        return current.login.accepted();
      },
    };
  };
  return { scheme: "automatic", begin };
}
