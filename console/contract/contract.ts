import type { Fact } from "../../src/base/messages/facts.ts";
import type { VerbName, VerbReply, VerbRequest } from "../../src/configd/api/api.ts";
import type { ProposedChange, Review } from "../../src/configd/api/shapes.ts";
import type { Status, Trial } from "../../src/configd/api/status.ts";
import type { CheckResult } from "../../src/protocol/schemas/check-result.ts";
import type { Style } from "../frame/frame.ts";
import type { Key } from "../page/key.ts";
import type { Page } from "../page/page.ts";
import type { PlainKey, Words } from "../words/words.ts";

/**
 * What every screen may know. Screens keep what was typed; all else is here and may change under
 * them.
 */
export interface Context {
  /** The last status that configd gave; null before the first. */
  status: Status | null;
  /** False while configd does not answer. */
  connected: boolean;
  /** The appliance's wall clock, carried on between two status documents. */
  nowMs: number;
  words: Words;
  columns: number;
  rows: number;
  /**
   * This is the machine's own screen, whose keyboard has the layout of the settings; elsewhere the
   * terminal brings its own.
   */
  atMachine: boolean;
  /** The console may be left: a dry run, or somebody's own terminal. */
  canLeave: boolean;
}

/** Why configd did not do what it was asked. */
export interface CallFailure {
  code: string;
  detail: string | null;
  facts?: readonly Fact[] | undefined;
}

/** Verbs whose reply is what was asked for. */
export type ToldVerb = Extract<
  VerbName,
  | "history"
  | "logs"
  | "tryPath"
  | "volumes"
  | "certificateFiles"
  | "readVolume"
  | "supportBundle"
  | "unlock"
  | "recoverNetwork"
  | "egress"
>;
/** Verbs that do something and have nothing to tell. */
export type DoneVerb = Extract<
  VerbName,
  | "renew"
  | "setKeyboard"
  | "setPin"
  | "stopScan"
  | "factoryReset"
  | "sendSupportBundle"
  | "checkUpdates"
>;
export type AskedVerb =
  | "review"
  | "try"
  | "restore"
  | "keep"
  | "revert"
  | "extend"
  | "enrol"
  | "callNow"
  | "power"
  | "doctor"
  | ToldVerb
  | DoneVerb;

type Question<Verb extends VerbName> = {
  [Name in Verb]: { type: "ask"; verb: Name; request: VerbRequest<Name> };
}[Verb];
export type Told = {
  [Name in ToldVerb]: { type: "told"; verb: Name; reply: VerbReply<Name> };
}[ToldVerb];

export type ScreenEvent =
  | { type: "key"; key: Key }
  /** The status in the context is a new one. */
  | { type: "status" }
  | { type: "reviewed"; review: Review }
  | { type: "tried"; trial: Trial }
  /** A second has passed. */
  | { type: "tick" }
  | Told
  | { type: "diagnosed"; results: readonly CheckResult[] }
  | { type: "done"; verb: AskedVerb }
  | { type: "failed"; verb: AskedVerb; failure: CallFailure };

/** What configd is asked for. The answer comes back as an event to the screen that asked. */
export type Ask =
  | { type: "ask"; verb: "review" | "try"; change: ProposedChange }
  | { type: "ask"; verb: "keep" | "revert" | "extend"; id: string }
  | { type: "ask"; verb: "enrol"; url: string; code: string }
  | { type: "ask"; verb: "power"; action: "reboot" | "poweroff" }
  | { type: "ask"; verb: "callNow" }
  | { type: "ask"; verb: "doctor"; only?: string }
  | Question<ToldVerb | DoneVerb | "restore">;

export type Effect =
  | Ask
  | { type: "open"; screen: OpenRequest }
  /** To the screen below; `applied` when what was typed in it is done with. */
  | { type: "back" }
  | { type: "home" }
  | { type: "leave" }
  /** Locks the console, if it has a PIN. */
  | { type: "lock" }
  | { type: "message"; text: string; style: Style };

export type ScreenName =
  | "home"
  | "welcome"
  | "network"
  | "history"
  | "proxy"
  | "enrolment"
  | "firewall"
  | "egress"
  | "diagnostics"
  | "tools"
  | "power"
  | "scans"
  | "logs"
  | "updates"
  | "more"
  | "certificates"
  | "time"
  | "limits"
  | "console"
  | "pin"
  | "support"
  | "recovery"
  | "review"
  | "trial";

export type OpenRequest =
  | { name: Exclude<ScreenName, "review"> }
  | { name: "review"; change: ProposedChange };

/** One screen as the application sees it: its state is its own. */
export interface OpenScreen {
  readonly name: ScreenName;
  readonly title: PlainKey;
  page(context: Context): Page;
  handle(event: ScreenEvent, context: Context): ScreenStep;
  /** Something was typed that would be lost. */
  unsaved(context: Context): boolean;
  /** Help for what has the focus, before the help for the screen. */
  help(context: Context): readonly PlainKey[];
}

export interface ScreenStep {
  screen: OpenScreen;
  effects: readonly Effect[];
  /** False when a key meant nothing here. */
  handled: boolean;
}

/** A screen is a pure model and a view; nothing else. */
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

/** A failure in one sentence or two, with the remedy. */
export function failureText(failure: CallFailure, words: Words): string {
  const { what, remedy } = words.error(failure.code);
  // It did not answer: nothing was refused.
  if (failure.code === "configd-unreachable") return words.say("call.failed", { what, remedy });
  const exactly = words.facts({ facts: failure.facts, text: failure.detail ?? "" });
  return words.say("form.serverRefused", {
    what: exactly === "" ? what : `${what} (${exactly})`,
    remedy,
  });
}
