import { hosts } from "../../../../image/lab/addresses.ts";
import {
  type ProxyKind,
  proxyName,
  proxyPorts,
  proxyUser,
} from "../../../../image/lab/peers-proxies.ts";
import { defaultHttpProxy, type ProxySettings } from "../../../../src/settings/model/schema.ts";
import { type BadProxy, badProxyPorts } from "../../proxies/bad-proxies.ts";
import { type BadSocks, badSocksPorts } from "../../proxies/bad-socks.ts";
import type { ProxyWish } from "./fault.ts";
import type { PacFile } from "./portals.ts";

type HttpProxy = Extract<ProxySettings, { kind: "http" }>;

export const http = (
  port: number,
  more: Partial<HttpProxy> = {},
  rest: Omit<ProxyWish, "settings"> = {},
): ProxyWish => ({
  settings: { ...defaultHttpProxy, host: proxyName, port, authentication: "none", ...more },
  ...rest,
});
export const open = http(proxyPorts.open);
export const bad = (kind: BadProxy) => http(badProxyPorts[kind]);
/** Squid, with the right user and password but for what is given. */
export const withLogin = (
  kind: ProxyKind,
  authentication: HttpProxy["authentication"] = "automatic",
  more: Partial<HttpProxy> = {},
  password: string = proxyUser.password,
): ProxyWish =>
  http(
    proxyPorts[kind],
    { authentication, user: proxyUser.user, ...more },
    { password, trusted: kind === "tls" || kind === "inspecting" },
  );

export const socks = (port: number, user = "", password?: string): ProxyWish => ({
  settings: { kind: "socks5", host: proxyName, port, user, bypass: [], fallbackToDirect: false },
  password,
});
export const badSocks = (kind: BadSocks) => ({
  ...socks(badSocksPorts[kind]),
  settings: { ...socks(badSocksPorts[kind]).settings, host: hosts.proxy.address },
});

export const pac = (
  file: PacFile | "missing.pac" | "page.pac",
  host: string = proxyName,
): ProxyWish => ({
  settings: {
    kind: "pac",
    url: `http://${host}/${file}`,
    authentication: "automatic",
    user: "",
    bypass: [],
    fallbackToDirect: false,
  },
});
