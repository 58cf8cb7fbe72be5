import { updateApp } from "../../console/app/model.ts";
import type { AppEffect, AppEvent, AppState } from "../../console/app/state.ts";
import { startApp } from "../../console/app/state.ts";
import { pageOf, viewApp } from "../../console/app/view.ts";
import { frameText } from "../../console/frame/frame.ts";
import { english } from "../../console/words/words.ts";
import type { Status } from "../../src/configd/api/status.ts";
import { loadDescribedMachine } from "../../src/simulation/described-machine.ts";
import { describedStatus } from "../../src/simulation/status.ts";
import { keysOf, type Stroke, sceneTimeMs } from "./scene.ts";

/** A person at a console without a terminal and without configd. */
export class Person {
  state: AppState;
  status: Status;
  readonly effects: AppEffect[] = [];

  constructor(status: Status, { canLeave = false, atMachine = false } = {}) {
    this.status = status;
    this.state = startApp({
      words: english,
      canLeave,
      atMachine,
      columns: 80,
      rows: 24,
      monotonicMs: 0,
    });
    this.send({ type: "status", status, monotonicMs: 0 });
  }

  static async at(machine: string, canLeave = false): Promise<Person> {
    return new Person(describedStatus(await loadDescribedMachine(machine), sceneTimeMs), {
      canLeave,
    });
  }

  send(event: AppEvent): void {
    const step = updateApp(this.state, event);
    this.state = step.state;
    this.effects.push(...step.effects);
  }

  press(...strokes: Stroke[]): this {
    for (const key of strokes.flatMap(keysOf)) this.send({ type: "key", key });
    return this;
  }

  /** Answers the last request. */
  answer(event: Extract<AppEvent, { type: "answer" }>["event"]): void {
    const asked = this.effects.findLast((effect) => effect.type === "ask");
    this.send({ type: "answer", to: asked?.type === "ask" ? asked.from : -1, event });
  }

  change(change: Partial<Status>): void {
    this.status = { ...this.status, ...change };
    this.send({ type: "status", status: this.status, monotonicMs: 0 });
  }

  asked() {
    return this.effects.flatMap((effect) => (effect.type === "ask" ? [effect.ask] : []));
  }

  screen(): string {
    return frameText(viewApp(this.state).frame).join("\n");
  }

  title(): string {
    return pageOf(this.state).title;
  }
}
