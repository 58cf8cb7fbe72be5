import { putFile, startPeer, waitForPort } from "../../image/lab/peers.ts";
import { proxyName, proxyPorts, startProxyAgain } from "../../image/lab/peers-proxies.ts";
import { defaultHttpProxy, type ProxySettings } from "../../src/settings/model/schema.ts";
import { eventually, labTest } from "../testkit/lab/lab.ts";
import {
  agentView,
  callHome,
  onlyByProxy,
  openProxyLab,
  runDoctor,
  setProxy,
  wall,
} from "../testkit/lab/proxies.ts";

labTest(
  "a PAC file says which proxy; a proxy that dies is gone around where that is allowed, and gone through again when it is back",
  async (t) => {
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
    const pac: ProxySettings = {
      kind: "pac",
      url: `http://${proxyName}/proxy.pac`,
      authentication: "automatic",
      user: "",
      bypass: [],
      fallbackToDirect: false,
    };
    await setProxy(lab, pac);
    const call = await callHome(lab);
    t.is(call.code, "", call.detail);
    t.is(call.view.path?.route, `${proxyName}:${proxyPorts.open}`);
    t.is((await lab.operator.appliances())[0]?.seenFrom, "198.51.100.20");
    const doctor = await runDoctor(lab);
    t.is(doctor.failed, undefined);
    t.regex(
      doctor.results.find(({ id }) => id === "proxy:pac")?.detail ?? "",
      /gone\.outrider\.test:3128, proxy\.outrider\.test:3128/,
    );
    await namespaces.run(["rm", "/run/lab/pac/proxy.pac"]);
    t.like((await runDoctor(lab, "proxy:pac")).failed, { code: "proxy-pac-unreachable" });
    // It runs only while it is needed.
    t.is(
      (
        await lab.appliance.exec([
          "sh",
          "-c",
          "grep -lE 'outrider/pac[.]js' /proc/[0-9]*/cmdline | wc -l",
        ])
      ).stdout,
      "0",
    );

    await wall(lab, "");
    await setProxy(lab, {
      ...defaultHttpProxy,
      host: proxyName,
      port: proxyPorts.open,
      authentication: "none",
      fallbackToDirect: true,
    });
    t.is((await callHome(lab)).view.path?.route, `${proxyName}:${proxyPorts.open}`);
    await proxies.get("open")?.end("SIGKILL");
    const around = await callHome(lab);
    t.is(around.code, "", around.detail);
    t.like(around.view.path, { route: "direct", fallback: true });
    t.true(around.tookMs < 15_000);
    // The heartbeat that went around was made before it was known that it would.
    await callHome(lab);
    await eventually("the platform is told", async () =>
      /directly/.test((await lab.operator.appliance(lab.applianceId)).heartbeat?.proxy ?? ""),
    );
    t.like((await runDoctor(lab, "proxy")).results[0], {
      id: "proxy",
      outcome: "warning",
      code: "proxy-unreachable",
    });
    await startProxyAgain(namespaces, "open");
    // It is looked for half a minute after it failed, beside a call.
    const back = async () => {
      await callHome(lab);
      return (await agentView(lab)).path?.fallback === false;
    };
    await eventually("the proxy is used again", back, 120_000);
    t.is((await agentView(lab)).path?.route, `${proxyName}:${proxyPorts.open}`);
  },
);
