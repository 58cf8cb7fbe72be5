import type { PlatformContext } from "../services/context.ts";
import { aboutView } from "./about.ts";
import { ActivationCodes } from "./activation-codes.ts";
import { Commands } from "./commands.ts";
import { Content } from "./content.ts";
import { Fleet } from "./fleet.ts";
import { Journal } from "./journal.ts";
import { PlatformKeys } from "./platform-keys.ts";
import { Scans } from "./scans.ts";
import type { AboutView, SettingsView } from "./schemas.ts";

/** Everything that the operator can do. The page and the API call this and nothing else. */
export class Operator {
  readonly codes: ActivationCodes;
  readonly fleet: Fleet;
  readonly scans: Scans;
  readonly commands: Commands;
  readonly content: Content;
  readonly journal: Journal;
  readonly keys: PlatformKeys;
  readonly #version: string;
  readonly #context: PlatformContext;

  constructor(context: PlatformContext, version: string) {
    this.#context = context;
    this.codes = new ActivationCodes(context);
    this.fleet = new Fleet(context);
    this.scans = new Scans(context);
    this.commands = new Commands(context);
    this.journal = new Journal(context);
    this.content = new Content(context, this.journal);
    this.keys = new PlatformKeys(context, this.journal);
    this.#version = version;
  }

  get about(): AboutView {
    return aboutView(this.#context, this.#version);
  }

  get settings(): SettingsView {
    return { intervalSeconds: this.#context.configuration.current.intervalSeconds };
  }

  async changeSettings({ intervalSeconds }: SettingsView): Promise<void> {
    await this.#context.configuration.setInterval(intervalSeconds);
    this.#context.changes.publish(null);
  }
}
