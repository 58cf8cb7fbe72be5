import { freshLock, lockNumber } from "../../console/app/lock.ts";
import { updateApp } from "../../console/app/model.ts";
import type { AppEvent, AppState } from "../../console/app/state.ts";
import { startApp } from "../../console/app/state.ts";
import { viewApp } from "../../console/app/view.ts";
import type { Frame } from "../../console/frame/frame.ts";
import { character, type Key, type NamedKey, namedKeys } from "../../console/page/key.ts";
import { english, type Words } from "../../console/words/words.ts";
import { makeActivationCode } from "../../src/base/activation-code.ts";
import { type Fact, fact, tellFacts } from "../../src/base/messages/facts.ts";
import type { VerbReply } from "../../src/configd/api/api.ts";
import type { Review } from "../../src/configd/api/shapes.ts";
import type { Status, Trial } from "../../src/configd/api/status.ts";
import type { CheckResult } from "../../src/protocol/schemas/check-result.ts";
import { loadDescribedMachine } from "../../src/simulation/described-machine.ts";
import { describedStatus } from "../../src/simulation/status.ts";
import { contactScenes } from "./scenes-contacts.ts";
import { keyboardScenes } from "./scenes-keyboard.ts";
import { moreScenes } from "./scenes-more.ts";
import { onVlan, settingsScenes } from "./scenes-settings.ts";
import { stateScenes } from "./scenes-states.ts";

/** The moment of all goldens. */
export const sceneTimeMs = Date.parse("2026-11-12T03:14:07Z");

/** A key by its name, or several characters typed after a `=`. */
export type Stroke = NamedKey | `=${string}`;

export type SceneStep =
  | Stroke
  | { lock: true }
  | { unlock: VerbReply<"unlock"> }
  | { change: (status: Status) => Status }
  | { answer: Extract<AppEvent, { type: "answer" }>["event"] }
  | "disconnect";

/** A screen that can be shown: a machine, and what was done on it. */
export interface Scene {
  name: string;
  machine: string;
  steps: readonly SceneStep[];
  /** What the first status differs in. */
  begins?: (status: Status) => Status;
  /** Not the machine's own screen: a serial line, or a terminal window. */
  elsewhere?: true;
}

export function keysOf(stroke: Stroke): Key[] {
  if (stroke.startsWith("=")) return [...stroke.slice(1)].map(character);
  const name = namedKeys.find((each) => each === stroke);
  return name === undefined ? [] : [{ name }];
}

export async function playScene(
  scene: Scene,
  size: { columns: number; rows: number },
  words: Words = english,
): Promise<AppState> {
  const machine = await loadDescribedMachine(scene.machine);
  let status = describedStatus(machine, sceneTimeMs);
  if (scene.begins) status = scene.begins(status);
  let state = startApp({
    words,
    canLeave: false,
    atMachine: scene.elsewhere !== true,
    ...size,
    monotonicMs: 0,
  });
  const send = (event: AppEvent) => {
    state = updateApp(state, event).state;
  };
  send({ type: "status", status, monotonicMs: 0 });
  for (const step of scene.steps) {
    if (typeof step === "object" && "lock" in step) state = { ...state, lock: freshLock };
    else if (typeof step === "object" && "unlock" in step)
      send({
        type: "answer",
        to: lockNumber,
        event: { type: "reply", verb: "unlock", reply: step.unlock },
      });
    else if (step === "disconnect") send({ type: "disconnected" });
    else if (typeof step === "string") for (const key of keysOf(step)) send({ type: "key", key });
    else if ("change" in step) {
      status = step.change(status);
      send({ type: "status", status, monotonicMs: 0 });
    } else send({ type: "answer", to: state.pile.at(-1)?.number ?? 0, event: step.answer });
  }
  return state;
}

export async function sceneFrame(
  scene: Scene,
  size: { columns: number; rows: number },
  words?: Words,
): Promise<Frame> {
  return viewApp(await playScene(scene, size, words)).frame;
}

const check = (
  id: string,
  name: CheckResult["check"],
  subject: string,
  outcome: CheckResult["outcome"],
  facts: Fact[],
  code: string | null = null,
): CheckResult => ({
  id,
  check: name,
  subject,
  outcome,
  code,
  facts,
  detail: tellFacts(facts) ?? "",
  durationMs: 12,
});
const services = (outcome: CheckResult["outcome"], facts: Fact[]) =>
  (["enrolment", "health", "updates", "jobs", "results"] as const).map((name) =>
    check(`service:${name}`, "service", `${name} service`, outcome, facts),
  );
const linkUp = fact("card-up", { mac: "52:54:00:00:00:01" });

const checksBefore: CheckResult[] = [
  check("link:lan", "link", "LAN link, eth0", "ok", [linkUp]),
  check("address:lan", "address", "LAN address", "ok", [
    fact("address-by-dhcp", { addresses: "192.0.2.50/24" }),
  ]),
  check("gateway:lan", "gateway", "gateway 192.0.2.1", "ok", [
    fact("gateway-answers", { address: "192.0.2.1", device: "eth0" }),
  ]),
  check("dns:192.0.2.1", "dns", "DNS server 192.0.2.1", "ok", [
    fact("name-found", { host: "platform.example.test", addresses: "198.51.100.10" }),
  ]),
  ...services("ok", [
    ...(["resolve", "connect", "tls"] as const).map((stage, index) =>
      fact(`took-${stage}`, { milliseconds: 3 + index * 9 }),
    ),
    fact("service-answered", { status: 401 }),
  ]),
];
const staticAddress = check("address:lan", "address", "LAN address", "ok", [
  fact("address-static", { addresses: "192.0.2.60/24" }),
]);
const checksGood: CheckResult[] = checksBefore.map((check) =>
  check.id === "address:lan" ? staticAddress : check,
);
const checksBad: CheckResult[] = [
  check("link:lan", "link", "LAN link, eth0", "ok", [linkUp]),
  staticAddress,
  check(
    "gateway:lan",
    "gateway",
    "gateway 192.0.2.254",
    "failed",
    [fact("gateway-asked", { address: "192.0.2.254", device: "eth0" })],
    "gateway-silent",
  ),
  check("dns:192.0.2.53", "dns", "DNS server 192.0.2.53", "skipped", [
    fact("after-gateway-beyond"),
  ]),
  ...services("skipped", [fact("after-gateway")]),
];

export const staticChanges = [
  { field: "IPv4", before: "DHCP", after: "static" },
  { field: "Address", before: "by DHCP", after: "192.0.2.60/24" },
  { field: "Gateway", before: "by DHCP", after: "192.0.2.1" },
  { field: "DNS servers", before: "by DHCP", after: "192.0.2.53" },
];

export const sceneReview: Review = {
  problems: [],
  changes: staticChanges,
  needsTrial: true,
  netplan: [
    "network:",
    "  version: 2",
    '  renderer: "networkd"',
    "  ethernets:",
    "    lan:",
    "      match:",
    '        name: "eth0"',
    "      optional: true",
    "      dhcp4: false",
    "      dhcp6: false",
    "      accept-ra: false",
    "      link-local: []",
    "      mtu: 1500",
    "      addresses:",
    '        - "192.0.2.60/24"',
    "      nameservers:",
    "        addresses:",
    '          - "192.0.2.53"',
    "        search: []",
    "      routes:",
    '        - to: "default"',
    '          via: "192.0.2.1"',
    "          metric: 100",
    "",
  ].join("\n"),
};

export function sceneTrial(
  phase: Trial["phase"],
  checks: CheckResult[],
  advice: Trial["advice"],
): Trial {
  return {
    id: "0b9f6a52-6a50-4a3e-9d0e-2f1c5a7d8e90",
    by: { how: "console", who: "tty1", why: "" },
    deadlineAt: sceneTimeMs + 101_000,
    remainingMs: 101_000,
    phase,
    changes: staticChanges,
    checksBefore,
    checks,
    advice,
  };
}

const onTrial = (trial: Trial): SceneStep => ({ change: (status) => ({ ...status, trial }) });
const fillStatic: SceneStep[] = [
  "=1",
  "right",
  "tab",
  "=192.0.2.60/24",
  "tab",
  "=192.0.2.1",
  "tab",
  "=192.0.2.53",
];

/** An activation code of fixed bytes, and the same with one wrong character. */
const code = makeActivationCode(Uint8Array.from({ length: 18 }, (_, index) => index * 7)).text;
const wrongCode = `${code.slice(0, 8)}${code[8] === "A" ? "B" : "A"}${code.slice(9)}`;

/** Every screen as it usually is, and with what goes wrong on it. */
export const scenes: readonly Scene[] = [
  { name: "home", machine: "update-waiting", steps: [] },
  { name: "home-new", machine: "not-enrolled", steps: [] },
  { name: "home-two-nics", machine: "two-nics", steps: [] },
  { name: "home-one-down", machine: "one-down", steps: [] },
  { name: "home-no-dhcp", machine: "no-dhcp", steps: [] },
  { name: "home-scanning", machine: "scanning", steps: [] },
  { name: "home-proxy-broken", machine: "behind-broken-proxy", steps: [] },
  { name: "home-tls-inspection", machine: "tls-inspection", steps: [] },
  { name: "home-clock-wrong", machine: "clock-wrong", steps: [] },
  { name: "home-long", machine: "long-values", steps: [] },
  { name: "home-no-configd", machine: "scanning", steps: ["disconnect"] },
  {
    name: "home-no-cards",
    machine: "one-nic",
    steps: [{ change: (status) => ({ ...status, interfaces: [] }) }],
  },
  { name: "home-vlan", machine: "two-nics", steps: [{ change: onVlan }] },
  { name: "network", machine: "one-nic", steps: ["=1"] },
  { name: "network-static", machine: "update-waiting", steps: ["=1", "tab"] },
  {
    name: "network-error",
    machine: "one-nic",
    steps: ["=1", "right", "tab", "=192.0.2.300/24", "tab", "=192.0.3.1", "tab", "tab"],
  },
  { name: "network-refused-key", machine: "one-nic", steps: ["=1", "right", "tab", "=192.0.2.x"] },
  { name: "network-two-nics", machine: "two-nics", steps: ["=1"] },
  { name: "network-long", machine: "long-values", steps: ["=1", "tab", "tab", "tab", "tab"] },
  { name: "network-unsaved", machine: "one-nic", steps: ["=1", "right", "escape"] },
  {
    name: "review",
    machine: "one-nic",
    steps: [...fillStatic, "f2", { answer: { type: "reply", verb: "review", reply: sceneReview } }],
  },
  {
    name: "review-netplan",
    machine: "one-nic",
    steps: [
      ...fillStatic,
      "f2",
      { answer: { type: "reply", verb: "review", reply: sceneReview } },
      "f4",
    ],
  },
  {
    name: "review-problem",
    machine: "one-nic",
    steps: [
      ...fillStatic,
      "f2",
      {
        answer: {
          type: "reply",
          verb: "review",
          reply: {
            problems: [
              {
                field: "network.lan.macAddress",
                code: "interface-missing",
                values: { value: "52:54:00:12:34:56" },
              },
            ],
            changes: [],
            netplan: "",
            needsTrial: false,
          },
        },
      },
    ],
  },
  {
    name: "review-refused",
    machine: "one-nic",
    steps: [
      ...fillStatic,
      "f2",
      { answer: { type: "reply", verb: "review", reply: sceneReview } },
      "enter",
      { answer: { type: "failed", verb: "try", failure: { code: "trial-pending", detail: null } } },
    ],
  },
  {
    name: "trial-checking",
    machine: "one-nic",
    steps: [onTrial(sceneTrial("checking", [], null))],
  },
  {
    name: "trial-keep",
    machine: "one-nic",
    steps: [onTrial(sceneTrial("waiting", checksGood, "keep"))],
  },
  {
    name: "trial-revert",
    machine: "one-nic",
    steps: [onTrial(sceneTrial("waiting", checksBad, "revert"))],
  },
  {
    name: "trial-elsewhere",
    machine: "one-nic",
    steps: ["=1", onTrial(sceneTrial("waiting", checksGood, "keep"))],
  },
  {
    name: "trial-timed-out",
    machine: "one-nic",
    steps: [
      onTrial(sceneTrial("waiting", checksGood, "keep")),
      {
        change: (status) => ({
          ...status,
          trial: null,
          lastTrial: {
            id: sceneTrial("waiting", [], null).id,
            by: sceneTrial("waiting", [], null).by,
            at: sceneTimeMs,
            end: "timed-out",
            detail: "",
          },
        }),
      },
    ],
  },
  { name: "proxy", machine: "one-nic", steps: ["=2"] },
  {
    name: "proxy-password",
    machine: "behind-broken-proxy",
    steps: ["=2", "tab", "tab", "tab", "tab", "tab", "tab", "=open sesame"],
  },
  {
    name: "proxy-error",
    machine: "one-nic",
    steps: [
      "=2",
      "right",
      "tab",
      "=proxy..example",
      "tab",
      "ctrl-u",
      "=99999",
      "tab",
      "tab",
      "tab",
      "tab",
      "tab",
    ],
  },
  { name: "proxy-long", machine: "long-values", steps: ["=2", "tab"] },
  { name: "enrolment", machine: "not-enrolled", steps: ["=3"] },
  {
    name: "enrolment-good",
    machine: "not-enrolled",
    steps: ["=3", "=platform.example.org", "tab", `=${code}`],
  },
  {
    name: "enrolment-error",
    machine: "not-enrolled",
    steps: ["=3", "=http://platform.example.org", "tab", `=${wrongCode}`, "tab"],
  },
  { name: "enrolment-done", machine: "update-waiting", steps: ["=3"] },
  { name: "enrolment-failing", machine: "tls-inspection", steps: ["=3"] },
  { name: "diagnostics-running", machine: "one-nic", steps: ["=4"] },
  {
    name: "diagnostics",
    machine: "one-nic",
    steps: ["=4", { answer: { type: "reply", verb: "doctor", reply: { results: checksBefore } } }],
  },
  {
    name: "diagnostics-older",
    machine: "one-nic",
    // As results of earlier versions are: in English only.
    steps: [
      "=4",
      {
        answer: {
          type: "reply",
          verb: "doctor",
          reply: { results: checksBad.map(({ facts: _, ...result }) => result) },
        },
      },
    ],
  },
  {
    name: "diagnostics-failed",
    machine: "one-nic",
    steps: ["=4", { answer: { type: "reply", verb: "doctor", reply: { results: checksBad } } }],
  },
  {
    name: "diagnostics-error",
    machine: "one-nic",
    steps: [
      "=4",
      {
        answer: {
          type: "failed",
          verb: "doctor",
          failure: { code: "configd-unreachable", detail: null },
        },
      },
    ],
  },
  { name: "power", machine: "one-nic", steps: ["=5"] },
  { name: "power-confirm", machine: "scanning", steps: ["=5", "enter"] },
  { name: "help-screen", machine: "one-nic", steps: ["f1"] },
  { name: "help-field", machine: "one-nic", steps: ["=1", "right", "tab", "f1"] },
  { name: "keys", machine: "one-nic", steps: ["=?"] },
  ...settingsScenes,
  ...moreScenes,
  ...keyboardScenes,
  ...stateScenes,
  ...contactScenes,
];
