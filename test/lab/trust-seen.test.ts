import { en } from "../../console/words/en.ts";
import { goHome, keepTrial, seen } from "../../image/lab/console-keys.ts";
import { proxyName, proxyPorts, startProxyAgain } from "../../image/lab/peers-proxies.ts";
import { defaultHttpProxy } from "../../src/settings/model/schema.ts";
import { describeCertificate } from "../../src/settings/values/certificates.ts";
import { labTest } from "../testkit/lab/lab.ts";
import {
  agentView,
  callHome,
  onlyByProxy,
  openProxyLab,
  runDoctor,
  setProxy,
  wall,
} from "../testkit/lab/proxies.ts";

/** An authority below the company's, as inspecting devices have one. squid sends it along. */
const subordinate = `
cd /run/lab/proxies
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout sub.key -out sub.csr -subj "/O=Example Company/CN=Example Company Box"
printf 'basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,keyCertSign,cRLSign\\n' >sub.ext
openssl x509 -req -in sub.csr -CA company.pem -CAkey company.key -CAcreateserial -days 30 -extfile sub.ext -out sub.pem
cat sub.key sub.pem company.pem >company-both.pem
rm -rf inspecting-certificates
/usr/lib/squid/security_file_certgen -c -s /run/lab/proxies/inspecting-certificates -M 4MB
chown -R proxy inspecting-certificates
`;

labTest(
  "the authority of an inspecting proxy is compared and trusted at the console and on the command line, without a paste",
  async (t) => {
    t.timeout(500_000);
    const lab = await openProxyLab(t, ["inspecting"]);
    const { appliance, namespaces, proxies } = lab;
    const screen = appliance.console;
    await proxies.get("inspecting")?.end("SIGTERM");
    await namespaces.runPeer(["sh", "-euc", subordinate]);
    await startProxyAgain(namespaces, "inspecting");
    const box = (await namespaces.run(["cat", "/run/lab/proxies/sub.pem"])).stdout;
    const fingerprint = describeCertificate(box)?.fingerprint256 ?? "";
    await wall(lab, onlyByProxy);
    const proxy = {
      ...defaultHttpProxy,
      host: proxyName,
      port: proxyPorts.inspecting,
      authentication: "none" as const,
    };
    await setProxy(lab, proxy);
    t.is((await callHome(lab)).code, "tls-intercepted");
    const { failed } = await runDoctor(lab);
    t.true(failed?.detail.includes(`Example Company Box, SHA-256 ${fingerprint}`), failed?.detail);

    // At the console, by keys.
    await goHome(screen);
    await screen.press("4");
    await screen.waitFor(/> TLS with the platform/, { timeoutMs: 90_000 });
    await screen.waitFor(en["key.trustSeen"]);
    await screen.press("t");
    await seen(screen, "certificates.seenIntro");
    await screen.waitFor(
      (rows) => /[\dA-F ]{95}/.exec(rows.join(" ").replace(/\s+/g, " ")) !== null,
      { what: "the whole fingerprint" },
    );
    const shown = screen.screen().join(" ").replace(/\s+/g, " ");
    t.true(shown.includes(fingerprint.replaceAll(":", " ")), shown);
    await screen.press("enter");
    await seen(screen, "certificates.added");
    t.is((await agentView(lab)).path?.intercepted ?? false, false, "nothing is trusted yet");
    await screen.press("f2");
    await screen.waitFor(en["review.apply"]);
    await screen.press("f2");
    await seen(screen, "trial.waiting", 90_000);
    await seen(screen, "trial.adviceKeep", 90_000);
    await keepTrial(screen);
    const call = await callHome(lab);
    t.is(call.code, "", call.detail);
    t.like(call.view.path, { intercepted: true, issuer: "Example Company Box" });
    const stored = await appliance.exec(["cat", "/data/outrider/settings/appliance.yaml"]);
    const body = /MI[A-Za-z0-9+/]{40}/.exec(box)?.[0] ?? "?";
    t.true(stored.stdout.includes(body), "what was shown is what is stored");

    // The same on the command line, from the beginning.
    await setProxy(lab, proxy);
    const outrider = (...args: string[]) =>
      appliance.exec(["outrider", ...args], { mayFail: true, timeoutMs: 120_000 });
    const refused = await outrider("trust", "set", "--trust-seen", "0".repeat(64));
    t.not(refused.exitCode, 0);
    t.regex(`${refused.stdout}${refused.stderr}`, new RegExp(fingerprint));
    const set = await outrider("trust", "set", "--trust-seen", fingerprint.toLowerCase());
    t.is(set.exitCode, 0, `${set.stdout}${set.stderr}`);
    t.is((await callHome(lab)).code, "");
  },
);
