import { hosts } from "../../../image/lab/addresses.ts";
import { putFile, startPeer, waitForPort } from "../../../image/lab/peers.ts";
import { proxyName, proxyPorts } from "../../../image/lab/peers-proxies.ts";
import type { ErrorCode } from "../../../src/base/messages/error-codes.ts";
import { defaultHttpProxy, type ProxySettings } from "../../../src/settings/model/schema.ts";
import { type BadProxy, badProxyPorts } from "../proxies/bad-proxies.ts";
import {
  callHome,
  nft,
  type ProxyLab,
  redirectDns,
  runDoctor,
  setProxy,
  startBadProxies,
  startDns,
} from "./proxies.ts";

/** The outcome that a fault must have: null is success, and every fault must be survived. */
export interface NetworkFault {
  name: string;
  /** Through this proxy; directly when absent. */
  proxy?: ProxySettings;
  /** nftables of the router: rules of the hooks by name. */
  rules?: Partial<Record<"forward" | "input" | "prerouting", string>>;
  /** The lying DNS server of the lab that answers. */
  dns?: keyof typeof dnsPorts;
  /** Strikes while the agent has a connection open, instead of before its start. */
  whileConnected?: boolean;
  /** The error of the clock that agent and doctor see. */
  clockOffsetMs?: number;
  agent: readonly ErrorCode[] | null;
  /** The check of the doctor that fails first, as `dns:192.0.2.1 dns-silent`. */
  doctor: RegExp | null;
}

const { platform, proxy } = hosts;
const dnsPorts = { refuses: 5401, unknown: 5402, nobody: 5403, portal: 5404 } as const;
const portalPorts = { plain: 8080, ownName: 8443, forged: 9443, expired: 9444 } as const;
const dayMs = 86_400_000;

const http = (port: number, host = proxyName): ProxySettings => ({
  ...defaultHttpProxy,
  host,
  port,
  authentication: "none",
});
const toPlatform = `ip daddr ${platform.address} tcp dport 443`;
const toProxy = `ip daddr ${proxy.address}`;
const portal = (port: number) => ({
  prerouting: `iifname lan ip daddr ${platform.address} tcp dport 443 dnat ip to ${proxy.address}:${port}`,
});
const service = (code: ErrorCode) => new RegExp(`^service:\\w+ ${code}$`);
const bad = (kind: BadProxy) => http(badProxyPorts[kind]);

/**
 * Every fault of a network, a name server, a portal or a proxy, with the expected reports of agent
 * and doctor.
 */
export const networkFaults: readonly NetworkFault[] = [
  {
    name: "firewall drops",
    rules: { forward: `${toPlatform} drop` },
    agent: ["connect-silent"],
    doctor: service("connect-silent"),
  },
  {
    name: "firewall drops, while connected",
    rules: { forward: `ip daddr ${platform.address} drop` },
    whileConnected: true,
    agent: ["connect-silent"],
    doctor: service("connect-silent"),
  },
  {
    name: "firewall resets",
    rules: { forward: `${toPlatform} reject with tcp reset` },
    agent: ["connect-refused"],
    doctor: service("connect-refused"),
  },
  {
    name: "firewall resets, while connected",
    rules: { forward: `${toPlatform} reject with tcp reset` },
    whileConnected: true,
    agent: ["connect-refused"],
    doctor: service("connect-refused"),
  },
  {
    name: "firewall rejects by ICMP",
    rules: { forward: `${toPlatform} reject` },
    agent: ["connect-refused"],
    doctor: service("connect-refused"),
  },
  {
    name: "firewall prohibits by ICMP",
    rules: { forward: `${toPlatform} reject with icmp admin-prohibited` },
    agent: ["connect-unreachable"],
    doctor: service("connect-unreachable"),
  },
  {
    name: "firewall prohibits by ICMP, sparingly",
    // Below what Linux itself allows a sender, which depends on what was rejected before.
    rules: {
      forward: `${toPlatform} limit rate 2/second burst 1 packets reject with icmp admin-prohibited\n ${toPlatform} drop`,
    },
    agent: ["connect-unreachable"],
    doctor: service("connect-unreachable"),
  },
  {
    name: "half-open: connects, then nothing passes",
    rules: { forward: `${toPlatform} meta length > 80 drop` },
    agent: ["tls-silent"],
    doctor: /^tls tls-silent$/,
  },
  {
    name: "half-open: nothing comes back",
    // All that carries data: 20 bytes of IP and 32 of TCP with its timestamps.
    rules: { forward: `ip saddr ${platform.address} tcp flags & syn == 0 meta length > 52 drop` },
    agent: ["tls-silent"],
    doctor: /^tls tls-silent$/,
  },
  {
    name: "a kept connection is forgotten",
    rules: { forward: "ct mark 0x1 drop" },
    whileConnected: true,
    agent: null,
    doctor: null,
  },
  {
    name: "MTU black hole, large packets up",
    rules: { forward: `ip daddr ${platform.address} meta length > 1280 drop` },
    agent: null,
    doctor: null,
  },
  {
    name: "MTU black hole, both ways",
    rules: {
      forward: `ip daddr ${platform.address} meta length > 600 drop\n ip saddr ${platform.address} meta length > 600 drop`,
    },
    agent: ["tls-silent"],
    doctor: /^tls path-mtu$/,
  },
  {
    name: "MTU black hole, large packets down",
    rules: { forward: `ip saddr ${platform.address} meta length > 1400 drop` },
    agent: ["tls-silent"],
    doctor: /^tls path-mtu$/,
  },
  {
    name: "DNS server silent",
    rules: { input: "iifname lan meta l4proto { tcp, udp } th dport 5353 drop" },
    agent: ["dns-silent"],
    doctor: /^dns:192\.0\.2\.1 dns-silent$/,
  },
  {
    name: "DNS server refuses",
    dns: "refuses",
    agent: ["dns-refused"],
    doctor: /^dns:192\.0\.2\.1 dns-refused$/,
  },
  {
    name: "DNS server knows no outside names",
    dns: "unknown",
    agent: ["dns-not-found"],
    doctor: service("dns-not-found"),
  },
  {
    name: "DNS lies: an address that no host has",
    dns: "nobody",
    agent: ["connect-unreachable", "connect-silent"],
    doctor: /^service:\w+ connect-(unreachable|silent)$/,
  },
  {
    name: "DNS lies: a portal",
    dns: "portal",
    agent: ["tls-name-mismatch"],
    doctor: /^tls tls-name-mismatch$/,
  },
  {
    name: "captive portal, without TLS",
    rules: portal(portalPorts.plain),
    agent: ["tls-not-tls"],
    doctor: /^tls tls-not-tls$/,
  },
  {
    name: "captive portal, under its own name",
    rules: portal(portalPorts.ownName),
    agent: ["tls-name-mismatch"],
    doctor: /^tls tls-name-mismatch$/,
  },
  {
    name: "portal under the platform's name",
    rules: portal(portalPorts.forged),
    agent: ["tls-intercepted"],
    doctor: /^tls tls-intercepted$/,
  },
  {
    name: "the platform's certificate has expired",
    rules: portal(portalPorts.expired),
    agent: ["tls-expired"],
    doctor: /^tls tls-expired$/,
  },
  {
    name: "the clock is 400 days behind: no certificate is valid yet",
    clockOffsetMs: -400 * dayMs,
    agent: ["tls-clock"],
    doctor: /^tls tls-clock$/,
  },
  {
    name: "the clock is 400 days ahead: every certificate has expired",
    clockOffsetMs: 400 * dayMs,
    agent: ["tls-clock"],
    doctor: /^tls tls-clock$/,
  },
  {
    name: "the clock is two hours behind",
    clockOffsetMs: -2 * 3_600_000,
    agent: null,
    doctor: null,
  },
  { name: "the clock is two hours ahead", clockOffsetMs: 2 * 3_600_000, agent: null, doctor: null },
  {
    name: "gateway gone",
    rules: { input: "iifname lan drop", forward: "drop" },
    agent: ["dns-silent"],
    doctor: /^dns:192\.0\.2\.1 dns-silent$/,
  },
  {
    name: "proxy's firewall drops",
    proxy: http(proxyPorts.open),
    rules: { forward: `${toProxy} drop` },
    agent: ["proxy-unreachable"],
    doctor: /^proxy proxy-unreachable$/,
  },
  {
    name: "proxy's firewall drops, while connected",
    proxy: http(proxyPorts.open),
    rules: { forward: `${toProxy} drop` },
    whileConnected: true,
    agent: ["proxy-unreachable"],
    doctor: /^proxy proxy-unreachable$/,
  },
  {
    name: "nothing listens at the proxy's port",
    proxy: http(4999),
    agent: ["proxy-unreachable"],
    doctor: /^proxy proxy-unreachable$/,
  },
  {
    name: "proxy's name unknown",
    proxy: http(3128, "nowhere.outrider.test"),
    agent: ["proxy-unresolved"],
    doctor: /^proxy proxy-unresolved$/,
  },
  {
    name: "proxy hangs up",
    proxy: bad("close"),
    agent: ["proxy-protocol"],
    doctor: /^proxy:connect proxy-protocol$/,
  },
  {
    name: "proxy silent",
    proxy: bad("silent"),
    agent: ["proxy-silent"],
    doctor: /^proxy:connect proxy-silent$/,
  },
  { name: "proxy slow", proxy: bad("slow"), agent: null, doctor: null },
  {
    name: "proxy answers with a web page",
    proxy: bad("page"),
    agent: ["proxy-protocol"],
    doctor: /^proxy:connect proxy-protocol$/,
  },
  {
    name: "proxy answers drop by drop",
    proxy: bad("drips"),
    agent: ["proxy-silent", "proxy-protocol"],
    doctor: /^proxy:connect proxy-(silent|protocol)$/,
  },
  {
    name: "proxy reaches nothing",
    proxy: bad("gateway"),
    agent: ["proxy-target-unreachable"],
    doctor: /^proxy:connect proxy-target-unreachable$/,
  },
  {
    name: "proxy closes idle tunnels",
    proxy: bad("idleCloses"),
    whileConnected: true,
    agent: null,
    doctor: null,
  },
  {
    name: "proxy forgets idle tunnels",
    proxy: bad("idleForgets"),
    whileConnected: true,
    agent: null,
    doctor: null,
  },
  {
    name: "proxy swallows the tunnel",
    proxy: bad("swallows"),
    agent: ["tls-silent"],
    doctor: /^tls tls-silent$/,
  },
  {
    name: "proxy cuts the tunnel",
    proxy: bad("cuts"),
    agent: ["tls-failed"],
    doctor: /^tls tls-failed$/,
  },
];

/** Lying name servers, portals and bad proxies, which stand by until a fault needs them. */
export async function prepareFaults(lab: ProxyLab): Promise<void> {
  const { namespaces } = lab;
  await namespaces.runPeer(["sh", "-euc", portalCertificates]);
  await expiredCertificate(lab);
  const server = (port: number, tls: string) =>
    `server { listen ${proxy.address}:${port}${tls === "" ? "" : ` ssl; ssl_certificate /run/lab/portal/${tls}.crt; ssl_certificate_key /run/lab/portal/${tls}.key`}; default_type text/html; location / { return 200 "<html>Please accept the terms of use</html>"; } }`;
  const servers = [
    server(portalPorts.plain, ""),
    server(portalPorts.ownName, "own"),
    server(portalPorts.forged, "forged"),
    server(portalPorts.expired, "expired"),
  ];
  await putFile(
    namespaces,
    "/run/lab/portal.conf",
    `daemon off; pid /run/portal.pid; error_log stderr; user root; events {}\nhttp { access_log off; ${servers.join("\n")} }\n`,
  );
  await namespaces.script("mkdir -p /run/lab/peers/var/lib/nginx /run/lab/peers/var/log/nginx");
  startPeer(namespaces, "portal", "proxy", ["nginx", "-c", "/run/lab/portal.conf"]);
  await Promise.all([
    waitForPort(namespaces, "proxy", portalPorts.forged),
    startBadProxies(lab),
    startDns(lab, "refuses", dnsPorts.refuses, ["--no-resolv"]),
    startDns(lab, "unknown", dnsPorts.unknown, ["--no-resolv", "--local=/#/"]),
    startDns(lab, "nobody", dnsPorts.nobody, [
      "--no-resolv",
      "--local=/#/",
      "--address=/outrider.test/198.51.100.99",
    ]),
    // The portal answers on the platform's port there.
    startDns(lab, "portal", dnsPorts.portal, [
      "--no-resolv",
      "--local=/#/",
      `--address=/outrider.test/${proxy.address}`,
    ]),
    nft(
      lab,
      `table ip portal {\n chain prerouting {\n type nat hook prerouting priority dstnat;\n ip daddr ${proxy.address} tcp dport 443 redirect to :${portalPorts.ownName}\n }\n}`,
      "proxy",
    ),
  ]);
}

const portalCertificates = `
mkdir -p /run/lab/portal && cd /run/lab/portal
new="openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30"
$new -keyout own.key -out own.crt -subj "/CN=portal.example.com" -addext "subjectAltName=DNS:portal.example.com"
names="DNS:outrider.test,DNS:*.outrider.test"
$new -keyout forged.key -out forged.crt -subj "/CN=Somebody Between" -addext "subjectAltName=$names"
`;

/** The platform's certificate without a renewal, signed by its own authority. */
async function expiredCertificate({ namespaces }: ProxyLab): Promise<void> {
  const { stdout } = await namespaces.run(["cat", "/run/lab/platform/certificate-authority.json"]);
  const authority: { certificate: string; privateKey: string } = JSON.parse(stdout);
  await putFile(namespaces, "/run/lab/portal/platform.pem", authority.certificate);
  await putFile(namespaces, "/run/lab/portal/platform.key", authority.privateKey);
  const script = `
cd /run/lab/portal
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout expired.key -out expired.csr -subj "/CN=outrider.test"
printf 'subjectAltName=DNS:outrider.test,DNS:*.outrider.test\nextendedKeyUsage=serverAuth\n' >expired.ext
openssl x509 -req -in expired.csr -CA platform.pem -CAkey platform.key -CAcreateserial -not_before 20240101000000Z -not_after 20250101000000Z -extfile expired.ext -out expired.crt
`;
  await namespaces.runPeer(["sh", "-euc", script]);
}

/**
 * A container's clock is its host's, so agent and doctor are started with another one of their own:
 * each program of the appliance that starts from now on sees a Date that is off.
 */
async function setClock({ appliance }: ProxyLab, offsetMs: number): Promise<void> {
  if (offsetMs === 0)
    return void (await appliance.exec(["systemctl", "unset-environment", "NODE_OPTIONS"]));
  const program = `const Real = Date;
globalThis.Date = class extends Real {
  constructor(...given) { if (given.length === 0) super(Real.now() + ${offsetMs}); else super(...given); }
  static now() { return Real.now() + ${offsetMs}; }
};`;
  await appliance.exec(
    ["sh", "-c", "cat >/run/other-clock.cjs && chmod 644 /run/other-clock.cjs"],
    { input: program },
  );
  await appliance.exec([
    "systemctl",
    "set-environment",
    "NODE_OPTIONS=--require=/run/other-clock.cjs",
  ]);
}

const hooks = {
  forward: "type filter hook forward priority -10;",
  input: "type filter hook input priority -10;",
  prerouting: "type nat hook prerouting priority dstnat;",
} as const;

async function strike(lab: ProxyLab, { rules = {}, dns }: NetworkFault): Promise<void> {
  const chains = (["forward", "input", "prerouting"] as const).flatMap((hook) =>
    rules[hook] ? [` chain ${hook} {\n ${hooks[hook]}\n ${rules[hook]}\n }`] : [],
  );
  await nft(
    lab,
    `table inet fault {}\ndelete table inet fault\ntable inet fault {\n${chains.join("\n")}\n}`,
  );
  if (dns) await redirectDns(lab, dnsPorts[dns]);
}

export async function relieve(lab: ProxyLab): Promise<void> {
  await nft(lab, "table inet fault {}\ndelete table inet fault\n");
  await redirectDns(lab, 5353);
}

export interface FaultOutcome {
  fault: NetworkFault;
  /** The agent's error code; "" when the call succeeded. */
  agent: string;
  agentMs: number;
  /** Id and code of the first failed check; "" when none failed. */
  doctor: string;
  doctorMs: number;
  /** The problem of the outcome, or null. */
  complaint: string | null;
}

const limitMs = 15_000;

/** Applies one fault, and returns the reports of agent and doctor. */
export async function undergo(
  lab: ProxyLab,
  fault: NetworkFault,
  current: { proxy: string },
): Promise<FaultOutcome> {
  await relieve(lab);
  const wanted: ProxySettings = fault.proxy ?? { kind: "none" };
  if (JSON.stringify(wanted) !== current.proxy) {
    await setProxy(lab, wanted);
    current.proxy = JSON.stringify(wanted);
  }
  if (fault.whileConnected) {
    // From now on packets of existing connections pass, and new connections do not.
    await nft(
      lab,
      "table inet fault {}\ndelete table inet fault\ntable inet fault {\n chain marking {\n type filter hook forward priority -20;\n ct mark set 0x1\n }\n}",
    );
    await callHome(lab);
    // Longer than the agent trusts an idle connection, and than the proxies' idle limit.
    await new Promise((resolve) => setTimeout(resolve, 6000));
    await strike(lab, fault);
  } else {
    await lab.appliance.exec(["systemctl", "stop", "outrider-agent"]);
    await strike(lab, fault);
    await setClock(lab, fault.clockOffsetMs ?? 0);
    await lab.appliance.exec(["systemctl", "start", "outrider-agent"]);
  }
  const call = await callHome(lab, 40_000, fault.clockOffsetMs);
  const doctor = await runDoctor(lab);
  await relieve(lab);
  if (fault.clockOffsetMs !== undefined) {
    await setClock(lab, 0);
    await lab.appliance.exec(["systemctl", "restart", "outrider-agent"]);
  }
  const named = doctor.failed ? `${doctor.failed.id} ${doctor.failed.code}` : "";
  const complaints = [
    fault.agent === null ? call.code !== "" : !fault.agent.some((code) => code === call.code),
    fault.doctor === null ? named !== "" : !fault.doctor.test(named),
    call.tookMs > limitMs,
    doctor.tookMs > limitMs,
    fault.clockOffsetMs !== undefined &&
      !doctor.results.some(({ id, code }) => id === "clock" && code === "clock-wrong"),
  ];
  const descriptions = [
    `the agent says ${call.code || "nothing"} (${call.detail})`,
    `the doctor says ${named || "nothing"}`,
    "the agent takes too long",
    "the doctor takes too long",
    "the doctor does not say that the clock is wrong",
  ];
  const complaint = descriptions.filter((_, index) => complaints[index]).join("; ");
  return {
    fault,
    agent: call.code,
    agentMs: call.tookMs,
    doctor: named,
    doctorMs: doctor.tookMs,
    complaint: complaint === "" ? null : complaint,
  };
}
