import type { CommandOption, ZeroTouchName } from "./field.ts";

/** What is kept apart from the settings, and never shown. */
interface Secret {
  /** The setting that it stands behind, on forms and in documents. */
  behind: string;
  /** Its line of a review. */
  term: string | null;
  zeroTouch: ZeroTouchName;
  options: readonly CommandOption[];
}

export const activationCode = {
  behind: "platform.url",
  term: null,
  zeroTouch: {
    name: "activation_code",
    also: ["Personalization_Code", "PERSCODE"],
    means: "one-time code of 20 characters from the platform's page (secret)",
  },
  // `outrider enrol` asks for it: every user of the machine can see arguments.
  options: [],
} as const satisfies Secret;

export const proxyPassword = {
  behind: "proxy.user",
  term: "Proxy password",
  zeroTouch: { name: "proxy_password", means: "its password (secret)" },
  options: [
    {
      name: "proxy-password",
      help: "asks for the password, or reads one line from standard input",
    },
    { name: "no-proxy-password", help: "forgets it" },
  ],
} as const satisfies Secret;

export const secrets = [activationCode, proxyPassword] as const;
