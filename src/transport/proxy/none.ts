import type { ProxyAuthentication } from "./authentication.ts";

export const noAuthentication: ProxyAuthentication = {
  scheme: "none",
  begin: () => ({ next: (offered) => (offered === null ? null : "give-up") }),
};
