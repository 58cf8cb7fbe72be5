import type { FieldProblemCode } from "./problems.ts";

/** What settings, console, command line and zero-touch have to know of a way to log in. */
interface ProxySchemeProperties {
  /** On the Proxy screen. */
  label: string;
  /** On the Proxy screen with SOCKS5, where that has the scheme (RFC 1928, section 3). */
  labelWithSocks?: string;
  /** In a review, before the user. */
  term: string;
  /** Other names that zero-touch takes. */
  also?: readonly string[];
  /** Whether it needs a user name and a password; with `optional`, an empty user is no log-in. */
  login: "none" | "optional" | "required";
  /** What is wrong with a user name for this scheme alone. */
  userProblem?(user: string): FieldProblemCode | null;
  /** A ticket is fetched from a Kerberos server, which firewalls and the egress list have to know. */
  usesKerberos: boolean;
}

/**
 * Each scheme by which the appliance can log in at a proxy, in the order in which they are offered.
 * src/transport/proxy/schemes.ts has the implementation of each, and their order of strength.
 */
const schemes = {
  automatic: {
    label: "automatic",
    term: "automatic",
    also: ["auto"],
    login: "optional",
    usesKerberos: true,
  },
  none: {
    label: "none",
    labelWithSocks: "none",
    term: "none",
    login: "none",
    usesKerberos: false,
  },
  basic: {
    label: "Basic",
    labelWithSocks: "user and password",
    term: "Basic",
    login: "required",
    // RFC 7617, section 2: the first colon ends the user name.
    userProblem: (user) => (user.includes(":") ? "proxy-user-colon" : null),
    usesKerberos: false,
  },
  digest: { label: "Digest", term: "digest", login: "required", usesKerberos: false },
  ntlm: {
    label: "NTLM",
    term: "ntlm",
    login: "required",
    userProblem: (user) =>
      /^(?:[^\\]{1,100}\\)?[^\\]{1,100}$/.test(user) ? null : "proxy-user-domain",
    usesKerberos: false,
  },
  negotiate: {
    label: "Negotiate (Kerberos)",
    term: "negotiate",
    also: ["kerberos"],
    login: "required",
    userProblem: (user) =>
      /^[^@\\/\s]{1,128}@[A-Za-z0-9.-]{1,253}$/.test(user) ? null : "proxy-user-realm",
    usesKerberos: true,
  },
} as const satisfies Record<string, ProxySchemeProperties>;

export type ProxyScheme = keyof typeof schemes;
export const proxySchemes: Readonly<Record<ProxyScheme, ProxySchemeProperties>> = schemes;

export const proxySchemeNames = Object.keys(schemes).filter(isProxyScheme);

export function isProxyScheme(text: string): text is ProxyScheme {
  return Object.hasOwn(schemes, text);
}

/** The scheme of that name, as zero-touch and people write it; null when there is none. */
export function readProxyScheme(text: string): ProxyScheme | null {
  const name = text.trim().toLowerCase();
  return (
    proxySchemeNames.find(
      (scheme) => scheme === name || proxySchemes[scheme].also?.includes(name) === true,
    ) ?? null
  );
}

/** The names in a sentence, as `automatic, none or basic`. */
export const proxySchemeList = proxySchemeNames.join(", ").replace(/, (?=[^,]*$)/, " or ");
