import {
  companyCertificate,
  proxyName,
  proxyPorts,
  startProxyAgain,
} from "../../image/lab/peers-proxies.ts";
import { defaultHttpProxy } from "../../src/settings/model/schema.ts";
import { labTest } from "../testkit/lab/lab.ts";
import {
  callHome,
  onlyByProxy,
  openProxyLab,
  runDoctor,
  setProxy,
  wall,
} from "../testkit/lab/proxies.ts";

labTest(
  "behind a proxy that inspects TLS the interception is named; with its CA added the appliance calls home and says who reads along",
  async (t) => {
    t.timeout(400_000);
    const lab = await openProxyLab(t, ["inspecting", "blocking"]);
    await wall(lab, onlyByProxy);
    const proxy = (port: number) => ({
      ...defaultHttpProxy,
      host: proxyName,
      port,
      authentication: "none" as const,
    });

    await setProxy(lab, proxy(proxyPorts.inspecting));
    const refused = await callHome(lab);
    t.is(refused.code, "tls-intercepted");
    t.regex(refused.detail, /Example Company Inspection CA/);
    t.true(refused.tookMs < 15_000);
    const doctor = await runDoctor(lab);
    t.like(doctor.failed, { id: "tls", code: "tls-intercepted" });
    t.regex(doctor.failed?.detail ?? "", /Example Company Inspection CA/);

    const trusted = [await companyCertificate(lab.namespaces)];
    await setProxy(lab, proxy(proxyPorts.inspecting), { trusted });
    const call = await callHome(lab);
    t.is(call.code, "", call.detail);
    t.like(call.view.path, { intercepted: true, issuer: "Example Company Inspection CA" });
    const { results, failed } = await runDoctor(lab);
    t.is(failed, undefined);
    const tls = results.find(({ id }) => id === "tls");
    t.like(tls, { outcome: "warning", code: "tls-intercepted" });
    t.regex(tls?.detail ?? "", /Example Company Inspection CA/);
    const { stdout: log } = await lab.namespaces.run(["cat", "/run/lab/proxies/inspecting.access"]);
    t.regex(log, /POST https:\/\/health\.outrider\.test\//, "it did read along");

    await lab.proxies.get("inspecting")?.end("SIGTERM");
    await startProxyAgain(lab.namespaces, "inspecting", ["request_body_max_size 200 KB"]);
    const limited = await runDoctor(lab);
    t.like(limited.failed, { id: "service:results", code: "path-upload-limit" });
    t.regex(limited.failed?.detail ?? "", /answered 413|was cut/);

    await setProxy(lab, proxy(proxyPorts.blocking), { trusted });
    const blocked = await callHome(lab);
    t.is(blocked.code, "service-block-page", blocked.detail);
    t.like((await runDoctor(lab, "service:health")).failed, { code: "service-block-page" });
  },
);
