import type { ProxyScheme } from "../../settings/model/proxy-schemes.ts";
import { giveUp, type ProxyAuthentication, say } from "./authentication.ts";

/** A login whose stored password cannot be opened: it fails as soon as the proxy asks for it. */
export function damagedLogin(scheme: ProxyScheme): ProxyAuthentication {
  return {
    scheme,
    begin: () => ({
      next: (demand) => (demand === null ? say(null) : giveUp("proxy-password-damaged")),
      accepted: () => scheme,
    }),
  };
}
