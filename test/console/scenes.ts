import { makeActivationCode } from "../../src/base/activation-code.ts";
import type { Trial } from "../../src/configd/api/status.ts";
import { type Scene, type SceneStep, sceneTimeMs } from "./scene.ts";
import { linkCut, scanWaits } from "./scene-steps.ts";
import { checksBad, checksBefore, checksGood, sceneReview, sceneTrial } from "./scene-trial.ts";
import { contactScenes } from "./scenes-contacts.ts";
import { keyboardScenes } from "./scenes-keyboard.ts";
import { moreScenes } from "./scenes-more.ts";
import { onVlan, settingsScenes } from "./scenes-settings.ts";
import { stateScenes } from "./scenes-states.ts";
import { typedScenes } from "./scenes-typed.ts";

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

/** All scenes: every screen in its usual state, and with errors. */
export const scenes: readonly Scene[] = [
  { name: "home", machine: "update-waiting", steps: [] },
  { name: "home-new", machine: "not-enrolled", steps: [] },
  { name: "home-two-nics", machine: "two-nics", steps: [] },
  { name: "home-one-down", machine: "one-down", steps: [] },
  { name: "home-no-dhcp", machine: "no-dhcp", steps: [] },
  { name: "home-scanning", machine: "scanning", steps: [] },
  { name: "home-card", machine: "scanning", steps: [scanWaits(linkCut)] },
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
  {
    name: "network-typed-wrong",
    machine: "one-nic",
    steps: ["=1", "right", "tab", "=192.0.2.x", "tab"],
  },
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
    name: "trial-not-yet",
    machine: "one-nic",
    steps: [
      ...fillStatic,
      "f2",
      { answer: { type: "reply", verb: "review", reply: sceneReview } },
      "enter",
      {
        answer: {
          type: "reply",
          verb: "try",
          reply: { ...sceneTrial("waiting", checksBad, "not-yet"), checksBefore: checksBad },
        },
      },
      onTrial({ ...sceneTrial("waiting", checksBad, "not-yet"), checksBefore: checksBad }),
    ],
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
    // Results of earlier versions are in English only.
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
  ...typedScenes,
];
