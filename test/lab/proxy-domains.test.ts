import { ntlmDomain, realm } from "../../image/lab/peers-domains.ts";
import { proxyName, proxyPorts, proxyUser } from "../../image/lab/peers-proxies.ts";
import { defaultHttpProxy, type ProxySettings } from "../../src/settings/model/schema.ts";
import { labTest } from "../testkit/lab/lab.ts";
import {
  callHome,
  onlyByProxy,
  openProxyLab,
  runDoctor,
  setProxy,
  wall,
} from "../testkit/lab/proxies.ts";

const { password } = proxyUser;
const http = (
  port: number,
  authentication: "negotiate" | "ntlm" | "automatic" | "none",
  user: string,
): ProxySettings => ({
  ...defaultHttpProxy,
  host: proxyName,
  port,
  authentication,
  user,
});

labTest(
  "the heartbeat arrives by a Kerberos ticket of a real KDC, and by NTLMv2 that winbind checks",
  async (t) => {
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
      if (call.code !== "")
        t.log((await lab.namespaces.run(["sh", "-c", "tail -n 30 /run/lab/proxies/*.log"])).stdout);
      t.is(call.code, "", `${title}: ${call.detail}`);
      t.is((await lab.operator.appliances())[0]?.seenFrom, "198.51.100.20", title);
    }
    t.notRegex(await lab.appliance.journal(), /pass word/);

    for (const [port, authentication, user] of [
      [proxyPorts.negotiate, "negotiate", ticket],
      [proxyPorts.ntlm, "ntlm", `${ntlmDomain}\\appliance`],
    ] as const) {
      await setProxy(lab, http(port, authentication, user), { password: "wrong" });
      const call = await callHome(lab);
      t.is(call.code, "proxy-authentication-failed", `${authentication}: ${call.detail}`);
      t.true(call.tookMs < 15_000);
      t.like((await runDoctor(lab, "proxy")).failed, {
        id: "proxy:login",
        code: "proxy-authentication-failed",
      });
    }
    // A tunnel is in the log when it has ended.
    const { stdout: log } = await lab.namespaces.run([
      "sh",
      "-c",
      "cat /run/lab/proxies/negotiate.access /run/lab/proxies/ntlm.access",
    ]);
    t.regex(log, /TCP_TUNNEL\/200 .* CONNECT health\.outrider\.test:443 appliance@OUTRIDER\.TEST /);
    t.regex(log, /TCP_TUNNEL\/200 .* CONNECT health\.outrider\.test:443 (LABPROXY\S+)?appliance /i);
  },
);
