import test from "ava";
import type { Status } from "../../src/configd/api/status.ts";
import { firewallNeeds } from "../../src/firewall-request/needs.ts";
import { englishFirewallLines } from "../../src/firewall-request/text.ts";
import { defaultHttpProxy, type ProxySettings } from "../../src/settings/model/schema.ts";
import { loadDescribedMachine } from "../../src/simulation/described-machine.ts";
import { describedStatus } from "../../src/simulation/status.ts";

const at = Date.UTC(2026, 10, 12);
const ledger = {
  dropped: 0,
  entries: [
    {
      by: "agent" as const,
      host: "platform.example.test",
      port: 443,
      protocol: "tcp" as const,
      why: "health",
      addresses: ["198.51.100.10"],
      firstAt: at,
      lastAt: at,
      count: 7,
    },
  ],
};
const enrolled = async (): Promise<Status> =>
  describedStatus(await loadDescribedMachine("update-waiting"), at);
const withProxy = (status: Status, proxy: ProxySettings): Status => ({
  ...status,
  settings: { ...status.settings, proxy },
});
const http: Extract<ProxySettings, { kind: "http" }> = {
  ...defaultHttpProxy,
  host: "proxy.example.test",
  authentication: "none",
};
const placesOf = (needs: readonly { purpose: string; host: string; port: number }[]) =>
  needs
    .filter(({ purpose }) => purpose !== "names" && purpose !== "time")
    .map(({ purpose, host, port }) => `${purpose} ${host}:${port}`);

test("the firewall's administrator reads from where to where, with the addresses that were connected to", async (t) => {
  const text = englishFirewallLines(firewallNeeds(await enrolled(), ledger)).join("\n");
  t.regex(text, /From\n {2}192\.0\.2\.60 \(LAN, eth0\)/);
  t.regex(
    text,
    /platform\.example\.test, TCP port 443\n +the platform's services: enrolment, health, updates, jobs, results\n +connected to so far: 198\.51\.100\.10/,
  );
  t.regex(text, /192\.0\.2\.53, TCP and UDP port 53\n +names/);
  t.regex(text, /UDP port 123\n +time/);
  t.regex(text, /The platform's networks: 198\.51\.100\.0\/28/);
  for (const line of text.split("\n"))
    t.true(line.length <= 76 || !line.trim().includes(" "), line);
});

test("of time servers the rule names those that are really asked: set ones, else the lease's, else Debian's", async (t) => {
  const status = await enrolled();
  const timeOf = (changed: Status) =>
    firewallNeeds(changed, null).needs.flatMap(({ purpose, host }) =>
      purpose === "time" ? [host] : [],
    );
  const interfaces = status.interfaces.map((nic) => ({ ...nic, timeServers: ["192.0.2.123"] }));
  t.deepEqual(timeOf({ ...status, interfaces }), ["192.0.2.123"]);
  t.deepEqual(
    timeOf({
      ...status,
      interfaces,
      settings: { ...status.settings, time: { servers: ["ntp.example.org"] } },
    }),
    ["ntp.example.org"],
  );
  const unaddressed = status.interfaces.map((nic) => ({ ...nic, addresses: [] }));
  for (const nics of [status.interfaces, unaddressed])
    t.regex(timeOf({ ...status, interfaces: nics }).join(), /^0\.debian\.pool\.ntp\.org,/);
});

test("with a proxy the firewall lets through the proxy, and the proxy the platform; what goes past the proxy stays the firewall's", async (t) => {
  const status = await enrolled();
  const only = firewallNeeds(withProxy(status, http), ledger);
  t.deepEqual(placesOf(only.needs), ["proxy proxy.example.test:3128"]);
  t.deepEqual(placesOf(only.throughProxy), ["platform platform.example.test:443"]);
  const past = firewallNeeds(withProxy(status, { ...http, bypass: [".example.test"] }), ledger);
  t.deepEqual(placesOf(past.needs), [
    "proxy proxy.example.test:3128",
    "platform platform.example.test:443",
  ]);
  t.deepEqual(placesOf(past.throughProxy), []);
  const either = firewallNeeds(withProxy(status, { ...http, fallbackToDirect: true }), ledger);
  t.deepEqual(placesOf(either.needs), [
    "proxy proxy.example.test:3128",
    "platform platform.example.test:443",
  ]);
  t.deepEqual(placesOf(either.throughProxy), ["platform platform.example.test:443"]);
  const pac = firewallNeeds(
    withProxy(status, {
      kind: "pac",
      url: "http://wpad.example.test/proxy.pac",
      authentication: "none",
      user: "",
      bypass: [],
      fallbackToDirect: false,
    }),
    null,
  );
  t.deepEqual(placesOf(pac.needs), ["pac wpad.example.test:80"]);
});

test("before the enrolment the request names the platform's own address, or states that there is none", async (t) => {
  const status = describedStatus(await loadDescribedMachine("not-enrolled"), at);
  t.regex(englishFirewallLines(firewallNeeds(status, null)).join("\n"), /address is not set yet/);
  const set = {
    ...status,
    settings: { ...status.settings, platform: { url: "https://platform.example.test:8443" } },
  };
  t.deepEqual(placesOf(firewallNeeds(set, null).needs), ["platform platform.example.test:8443"]);
});
