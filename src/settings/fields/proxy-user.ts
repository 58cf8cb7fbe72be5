import type { SettingField } from "./field.ts";

export const proxyUser = {
  path: "proxy.user",
  form: "proxy",
  label: "User",
  hint: "As the proxy team gave it.",
  help: "The user name for the proxy. With NTLM also as DOMAIN\\user, with Negotiate as user@REALM. With Basic it cannot contain a colon. Empty if the proxy asks for none.",
  input: { kind: "text", width: 34 },
  text: ({ proxy }) => ("user" in proxy ? proxy.user : ""),
  put: ({ proxy }, text, typed) => {
    if (!("user" in proxy)) return;
    // RFC 1928 knows one way to log in: with a user name or not at all.
    const noLogin = proxy.kind === "socks5" && typed.other("proxy.authentication") === "none";
    proxy.user = noLogin ? "" : text;
  },
  // The line of the authentication names the user.
  review: null,
  needsTrial: true,
  zeroTouch: [{ name: "proxy_user", means: "its user" }],
  options: [
    {
      name: "proxy-user",
      value: "USER",
      help: "its user; empty for none. DOMAIN\\USER or USER@REALM where there are domains",
    },
  ],
} as const satisfies SettingField;
