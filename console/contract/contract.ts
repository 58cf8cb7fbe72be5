import type { Fact } from "../../src/base/messages/facts.ts";
import type { VerbName, VerbReply, VerbRequest } from "../../src/configd/api/api.ts";
import type { routes } from "../../src/configd/api/routes.ts";
import type { ProposedChange } from "../../src/configd/api/shapes.ts";
import type { Status } from "../../src/configd/api/status.ts";
import type { Style } from "../frame/frame.ts";
import type { Key } from "../page/key.ts";
import type { Page } from "../page/page.ts";
import type { PlainKey, Words } from "../words/words.ts";
import type { ScreenName } from "./screens.ts";

/** What screens know besides their own state, which is what the operator typed and chose. */
export interface Context {
  /** The last status from configd; null before the first. */
  status: Status | null;
  /** False while configd does not answer. */
  connected: boolean;
  /** The appliance's wall clock, estimated between two status documents; ms since 1970. */
  nowMs: number;
  words: Words;
  columns: number;
  rows: number;
  /**
   * True on the machine's own screen, whose keyboard has the layout of the settings. Other terminals
   * have layouts of their own.
   */
  atMachine: boolean;
  /** The operator may leave the console: in a dry run, or on a terminal of his own. */
  canLeave: boolean;
}

/** Why a call of configd failed. */
export interface CallFailure {
  code: string;
  detail: string | null;
  facts?: readonly Fact[] | undefined;
}

/** The verbs of the console's socket. Every screen gets the status without asking for it. */
export type AskedVerb = Exclude<ConsoleVerb, "status">;
type ConsoleVerb = {
  [Name in VerbName]: "console" extends (typeof routes)[Name]["sockets"][number] ? Name : never;
}[VerbName];

/** A request to configd. The reply or the failure comes back to the screen that asked. */
export type Ask = {
  [Name in AskedVerb]: { type: "ask"; verb: Name; request: VerbRequest<Name> };
}[AskedVerb];
export type Reply = {
  [Name in AskedVerb]: { type: "reply"; verb: Name; reply: VerbReply<Name> };
}[AskedVerb];
export interface Failed {
  type: "failed";
  verb: AskedVerb;
  failure: CallFailure;
}

export type ScreenEvent =
  | { type: "key"; key: Key }
  /** The status in the context is a new one. */
  | { type: "status" }
  /** A second has passed. */
  | { type: "tick" }
  | Reply
  | Failed;

export type Effect =
  | Ask
  | { type: "open"; screen: OpenRequest }
  /** To the screen below. */
  | { type: "back" }
  | { type: "home" }
  | { type: "leave" }
  /** Locks the console, if it has a PIN. */
  | { type: "lock" }
  | { type: "message"; text: string; style: Style };

export type OpenRequest =
  /** `aboveForm` is of the trial: the screen below is the form that the change was typed into. */
  | { name: Exclude<ScreenName, "review" | "certificates">; aboveForm?: boolean }
  /** `seen` are certificates (PEM) that Diagnostics saw on the way, to be compared and added. */
  | { name: "certificates"; seen?: readonly string[] }
  /** `typed`: tests what is typed on a form, in place of what is active. */
  | { name: "diagnostics"; typed: TypedTest }
  /** `restores` is the number of the kept settings that the change is made of. */
  | { name: "review"; change: ProposedChange; restores?: number };

export interface TypedTest {
  change: ProposedChange;
  from: "network" | "proxy" | "enrolment";
}

/** One screen as the application sees it, with its own state inside. */
export interface OpenScreen {
  readonly name: ScreenName;
  readonly title: PlainKey;
  page(context: Context): Page;
  handle(event: ScreenEvent, context: Context): ScreenStep;
  /** True when input would be lost by closing the screen. */
  unsaved(context: Context): boolean;
  /** Help for the focused field, then help for the screen. */
  help(context: Context): readonly PlainKey[];
}

export interface ScreenStep {
  screen: OpenScreen;
  effects: readonly Effect[];
  /** False when a key meant nothing here. */
  handled: boolean;
}

/** A screen consists of a pure model and a view. */
export interface ScreenModel<State> {
  name: ScreenName;
  title: PlainKey;
  update(state: State, event: ScreenEvent, context: Context): Step<State>;
  unsaved?(state: State, context: Context): boolean;
  help(state: State, context: Context): readonly PlainKey[];
}

export interface Step<State> {
  state: State;
  effects?: readonly Effect[];
  /** Default true. */
  handled?: boolean;
}

export function openScreen<State>(
  model: ScreenModel<State>,
  view: (state: State, context: Context) => Page,
  state: State,
): OpenScreen {
  return {
    name: model.name,
    title: model.title,
    page: (context) => view(state, context),
    handle(event, context) {
      const step = model.update(state, event, context);
      return {
        screen: openScreen(model, view, step.state),
        effects: step.effects ?? [],
        handled: step.handled ?? true,
      };
    },
    unsaved: (context) => model.unsaved?.(state, context) ?? false,
    help: (context) => model.help(state, context),
  };
}

/** The failure as a sentence or two for the operator, with the remedy. */
export function failureText(failure: CallFailure, words: Words): string {
  const { what, remedy } = words.error(failure.code);
  // configd did not answer, so it refused nothing.
  if (failure.code === "configd-unreachable") return words.say("call.failed", { what, remedy });
  const exactly = words.facts({ facts: failure.facts, text: failure.detail ?? "" });
  return words.say("form.serverRefused", {
    what: exactly === "" ? what : `${what} (${exactly})`,
    remedy,
  });
}
