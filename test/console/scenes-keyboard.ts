import type { Status } from "../../src/configd/api/status.ts";
import { defaultSettings } from "../../src/settings/model/schema.ts";
import type { Scene, SceneStep } from "./scene.ts";

/** A machine that is not set up, without zero-touch settings. */
export const asNew = (status: Status): Status => ({
  ...status,
  settings: { ...defaultSettings, hostname: status.hostname },
  settingsSource: "defaults",
});

const kept: SceneStep = { answer: { type: "reply", verb: "setKeyboard", reply: {} } };
const german: SceneStep = {
  change: (status) => ({
    ...status,
    settingsSource: "file",
    settings: { ...status.settings, console: { ...status.settings.console, keyboard: "de" } },
  }),
};
const machine = "not-enrolled";

/**
 * The page of a new appliance, and remarks of other screens about the keyboard at a terminal with
 * its own layout.
 */
export const keyboardScenes: readonly Scene[] = [
  { name: "welcome", machine, begins: asNew, steps: [] },
  { name: "welcome-last", machine, begins: asNew, steps: ["end"] },
  { name: "welcome-others", machine, begins: asNew, steps: ["=r", "=r"] },
  { name: "welcome-not-yet", machine, begins: asNew, steps: ["home", "tab", "=z"] },
  { name: "welcome-set", machine, begins: asNew, steps: ["=g", "enter", german, kept] },
  { name: "welcome-button", machine, begins: asNew, steps: ["tab", "tab"] },
  {
    name: "welcome-error",
    machine,
    begins: asNew,
    steps: [
      "enter",
      {
        answer: {
          type: "failed",
          verb: "setKeyboard",
          failure: { code: "storage-full", detail: "the settings were not saved" },
        },
      },
    ],
  },
  { name: "welcome-elsewhere", machine, begins: asNew, elsewhere: true, steps: [] },
  {
    name: "console-elsewhere",
    machine,
    elsewhere: true,
    steps: ["=9", "down", "down", "down", "enter", "tab"],
  },
  { name: "locked-elsewhere", machine, elsewhere: true, steps: [{ lock: true }] },
];
