import { fact } from "../../base/messages/facts.ts";
import { giveUp, hasControlCharacters, type ProxyAuthentication, say } from "./authentication.ts";

/**
 * Basic (RFC 7617). It is sent with the first CONNECT already: waiting for the challenge costs a
 * round trip and hides nothing.
 */
export function basicAuthentication(user: string, password: string): ProxyAuthentication {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
  return {
    scheme: "basic",
    begin: () => {
      let sent = false;
      return {
        next: () => {
          if (user.includes(":")) return giveUp("proxy-credentials-unusable", fact("login-colon"));
          if (hasControlCharacters(user) || hasControlCharacters(password))
            return giveUp("proxy-credentials-unusable", fact("login-control-characters"));
          if (sent) return giveUp();
          sent = true;
          return say(authorization);
        },
        accepted: () => "basic",
      };
    },
  };
}
