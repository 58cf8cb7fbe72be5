import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { pageOf, surroundings } from "../../console/app/view.ts";
import { certificateFacts } from "../../console/screens/certificates/pem.ts";
import { subjectText } from "../../console/screens/shared/subject.ts";
import { en } from "../../console/words/en.ts";
import { keyName } from "../../console/words/key-names.ts";
import { english, pseudoWords, translatedWords } from "../../console/words/words.ts";
import { type Fact, fact, withDetail } from "../../src/base/messages/facts.ts";
import { recordTypes } from "../../src/configd/api/tool-names.ts";
import { keptBecause } from "../../src/configd/kept/change-reason.ts";
import { placedFields } from "../../src/settings/fields/placed-fields.ts";
import { keyboardLayouts } from "../../src/settings/model/keyboards.ts";
import { defaultSettings } from "../../src/settings/model/schema.ts";
import { readZeroTouch } from "../../src/settings/zero-touch/read.ts";
import { playScene, type Scene, sceneTimeMs } from "./scene.ts";
import { change, wait } from "./scene-steps.ts";
import { sceneTrial } from "./scene-trial.ts";
import { scenes } from "./scenes.ts";

const size = { columns: 132, rows: 400 };
const consoleFolder = new URL("../../console/", import.meta.url).pathname;

/**
 * The catalogue with every text emptied of letters: letters that remain on a screen are values, or
 * texts outside of the catalogue.
 */
const wordless = translatedWords((text) =>
  text.replace(/\{\w+\}|[A-Za-z]+/g, (part) => (part.startsWith("{") ? part : "#")),
);

/** The values of a scene: the machine's names, configd's answers, and the typed texts. */
function valuesOf(scene: Scene, status: unknown): string {
  const certificates = [JSON.stringify(scene.steps), JSON.stringify(status)].flatMap((text) =>
    [...text.matchAll(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\\n/g)].map(
      ([pem]) => certificateFacts(pem.replaceAll("\\n", "\n")),
    ),
  );
  return JSON.stringify(
    [scene, status, certificates, keyboardLayouts, recordTypes, "debian.pool.ntp.org"],
    withoutEnglish,
  ).toLowerCase();
}

/**
 * Only the values of facts count as values, not their codes and not the English text beside them.
 * Without facts the English text counts.
 */
function withoutEnglish(this: unknown, name: string, value: unknown): unknown {
  const holder: Record<string, unknown> = Object(this);
  if (typeof value === "object" && /^(?:facts|noteFacts|reason|place)$/.test(name))
    return [value].flat().map((found) => Object(found).values);
  if (typeof value === "object" && name === "problem") return { ...value, code: undefined };
  const sentence = ["facts", "problem"];
  const beside = {
    detail: ["facts"],
    why: ["reason"],
    host: ["place"],
    message: sentence,
    example: sentence,
    notes: ["noteFacts"],
  }[name];
  return beside?.some((each) => typeof holder[each] === "object") ? undefined : value;
}

const spoken = new Set([
  "text",
  "label",
  "title",
  "hint",
  "error",
  "note",
  "key",
  "clock",
  "simulated",
]);

function* textsOf(value: unknown, isSpoken = false): Generator<string> {
  if (typeof value === "string" && isSpoken) yield value;
  else if (Array.isArray(value)) for (const each of value) yield* textsOf(each, isSpoken);
  else if (typeof value === "object" && value !== null)
    for (const [name, each] of Object.entries(value))
      yield* textsOf(
        each,
        spoken.has(name) ||
          (isSpoken && typeof each !== "string") ||
          /^(lines|labels|options)$/.test(name),
      );
}

/**
 * A failure as the agent and configd report it: with English text beside facts, which the console
 * must not show.
 */
const failing = (code: string, told: Fact | Fact[]) => ({
  code,
  ...withDetail(told),
  at: sceneTimeMs,
});
const unsigned = fact("answered-unsigned", { host: "platform.example.test", status: 502 });

/** Zero-touch settings, read as the appliance reads them. */
const given = (...texts: readonly string[]) =>
  change((status) => {
    const documents = texts.map((text) => ({
      format: text.includes(": ") ? ("settings-yaml" as const) : ("user-data" as const),
      source: "NoCloud",
      place: "sr0",
      text,
    }));
    return { ...status, zeroTouch: readZeroTouch(documents, defaultSettings, sceneTimeMs).report };
  });

const keptBefore = (number: number, told: Fact) => ({
  number,
  keptAt: sceneTimeMs,
  settings: defaultSettings,
  changes: [],
  by: { how: "zero-touch" as const, who: "NoCloud", ...keptBecause(told) },
});

const told: readonly Scene[] = [
  {
    name: "values from outside, as a form says it",
    machine: "not-enrolled",
    steps: [given("lan_vlan=4711\nwan_enabled=perhaps")],
  },
  {
    name: "a settings file from outside",
    machine: "not-enrolled",
    steps: [given("hostname: -bad-", "network: [")],
  },
  {
    name: "values from outside, and what follows",
    machine: "not-enrolled",
    steps: [given("hostname=one\nLAN_IP=\nfoo=1", "hostname=two\nactivation_code=1")],
  },
  ...[fact("kept-first-start"), fact("kept-back-to", { number: 7 })].map(
    (why): Scene => ({
      name: `why settings were kept, ${why.code}`,
      machine: "one-nic",
      steps: [
        "=1",
        "f8",
        wait({ type: "reply", verb: "history", reply: { entries: [keptBefore(9, why)] } }),
      ],
    }),
  ),
  {
    name: "failures as facts",
    machine: "behind-broken-proxy",
    steps: [
      change((status) => ({
        ...status,
        networkReports: [
          {
            code: "interface-missing",
            ...withDetail(
              fact("card-named-at", {
                card: "LAN, 52:54:00:99:99:99, eth7",
                place: "0000:00:07.0",
              }),
            ),
          },
          {
            code: "packets-stopped",
            ...withDetail(fact("packets-on", { count: 17, role: "WAN" })),
          },
        ],
        agent: status.agent && {
          ...status.agent,
          failure: failing("service-error", unsigned),
          services: {
            ...status.agent.services,
            jobs: {
              ...status.agent.services.jobs,
              failure: failing("connect-refused", [
                unsigned,
                fact("way-tried-directly", { code: "connect-refused" }),
              ]),
            },
          },
        },
      })),
    ],
  },
  {
    name: "a refused update as facts",
    machine: "update-waiting",
    steps: [
      change((status) => ({
        ...status,
        agent: status.agent && {
          ...status.agent,
          content: [
            {
              kind: "software",
              name: "system",
              version: "0.2.0",
              state: "refused",
              length: 1_000_000,
              received: 0,
              code: "update-expired",
              ...withDetail(
                fact("role-expired", { role: "timestamp", at: "2026-11-01T00:00:00Z" }),
              ),
            },
          ],
        },
      })),
      "=8",
    ],
  },
  {
    name: "a failed trial as facts",
    machine: "one-nic",
    steps: [
      change((status) => ({ ...status, trial: sceneTrial("waiting", [], null) })),
      change((status) => {
        const { id, by } = sceneTrial("waiting", [], null);
        return {
          ...status,
          trial: null,
          lastTrial: {
            id,
            by,
            at: sceneTimeMs,
            end: "failed",
            ...withDetail(fact("service-interrupted")),
          },
        };
      }),
    ],
  },
  {
    name: "a refusal of configd as facts",
    machine: "one-nic",
    steps: [
      "=8",
      wait({
        type: "failed",
        verb: "checkUpdates",
        failure: { code: "storage-full", ...withDetail(fact("settings-not-saved")) },
      }),
    ],
  },
];

test("failures are shown in the catalogue's words, or by their text without facts", async (t) => {
  for (const scene of told) {
    const { status, ...state } = await playScene(scene, size, pseudoWords());
    const text = JSON.stringify([
      ...textsOf(pageOf({ ...state, status })),
      ...textsOf(surroundings({ ...state, status })),
    ]);
    t.regex(
      text,
      /w[íi]thóút á sígñátúré|wás góód úñtíl|wás íñtérrúptéd|wéré ñót sávéd|ís ñót á VLÁN tág|ís ñót á hóst ñámé|válúé fírst|fírst stárt|báçk tó ñúmbér/,
      scene.name,
    );
    t.notRegex(
      text,
      /without a signature|was good until|was interrupted|were not saved|is not a|neither true|It is no|value first|comes by|passed over|first start|back to/,
      scene.name,
    );
  }
  const state = await playScene(
    { name: "older", machine: "behind-broken-proxy", steps: [] },
    size,
    pseudoWords(),
  );
  t.regex(JSON.stringify([...textsOf(pageOf(state))]), /407 from proxy\.example\.test/);
});

test("every word on every screen comes from the catalogue, or is a value of the machine", async (t) => {
  for (const scene of [...scenes, ...told]) {
    const state = await playScene(scene, size, wordless);
    const values = valuesOf(scene, state.status);
    const page = pageOf(state);
    // Keys have names of their own in the code; the catalogue has the shown ones.
    const keys = page.keys.map(({ key, label }) => ({ key: keyName(key, wordless), label }));
    const said = [...textsOf({ ...page, keys }), ...textsOf(surroundings(state))];
    t.true(said.length > 0);
    // A single letter is a key or a unit.
    const strange = said.flatMap((text) =>
      (text.match(/[A-Za-z]{2,}/g) ?? []).filter((word) => !values.includes(word.toLowerCase())),
    );
    t.deepEqual(
      [...new Set(strange)],
      [],
      `${scene.name}: ${said.filter((text) => strange.some((word) => text.includes(word))).join(" | ")}`,
    );
  }
});

test("every key of the catalogue is used, and every used key is in the catalogue", async (t) => {
  const files = (await readdir(consoleFolder, { recursive: true })).filter(
    (name) => name.endsWith(".ts") && !/words\/en/.test(name),
  );
  const code = (
    await Promise.all(files.map((name) => readFile(join(consoleFolder, name), "utf8")))
  ).join("\n");
  const prefixes = new Set(Object.keys(en).map((key) => key.split(".")[0] ?? ""));
  const used = new Set(
    [...code.matchAll(/"([a-zA-Z]+)((?:\.[A-Za-z0-9-]+)+)"/g)].flatMap(
      ([, area = "", rest = ""]) => (prefixes.has(area) ? [area + rest] : []),
    ),
  );
  // These are no texts but fields: of the settings, and of a typed PIN.
  const isField = (key: string) =>
    /^pin\.\d+$/.test(key) || placedFields.some(({ path }) => path === key);
  t.deepEqual(
    [...used].filter((key) => !Object.hasOwn(en, key) && !isField(key)),
    [],
  );
  const made = [...code.matchAll(/`([a-zA-Z]+(?:\.[a-zA-Z]+)*\.)\$\{/g)].map(
    ([, start = ""]) => start,
  );
  const unused = Object.keys(en).filter(
    (key) =>
      !used.has(key) &&
      key !== "product" &&
      key !== "simulated" &&
      !key.startsWith("firewall.") &&
      !made.some((start) => key.startsWith(start)),
  );
  t.deepEqual(unused, []);
});

test("a missing key of the catalogue is an error, not an empty text", (t) => {
  const lacking = translatedWords((text) => text);
  const ask = (key: string) => Reflect.apply(lacking.say, lacking, [key]);
  t.throws(() => ask("home.noSuchText"));
  t.is(ask("home.title"), "Home");
});

test("subjects of checks come from the catalogue, and are in English the same as the doctor's", (t) => {
  const subjects: [string, string][] = [
    ["link:lan", "LAN link, eth0"],
    ["link:wan", "WAN link"],
    ["address:wan", "WAN address"],
    ["gateway:lan", "gateway"],
    ["gateway:wan", "gateway 2001:db8::1"],
    ["dns:none", "DNS servers"],
    ["dns:2001:db8::53", "DNS server 2001:db8::53"],
    ["proxy", "proxy"],
    ["proxy", "proxy proxy.example.test:3128"],
    ["proxy", "SOCKS5 proxy 192.0.2.9:1080"],
    ["proxy", "proxy of the PAC file"],
    ["proxy:pac", "PAC file http://proxy.example.test/proxy.pac"],
    ["proxy:tls", "TLS with the proxy"],
    ["proxy:login", "log-in at the proxy"],
    ["proxy:connect", "tunnel (CONNECT)"],
    ["proxy:connect", "SOCKS5 connection"],
    ["tls", "TLS with the platform"],
    ["service:platform", "platform, platform.example.test"],
    ["service:health", "health service, health.example.test:8443"],
    ["service:health", "health service"],
    ["clock", "clock"],
  ];
  for (const [id, subject] of subjects) {
    t.is(subjectText({ id, subject }, english), subject);
    t.not(subjectText({ id, subject }, pseudoWords()), subject);
  }
  t.is(
    subjectText({ id: "quantum:lan", subject: "a check of a later version" }, english),
    "a check of a later version",
  );
});
