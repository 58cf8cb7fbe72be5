import type { ExecutionContext } from "ava";
import { domain, hosts, segments } from "../../image/lab/addresses.ts";
import { proxyName, proxyPorts, proxyUser } from "../../image/lab/peers-proxies.ts";
import { defaultHttpProxy } from "../../src/settings/model/schema.ts";
import { labTest } from "../testkit/lab/lab.ts";
import { callHome, openProxyLab, setProxy } from "../testkit/lab/proxies.ts";
import {
  addressed,
  enrol,
  guards,
  splitNetwork,
  staticLan,
  staticWan,
  withNetwork,
} from "../testkit/lab/split-lab.ts";
import { openSplitLab } from "../testkit/lab/split-lab-open.ts";
import {
  captureRuns,
  countTools,
  outrider,
  rawCapture,
  savedCaptures,
  tool,
  toolCounts,
} from "../testkit/lab/tools.ts";

const platform = `platform.${domain}`;

/** What left by each card for one tool: nothing by the other one. */
async function goesBy(
  t: ExecutionContext,
  lab: Parameters<typeof tool>[0],
  side: "lan" | "wan",
  words: readonly string[],
): Promise<Awaited<ReturnType<typeof tool>>> {
  const before = await toolCounts(lab.namespaces);
  const answer = await tool(lab, [...words, "--from", side]);
  const after = await toolCounts(lab.namespaces);
  const other = side === "lan" ? "wan" : "lan";
  const title = `${words.join(" ")} from ${side}: ${JSON.stringify(answer)}`;
  t.true(after[side] > before[side], title);
  t.is(after[other], before[other], title);
  return answer;
}

labTest("in split mode each tool's packets leave by the card of its side alone", async (t) => {
  t.timeout(400_000);
  const lab = await openSplitLab(t, withNetwork(splitNetwork(staticLan, staticWan)));
  await addressed(lab);
  await enrol(lab);
  // The agent's own calls would be counted too.
  await lab.appliance.exec(["systemctl", "stop", "outrider-agent"]);
  await countTools(lab.namespaces, { lan: "eth0", wan: "eth1" });

  const near = await goesBy(t, lab, "lan", ["ping", hosts.web.address]);
  t.is(near.outcome, "ok");
  t.regex(near.verdict, /^4 of 4 answered, [\d.]+ ms$/);
  t.is((await goesBy(t, lab, "lan", ["ping", hosts.web.address6])).outcome, "ok");
  t.is((await goesBy(t, lab, "wan", ["ping", segments.wan.gateway])).outcome, "ok");
  t.is((await goesBy(t, lab, "lan", ["ping", "192.0.2.77"])).code, "ping-no-neighbour");

  const looked = await goesBy(t, lab, "lan", ["lookup", `web.${domain}`]);
  t.is(looked.outcome, "ok", JSON.stringify(looked));
  t.regex(looked.verdict, /192\.0\.2\.10/);
  t.is(looked.contacted.join(), segments.lan.gateway);
  const wan = await goesBy(t, lab, "wan", ["lookup", platform, "--type", "a"]);
  t.regex(wan.verdict, /198\.51\.100\.10/);
  const server = ["--server", segments.wan.gateway];
  t.is(
    (await goesBy(t, lab, "wan", ["lookup", `nobody.${domain}`, ...server])).code,
    "dns-not-found",
  );

  const traced = await goesBy(t, lab, "lan", ["trace", hosts.web.address, "--port", "80"]);
  t.is(traced.outcome, "ok", JSON.stringify(traced));
  t.regex(traced.verdict, /takes connections to port 80: hop 1/);
  t.is((await goesBy(t, lab, "lan", ["trace", hosts.web.address])).code, "trace-refused");
  t.is((await goesBy(t, lab, "wan", ["trace", platform])).outcome, "ok");

  const shown = await goesBy(t, lab, "wan", ["tls", platform]);
  t.is(shown.outcome, "ok", JSON.stringify(shown));
  t.regex(shown.lines.join("\n"), /key agreement X25519MLKEM768/);
  t.regex(shown.lines.join("\n"), /SHA-256 (?:[0-9A-F]{2}:){31}/);
  // Seen from the LAN, the same host is a stranger's.
  t.is((await goesBy(t, lab, "lan", ["tls", platform])).code, "tls-untrusted");

  // A hop says no: the router rejects what the LAN wants of that host.
  await lab.namespaces.runPeer(["nft", "-f", "-"], {
    host: "router",
    input: `table inet wall {
  chain forward {
    type filter hook forward priority -10;
    ip daddr ${hosts.proxy.address} reject with icmpx admin-prohibited
  }
}
`,
  });
  const refused = await goesBy(t, lab, "lan", ["trace", hosts.proxy.address]);
  t.is(refused.code, "trace-prohibited", JSON.stringify(refused));
  t.regex(refused.verdict, /^hop \d, 192\.0\.2\.1, says that its rules forbid it$/);
  t.is((await goesBy(t, lab, "lan", ["ping", hosts.proxy.address])).code, "ping-prohibited");
  t.deepEqual(await guards(lab), { lan: 0, wan: 0 });

  // While a capture runs no other tool does; Ctrl-C ends it, and it keeps what came.
  const long = lab.appliance.exec(
    ["sh", "-c", "outrider capture --from lan --seconds 100 --json & echo $! >/run/capture; wait"],
    { timeoutMs: 120_000 },
  );
  await captureRuns(lab);
  t.is((await tool(lab, ["ping", hosts.web.address, "--from", "lan"])).error?.code, "tool-busy");
  await lab.namespaces.runPeer(["nmap", "-sn", "-PE", "192.0.2.50"], {
    host: "station",
    mayFail: true,
  });
  await lab.appliance.exec(["sh", "-c", "kill -INT $(cat /run/capture)"]);
  const ended = JSON.parse((await long).stdout);
  t.is(ended.outcome, "ok", JSON.stringify(ended));
  t.is((await savedCaptures(lab)).length, 1);
  t.is((await outrider(lab, ["ping", "192.0.2.1-9"])).exitCode, 2);
});

labTest(
  "in single mode a capture has no login at a proxy in it, which was on the wire",
  async (t) => {
    t.timeout(400_000);
    const lab = await openProxyLab(t, ["basic", "socksPassword"]);
    const { user, password } = proxyUser;
    const login = Buffer.from(`${user}:${password}`).toString("base64");
    const proxies = [
      {
        ...defaultHttpProxy,
        host: proxyName,
        port: proxyPorts.basic,
        user,
        authentication: "basic" as const,
      },
      {
        kind: "socks5" as const,
        host: proxyName,
        port: proxyPorts.socksPassword,
        user,
        bypass: [],
        fallbackToDirect: false,
      },
    ];
    for (const proxy of proxies) {
      await setProxy(lab, proxy, { password });
      const onTheWire = await rawCapture(lab, "eth0");
      const capture = lab.appliance.exec(
        ["sh", "-c", "outrider capture --seconds 100 --json & echo $! >/run/capture; wait"],
        { timeoutMs: 120_000 },
      );
      await captureRuns(lab);
      // It begins with new connections.
      await lab.appliance.exec(["systemctl", "restart", "outrider-agent"]);
      t.is((await callHome(lab)).code, "");
      await lab.appliance.exec(["sh", "-c", "kill -INT $(cat /run/capture)"]);
      const answer = JSON.parse((await capture).stdout);
      t.is(answer.outcome, "ok", JSON.stringify(answer));
      const raw = await onTheWire.end();
      const secrets = [login, password, "Proxy-Authorization", "CONNECT"];
      const wire = proxy.kind === "http" ? login : password;
      t.true(raw.includes(wire), `${proxy.kind}: the login was on the wire`);
      const files = await savedCaptures(lab);
      const file = files.at(-1) ?? Buffer.alloc(0);
      t.true(file.length > 1000);
      for (const secret of secrets) t.false(file.includes(secret), `${proxy.kind}: ${secret}`);
      // The hello of TLS inside the tunnel is there.
      t.true(file.includes(`health.${domain}`), `${proxy.kind}: the hello's server name`);

      const peek = await tool(lab, ["tls", platform]);
      t.is(peek.outcome, "ok", JSON.stringify(peek));
      t.regex(peek.lines[0] ?? "", /^through proxy\.outrider\.test/);
    }
    const { stdout } = await outrider(lab, ["status", "--json"]);
    t.false(stdout.includes(password));
  },
);
