import { putFile, startPeer, waitForPort } from "../../image/lab/peers.ts";
import { ntlmDomain, realm } from "../../image/lab/peers-domains.ts";
import { proxyName, proxyPorts, proxyUser, startProxyAgain } from "../../image/lab/peers-proxies.ts";
import { defaultHttpProxy, type ProxySettings } from "../../src/settings/schema.ts";
import { eventually, labTest } from "../testkit/lab.ts";
import { agentView, callHome, onlyByProxy, openProxyLab, runDoctor, setProxy, wall } from "../testkit/lab-proxies.ts";

const { password } = proxyUser;
const http = (port: number, authentication: "negotiate" | "ntlm" | "automatic" | "none", user: string): ProxySettings => ({
  ...defaultHttpProxy,
  host: proxyName,
  port,
  authentication,
  user,
});

labTest("the heartbeat arrives by a Kerberos ticket of a real KDC, and by NTLMv2 that winbind checks", async (t) => {
  t.timeout(400_000);
  const lab = await openProxyLab(t, ["negotiate", "ntlm"]);
  await wall(lab, onlyByProxy);
  const ticket = `appliance@${realm}`;
  for (const [title, port, authentication, user] of [
    ["Negotiate", proxyPorts.negotiate, "negotiate", ticket.toLowerCase()],
    ["Negotiate found by itself", proxyPorts.negotiate, "automatic", ticket],
    ["NTLM", proxyPorts.ntlm, "ntlm", `${ntlmDomain}\\appliance`],
  ] as const) {
    await setProxy(lab, http(port, authentication, user), { password });
    const call = await callHome(lab);
    if (call.code !== "") t.log((await lab.namespaces.run(["sh", "-c", "tail -n 30 /run/lab/proxies/*.log"])).stdout);
    t.is(call.code, "", `${title}: ${call.detail}`);
    t.is((await lab.operator.appliances())[0]?.seenFrom, "198.51.100.20", title);
  }
  const { stdout: log } = await lab.namespaces.run(["sh", "-c", "cat /run/lab/proxies/negotiate.access /run/lab/proxies/ntlm.access"]);
  t.regex(log, /TCP_TUNNEL\/200 .* CONNECT health\.outrider\.test:443 appliance@OUTRIDER\.TEST /);
  t.regex(log, /TCP_TUNNEL\/200 .* CONNECT health\.outrider\.test:443 (LABPROXY\\)?appliance /i);
  t.notRegex(await lab.appliance.journal(), /pass word/);

  for (const [port, authentication, user] of [
    [proxyPorts.negotiate, "negotiate", ticket],
    [proxyPorts.ntlm, "ntlm", `${ntlmDomain}\\appliance`],
  ] as const) {
    await setProxy(lab, http(port, authentication, user), { password: "wrong" });
    const call = await callHome(lab);
    t.is(call.code, "proxy-authentication-failed", `${authentication}: ${call.detail}`);
    t.true(call.tookMs < 15_000);
    t.like((await runDoctor(lab, "proxy")).failed, { id: "proxy:login", code: "proxy-authentication-failed" });
  }
});

labTest("a PAC file says which proxy; a proxy that dies is gone around where that is allowed, and gone through again when it is back", async (t) => {
  t.timeout(400_000);
  const lab = await openProxyLab(t, ["open"]);
  const { namespaces, proxies } = lab;
  const script = `function FindProxyForURL(url, host) {
  if (dnsDomainIs(host, ".outrider.test") && isInNet(myIpAddress(), "192.0.2.0", "255.255.255.0")) return "PROXY gone.outrider.test:3128; PROXY ${proxyName}:${proxyPorts.open}";
  return "DIRECT";
}
`;
  await putFile(namespaces, "/run/lab/pac/proxy.pac", script);
  const nginx = `daemon off; pid /run/pac.pid; error_log stderr; user root; events {}
http { access_log off; server { listen 198.51.100.20:80; root /run/lab/pac; types { application/x-ns-proxy-autoconfig pac; } } }
`;
  await putFile(namespaces, "/run/lab/pac.conf", nginx);
  await namespaces.script("mkdir -p /run/lab/peers/var/lib/nginx /run/lab/peers/var/log/nginx");
  startPeer(namespaces, "pac", "proxy", ["nginx", "-c", "/run/lab/pac.conf"]);
  await waitForPort(namespaces, "proxy", 80);

  await wall(lab, onlyByProxy);
  const pac: ProxySettings = { kind: "pac", url: `http://${proxyName}/proxy.pac`, authentication: "automatic", user: "", bypass: [], fallbackToDirect: false };
  await setProxy(lab, pac);
  const call = await callHome(lab);
  t.is(call.code, "", call.detail);
  t.is(call.view.path?.route, `${proxyName}:${proxyPorts.open}`);
  t.is((await lab.operator.appliances())[0]?.seenFrom, "198.51.100.20");
  const doctor = await runDoctor(lab);
  t.is(doctor.failed, undefined);
  t.regex(doctor.results.find(({ id }) => id === "proxy:pac")?.detail ?? "", /gone\.outrider\.test:3128, proxy\.outrider\.test:3128/);
  await namespaces.run(["rm", "/run/lab/pac/proxy.pac"]);
  t.like((await runDoctor(lab, "proxy:pac")).failed, { code: "proxy-pac-unreachable" });
  // It runs only while it is needed.
  t.is((await lab.appliance.exec(["pgrep", "-fc", "pac.js"], { mayFail: true })).stdout, "0");

  await wall(lab, "");
  await setProxy(lab, { ...defaultHttpProxy, host: proxyName, port: proxyPorts.open, authentication: "none", fallbackToDirect: true });
  t.is((await callHome(lab)).view.path?.route, `${proxyName}:${proxyPorts.open}`);
  await proxies.get("open")?.end("SIGKILL");
  const around = await callHome(lab);
  t.is(around.code, "", around.detail);
  t.like(around.view.path, { route: "direct", fallback: true });
  t.true(around.tookMs < 15_000);
  await eventually("the platform is told", async () => /directly/.test((await lab.operator.appliance(lab.applianceId)).heartbeat?.proxy ?? ""));
  t.like((await runDoctor(lab, "proxy")).results[0], { id: "proxy", outcome: "warning", code: "proxy-unreachable" });
  await startProxyAgain(namespaces, "open");
  // It is looked for a minute after it failed, beside a call.
  const back = async () => {
    await callHome(lab);
    return (await agentView(lab)).path?.fallback === false;
  };
  await eventually("the proxy is used again", back, 120_000);
  t.is((await agentView(lab)).path?.route, `${proxyName}:${proxyPorts.open}`);
});
