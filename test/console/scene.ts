import { freshLock, lockNumber } from "../../console/app/lock.ts";
import { updateApp } from "../../console/app/model.ts";
import { type AppEvent, type AppState, startApp } from "../../console/app/state.ts";
import { viewApp } from "../../console/app/view.ts";
import type { Frame } from "../../console/frame/frame.ts";
import { character, type Key, type NamedKey, namedKeys } from "../../console/page/key.ts";
import { english, type Words } from "../../console/words/words.ts";
import type { VerbReply } from "../../src/configd/api/api.ts";
import type { Status } from "../../src/configd/api/status.ts";
import { loadDescribedMachine } from "../../src/simulation/described-machine.ts";
import { describedStatus } from "../../src/simulation/status.ts";

/** The time of the appliance in all scenes. */
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

/** A screen to show: a machine, and the steps that were done on it. */
export interface Scene {
  name: string;
  machine: string;
  steps: readonly SceneStep[];
  /** Changes the first status. */
  begins?: (status: Status) => Status;
  /** Not the machine's own screen: a serial line, or a terminal window. */
  elsewhere?: true;
  /** In line mode. */
  byLine?: true;
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
    byLine: scene.byLine === true,
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
