import { giveUp, hasControlCharacters, type ProxyAuthentication, say } from "./authentication.ts";

/** RFC 7617. Sent with the first CONNECT already: what it costs to wait for the challenge is a round trip, and it hides nothing. */
export function basicAuthentication(user: string, password: string): ProxyAuthentication {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
  return {
    scheme: "basic",
    begin: () => {
      let said = false;
      return {
        next: () => {
          if (user.includes(":")) return giveUp("proxy-credentials-unusable", "a user name with a colon cannot be sent by basic");
          if (hasControlCharacters(user) || hasControlCharacters(password)) return giveUp("proxy-credentials-unusable", "it has control characters");
          if (said) return giveUp();
          said = true;
          return say(authorization);
        },
        accepted: () => "basic",
      };
    },
  };
}
