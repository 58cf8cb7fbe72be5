import { OutriderError } from "../../src/base/messages/error.ts";
import type { ConfigdClient, VerbName, VerbReply, VerbRequest } from "../../src/configd/api/api.ts";
import type { Status } from "../../src/configd/api/status.ts";
import { loadDescribedMachine } from "../../src/simulation/described-machine.ts";
import { describedStatus } from "../../src/simulation/status.ts";
import { sceneTimeMs } from "./scene.ts";
import { sceneReview, sceneTrial } from "./scene-trial.ts";

/**
 * A fake configd for the console's tests: its status stays until it is changed, and it records
 * every call.
 */
export class ScriptedConfigd implements ConfigdClient {
  readonly calls: { name: VerbName; request: unknown }[] = [];
  /** The files on the stick. */
  readonly files = new Map<string, string>();
  status: Status;
  #waiting: (() => void)[] = [];

  constructor(status: Status) {
    this.status = status;
  }

  static async of(machine: string): Promise<ScriptedConfigd> {
    return new ScriptedConfigd(describedStatus(await loadDescribedMachine(machine), sceneTimeMs));
  }

  change(changes: Partial<Status>): void {
    this.status = { ...this.status, ...changes, revision: this.status.revision + 1 };
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async call<Name extends VerbName>(
    name: Name,
    request: VerbRequest<Name>,
    signal?: AbortSignal,
  ): Promise<VerbReply<Name>> {
    if (name !== "status") this.calls.push({ name, request });
    const answer: unknown = await this.#answer(name, request, signal);
    // Only the name tells the types of the verbs apart.
    return answer as VerbReply<Name>;
  }

  async #answer(name: VerbName, request: object, signal?: AbortSignal): Promise<unknown> {
    switch (name) {
      case "status":
        if (Reflect.get(request, "after") === this.status.revision) await this.#news(signal);
        return this.status;
      case "review":
        return sceneReview;
      case "try": {
        const trial = sceneTrial("waiting", [], "keep");
        this.change({ trial });
        return trial;
      }
      case "keep":
        if (this.status.trial)
          this.change({
            trial: null,
            lastTrial: {
              id: this.status.trial.id,
              by: this.status.trial.by,
              at: sceneTimeMs,
              end: "kept",
              detail: "",
            },
          });
        return {};
      case "setKeyboard": {
        const { settings } = this.status;
        const keyboard = String(Reflect.get(request, "layout"));
        this.change({
          settingsSource: "file",
          settings: { ...settings, console: { ...settings.console, keyboard } },
        });
        return {};
      }
      case "doctor":
        return { results: [] };
      case "volumes":
        return {
          volumes: [
            {
              id: "sdb1",
              label: "OUTRIDER",
              fileSystem: "vfat",
              sizeBytes: 8_000_000_000,
              writable: true,
            },
          ],
        };
      case "certificateFiles":
        return { files: [...this.files.keys()] };
      case "readVolume":
        return { text: this.files.get(String(Reflect.get(request, "file"))) ?? "" };
      case "callNow":
      case "enrol":
      case "power":
        return {};
      default:
        throw new OutriderError("not-allowed", { detail: name });
    }
  }

  #news(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      signal?.addEventListener("abort", () => reject(new Error("over")), { once: true });
    });
  }
}
