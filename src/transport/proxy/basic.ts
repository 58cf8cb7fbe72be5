import { fact } from "../../base/messages/facts.ts";
import { giveUp, hasControlCharacters, type ProxyAuthentication, say } from "./authentication.ts";

/**
 * RFC 7617. Sent with the first CONNECT already: what it costs to wait for the challenge is a round
 * trip, and it hides nothing.
 */
export function basicAuthentication(user: string, password: string): ProxyAuthentication {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
  return {
    scheme: "basic",
    begin: () => {
      let said = false;
      return {
        next: () => {
          if (user.includes(":")) return giveUp("proxy-credentials-unusable", fact("login-colon"));
          if (hasControlCharacters(user) || hasControlCharacters(password))
            return giveUp("proxy-credentials-unusable", fact("login-control-characters"));
          if (said) return giveUp();
          said = true;
          return say(authorization);
        },
        accepted: () => "basic",
      };
    },
  };
}
