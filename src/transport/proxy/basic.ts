import type { ProxyAuthentication } from "./authentication.ts";

/** RFC 7617. Sent with the first CONNECT already: what it costs to wait for the challenge is a round trip, and it hides nothing. */
export function basicAuthentication(user: string, password: string): ProxyAuthentication {
  const credentials = `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
  return { scheme: "basic", begin: () => ({ next: (offered) => (offered === null ? credentials : "give-up") }) };
}
