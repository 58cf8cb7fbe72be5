import test from "ava";
import { subjectText } from "../../console/screens/shared/subject.ts";
import { english, pseudoWords } from "../../console/words/words.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { checks } from "../../src/doctor/checks.ts";
import type { KnownIdle } from "../../src/doctor/path/known-idle.ts";
import type { CheckResult } from "../../src/protocol/schemas/check-result.ts";
import type { AgentConfiguration } from "../../src/settings/agent-configuration.ts";
import { defaultHttpProxy } from "../../src/settings/model/schema.ts";
import {
  configuration,
  eth0,
  fails,
  platform,
  proxied,
  run,
  splitConfiguration,
  stage,
} from "../doctor/surroundings.ts";

const eth1 = { ...eth0, name: "eth1", index: 3, addresses: ["203.0.113.9/24"], gateways: [] };
const split = splitConfiguration;
const login = { user: "", bypass: [], fallbackToDirect: false };
const proxies: AgentConfiguration["proxy"][] = [
  { ...defaultHttpProxy, host: "proxy.outrider.test", tls: true },
  { ...login, kind: "socks5", host: "192.0.2.9", port: 1080 },
  { ...login, kind: "pac", url: "http://wpad.outrider.test/a.pac", authentication: "none" },
];
const two = { interfaces: async () => [eth0, eth1] };
const lived = { livedMs: 170_400, endedMs: null, forgottenMs: null };
const idle: KnownIdle = ["direct", "proxy.outrider.test:3128"].map((route) => ({
  ...lived,
  route,
}));
const notFound = async () => {
  throw new OutriderError("dns-not-found", { detail: "as said" });
};

/** What the doctor lists on appliances of every kind, also where nothing can be looked at. */
async function everyResult(): Promise<CheckResult[]> {
  const offline = { ...eth0, linkUp: false, addresses: [], gateways: [], gateway: null, dns: [] };
  const untrusted = () => fails("proxy-tls-untrusted", stage("resolve"), stage("connect"));
  const listed = await Promise.all([
    run({ platform }),
    run({}),
    run({ platform, idle }),
    run({ resolve: notFound, configuration: proxied }),
    run({ platform, configuration: split, ...two }),
    run({ configuration: { ...split, scanDevice: null }, ...two }),
    run({ platform, interfaces: async () => [offline] }),
    run({ interfaces: async () => [] }),
    run({ configuration: { ...configuration, platformUrl: null } }),
    run({ platform, configuration: proxied }),
    ...proxies.map((proxy) => run({ configuration: { ...configuration, proxy } }, untrusted)),
    ...proxies.map((proxy) => run({ configuration: { ...configuration, proxy } })),
  ]);
  return listed.flat();
}

/** All that a subject of the doctor's can be made of besides words. */
const names = /\b(?:[\w-]+\.)+[\w-]+(?::\d+)?|\beth\d\b|https?:\/\/\S+/g;

test("the console has words for everything that the doctor looks at, in English the doctor's own", async (t) => {
  const pseudo = pseudoWords();
  const summaries = checks.flatMap(({ summary }) =>
    summary ? [summary({ role: "lan" } as never)] : [],
  );
  const results = await everyResult();
  const subjects = [...summaries, ...results];
  const shown = new Set(subjects.map(({ id }) => id.replace(/:.*/, "")));
  t.deepEqual(
    checks.map(({ id }) => id).filter((id) => !shown.has(id)),
    [],
    "this test shows every check",
  );
  for (const { id, subject } of subjects) {
    t.is(subjectText({ id, subject }, english), subject, id);
    const translated = subjectText({ id, subject }, pseudo).replaceAll(names, "");
    for (const word of subject.replaceAll(names, "").match(/[a-z]{4,}/g) ?? [])
      t.false(new RegExp(`\\b${word}\\b`).test(translated), `${id}: ${word} in ${translated}`);
  }
});
