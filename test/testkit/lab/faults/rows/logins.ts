import { proxyPorts, proxyUser } from "../../../../../image/lab/peers-proxies.ts";
import type { ErrorCode } from "../../../../../src/base/messages/error-codes.ts";
import type { NetworkFault, ProxyWish, Remedy } from "../fault.ts";
import type { NetworkName } from "../networks.ts";
import { bad, badSocks, http, open, socks, withLogin } from "../proxy-wishes.ts";
import { on, proxySet, rulesGone } from "../remedies.ts";
import { forward, to } from "../rules.ts";

const alone = ["IPv4", "IPv6-only"] as const;
const through = (
  name: string,
  proxy: ProxyWish,
  check: string,
  code: ErrorCode,
  remedy?: Remedy,
  networks: readonly NetworkName[] = ["IPv4"],
): NetworkFault[] => on(networks, { name, proxy, agent: code, doctor: `${check} ${code}`, remedy });
const tunnel = "proxy:connect";
const login = "proxy:login";
const { user } = proxyUser;
const setAgain = "user and password were set again on the Proxy screen";

/** Logging in to it. */
export const loginFaults: readonly NetworkFault[] = [
  ...through(
    "proxy asks for a log-in, none is set",
    http(proxyPorts.basic),
    login,
    "proxy-authentication-required",
    proxySet("user and password were set on the Proxy screen", withLogin("basic")),
    alone,
  ),
  ...through(
    "wrong password, Basic",
    withLogin("basic", "basic", {}, "wrong"),
    login,
    "proxy-authentication-failed",
    proxySet(setAgain, withLogin("basic", "basic")),
    alone,
  ),
  ...through(
    "wrong password, Digest",
    withLogin("digest", "digest", {}, "wrong"),
    login,
    "proxy-authentication-failed",
    proxySet(setAgain, withLogin("digest", "digest")),
  ),
  ...through(
    "wrong password, NTLM",
    withLogin("ntlm", "ntlm", { user: `LABPROXY\\${user}` }, "wrong"),
    login,
    "proxy-authentication-failed",
    proxySet(setAgain, withLogin("ntlm", "ntlm", { user: `LABPROXY\\${user}` })),
  ),
  ...through(
    "unknown user, Basic",
    withLogin("basic", "basic", { user: "nobody" }),
    login,
    "proxy-authentication-failed",
    proxySet(setAgain, withLogin("basic", "basic")),
  ),
  ...through(
    "Basic is set, the proxy has Digest",
    withLogin("digest", "basic"),
    login,
    "proxy-scheme-unsupported",
    proxySet("one of the schemes that the proxy offers was chosen", withLogin("digest", "digest")),
  ),
  ...through(
    "NTLM is set, the proxy has Basic",
    withLogin("basic", "ntlm"),
    login,
    "proxy-scheme-unsupported",
    proxySet("one of the schemes that the proxy offers was chosen", withLogin("basic", "basic")),
  ),
  ...through(
    "proxy has only a scheme that is not known here",
    {
      ...bad("bearerOnly"),
      settings: withLogin("basic", "automatic", { port: 4020 }).settings,
      password: "x",
    },
    login,
    "proxy-scheme-unsupported",
  ),
  ...through(
    "Digest without a nonce",
    {
      ...bad("digestWithoutNonce"),
      settings: withLogin("basic", "automatic", { port: 4021 }).settings,
      password: "x",
    },
    login,
    "proxy-challenge-unsupported",
  ),
  ...through(
    "Kerberos with a wrong password",
    withLogin("negotiate", "negotiate", { user: `${user}@OUTRIDER.TEST` }, "wrong"),
    login,
    "proxy-authentication-failed",
    proxySet(setAgain, withLogin("negotiate", "negotiate", { user: `${user}@OUTRIDER.TEST` })),
  ),
  ...on(["IPv4"], {
    name: "no domain controller answers (Kerberos)",
    proxy: withLogin("negotiate", "negotiate", { user: `${user}@OUTRIDER.TEST` }),
    rules: forward(to("proxy", "th dport 88 drop")),
    agent: "proxy-helper-failed",
    doctor: "proxy:login proxy-helper-failed",
    remedy: rulesGone("the way to the domain controller was opened"),
  }),
];

/** SOCKS5: RFC 1928 section 6, RFC 1929. */
export const socksFaults: readonly NetworkFault[] = [
  ...through(
    "SOCKS5 wants a log-in, none is set",
    socks(proxyPorts.socksPassword),
    login,
    "proxy-authentication-required",
    proxySet(
      "user and password were set on the Proxy screen",
      socks(proxyPorts.socksPassword, user, proxyUser.password),
    ),
  ),
  ...through(
    "SOCKS5, wrong password",
    socks(proxyPorts.socksPassword, user, "wrong"),
    login,
    "proxy-authentication-failed",
    proxySet(setAgain, socks(proxyPorts.socksPassword, user, proxyUser.password)),
  ),
  ...through(
    "an HTTP proxy is set as SOCKS5",
    socks(proxyPorts.open),
    tunnel,
    "proxy-silent",
    proxySet("the proxy's kind was corrected on the Proxy screen", open),
  ),
  ...through("SOCKS5 does not allow it (reply 2)", badSocks("notAllowed"), tunnel, "proxy-denied"),
  ...through("SOCKS5 fails (reply 1)", badSocks("general"), tunnel, "proxy-target-unreachable"),
  ...through(
    "SOCKS5 reaches no network (reply 3)",
    badSocks("networkUnreachable"),
    tunnel,
    "proxy-target-unreachable",
  ),
  ...through(
    "SOCKS5 reaches no host (reply 4)",
    badSocks("hostUnreachable"),
    tunnel,
    "proxy-target-unreachable",
  ),
  ...through(
    "SOCKS5 is refused by the platform (reply 5)",
    badSocks("refused"),
    tunnel,
    "proxy-target-unreachable",
  ),
  ...through(
    "SOCKS5 has no CONNECT (reply 7)",
    badSocks("noCommand"),
    tunnel,
    "proxy-socks-unsupported",
  ),
  ...through(
    "SOCKS5 takes no names (reply 8)",
    badSocks("noNames"),
    tunnel,
    "proxy-socks-unsupported",
  ),
  ...through("SOCKS4 only", badSocks("version4"), tunnel, "proxy-protocol"),
  ...through("SOCKS5 silent", badSocks("silent"), tunnel, "proxy-silent"),
];
