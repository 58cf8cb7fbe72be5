import { giveUp, type ProxyAuthentication, say } from "./authentication.ts";

export const noAuthentication: ProxyAuthentication = {
  scheme: "none",
  begin: () => ({
    next: (demand) => (demand === null ? say(null) : giveUp()),
    accepted: () => "no login",
  }),
};
