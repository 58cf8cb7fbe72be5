import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import type { ProxyScheme } from "../../settings/model/proxy-schemes.ts";
import type { Credentials, ProxyAuthentication } from "./authentication.ts";
import { basicAuthentication } from "./basic.ts";
import { digestAuthentication } from "./digest.ts";
import { type NegotiateToken, negotiateAuthentication } from "./negotiate.ts";
import { ntlmAuthentication } from "./ntlm.ts";

/** What a scheme can log in with. */
export interface LoginParts {
  credentials: Credentials | null;
  negotiateToken: NegotiateToken | null;
  random: Random;
  clock: Clock;
}

export interface SchemeOfProxy {
  /** Every station on the way to the proxy can read the password. */
  showsPassword: boolean;
  /** null without what the scheme needs. */
  make(parts: LoginParts): ProxyAuthentication | null;
}

/**
 * The implementation of each scheme of src/settings/model/proxy-schemes.ts: one that has none does
 * not compile. The strongest stands first, and `automatic` takes them in this order.
 */
export const schemes: Readonly<Record<Exclude<ProxyScheme, "automatic" | "none">, SchemeOfProxy>> =
  {
    negotiate: {
      showsPassword: false,
      make: ({ negotiateToken }) => negotiateToken && negotiateAuthentication(negotiateToken),
    },
    ntlm: {
      showsPassword: false,
      make: ({ credentials, random, clock }) =>
        credentials && ntlmAuthentication(credentials, random, clock),
    },
    digest: {
      showsPassword: false,
      make: ({ credentials, random }) => credentials && digestAuthentication(credentials, random),
    },
    basic: {
      showsPassword: true,
      make: ({ credentials }) =>
        credentials && basicAuthentication(credentials.user, credentials.password),
    },
  };
