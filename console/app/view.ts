import type { Context } from "../contract/contract.ts";
import { clockText, countdown, trialLeftMs } from "../contract/times.ts";
import type { Frame } from "../frame/frame.ts";
import { layOut } from "../page/layout.ts";
import type { Block, Page, Surroundings } from "../page/page.ts";
import { keyName } from "../words/key-names.ts";
import type { PlainKey, Words } from "../words/words.ts";
import { lockPage } from "./lock.ts";
import { type AppState, contextOf, topOf, unsavedScreen } from "./state.ts";

/** The frame to paint, and the state with the scroll that the layout used. */
export function viewApp(state: AppState): { state: AppState; frame: Frame } {
  const { words } = state;
  const top = topOf(state);
  const page = pageOf(state);
  const { frame, scroll } = layOut(page, surroundings(state), state, {
    tooSmall: words.say("layout.tooSmall"),
    moreAbove: words.say("layout.moreAbove"),
    moreBelow: words.say("layout.moreBelow"),
    keyName: (key) => keyName(key, words),
  });
  const { overlay } = state;
  if (overlay !== null)
    return {
      state: "scroll" in overlay ? { ...state, overlay: { ...overlay, scroll } } : state,
      frame,
    };
  if (scroll === top.scroll) return { state, frame };
  return { state: { ...state, pile: [...state.pile.slice(0, -1), { ...top, scroll }] }, frame };
}

/** The visible page, before its layout; line mode renders it as lines. */
export function pageOf(state: AppState): Page {
  const context = contextOf(state);
  switch (state.overlay?.kind) {
    case undefined:
      return state.lock === null
        ? topOf(state).screen.page(context)
        : lockPage(state.lock, context, state.monotonicMs);
    case "help":
      return helpPage(state, context);
    case "keys":
      return keysPage(context);
    case "unsaved":
      return state.lock === null
        ? unsavedPage(state, state.overlay.selected, context)
        : lockPage(state.lock, context, state.monotonicMs);
  }
}

export function surroundings(state: AppState): Surroundings {
  const { words, status } = state;
  const context = contextOf(state);
  const time = status === null ? "" : clockText(context.nowMs);
  const clock =
    status === null
      ? ""
      : words.say(status.clock.synchronized ? "clock.synchronized" : "clock.unsynchronized", {
          time,
        });
  const simulated = status?.simulated ?? null;
  return {
    product: words.say("product"),
    clock,
    simulated: simulated === null ? null : words.say("simulated", { name: simulated }),
    banner: banner(state, context),
    message: state.message,
    ...scrolling(state),
  };
}

function scrolling(state: AppState): Pick<Surroundings, "scroll" | "followsFocus"> {
  const { overlay } = state;
  if (overlay === null) {
    const { scroll, scrolledByHand } = topOf(state);
    return { scroll, followsFocus: !scrolledByHand };
  }
  return "scroll" in overlay
    ? { scroll: overlay.scroll, followsFocus: false }
    : { scroll: 0, followsFocus: true };
}

function banner(state: AppState, { words, status, nowMs }: Context): Surroundings["banner"] {
  if (status === null) return { text: words.say("banner.starting"), style: "warning" };
  if (!state.connected) {
    const text = state.ending === null ? "banner.noConfigd" : (`banner.${state.ending}` as const);
    return { text: words.say(text), style: "warning" };
  }
  if (status.trial !== null && topOf(state).screen.name !== "trial")
    return {
      text: words.say("banner.trial", { time: countdown(trialLeftMs(status, nowMs)) }),
      style: "warning",
    };
  if (status.settingsSource === "last-good")
    return { text: words.say("banner.settingsLastGood"), style: "bad" };
  if (status.settingsSource === "defaults" && status.settingsFailure !== null)
    return { text: words.say("banner.settingsDefaults"), style: "bad" };
  return null;
}

function helpPage(state: AppState, context: Context): Page {
  const { words } = context;
  const { screen } = topOf(state);
  const texts: readonly PlainKey[] = state.lock === null ? screen.help(context) : ["help.lock"];
  const [field, whole] = texts.length > 1 ? texts : [undefined, texts[0]];
  const section = (heading: PlainKey, text: PlainKey | undefined): Block[] =>
    text === undefined
      ? []
      : [
          { kind: "heading", text: words.say(heading) },
          { kind: "text", text: words.say(text) },
          { kind: "gap" },
        ];
  return {
    title: `${words.say("help.title")}: ${words.say(state.lock === null ? screen.title : "lock.title")}`,
    blocks: [
      ...section("help.field", field),
      ...section("help.screen", whole ?? "help.none"),
      // Line mode shows the keys with their numbers on the screen itself.
      ...(state.lock === null && !state.byLine ? ownKeys(screen.page(context).keys, words) : []),
    ],
    keys: [{ key: "Esc", label: words.say("help.close") }],
  };
}

/** All keys of the screen, because its footer may have no room for some. */
function ownKeys(keys: Page["keys"], words: Words): Block[] {
  return [
    { kind: "heading", text: words.say("help.keysHere") },
    {
      kind: "table",
      columns: [{}, { grow: true }],
      rows: keys.map(({ key, label }) => [
        { text: keyName(key, words), style: "strong" },
        { text: label },
      ]),
    },
  ];
}

function keysPage({ words, canLeave }: Context): Page {
  const rows: [string, PlainKey][] = [
    [words.say("key.arrows"), "keys.move"],
    ["Tab, Shift-Tab", "keys.move"],
    ["Enter", "keys.enter"],
    ["Esc", "keys.escape"],
    ["F10", "keys.f10"],
    ["PgUp, PgDn", "keys.page"],
    ["F1", "keys.f1"],
    ["?", "keys.question"],
    ["F9", "keys.f9"],
    ["Ctrl-L", "keys.repaint"],
    ["1 - 9", "keys.numbers"],
    ...(canLeave ? ([["Ctrl-Q", "keys.leave"]] as [string, PlainKey][]) : []),
  ];
  const editing: [string, PlainKey][] = [
    ["Home, End", "keys.homeEnd"],
    ["Delete, Backspace", "keys.delete"],
    ["Ctrl-U", "keys.clear"],
    ["Ctrl-W", "keys.word"],
    ["Ctrl-R", "keys.reveal"],
  ];
  const table = (lines: readonly [string, PlainKey][]): Block => ({
    kind: "table",
    columns: [{}, { grow: true }],
    rows: lines.map(([key, text]) => [
      { text: keyName(key, words), style: "strong" },
      { text: words.say(text) },
    ]),
  });
  return {
    title: words.say("help.keysTitle"),
    blocks: [
      table(rows),
      { kind: "gap", optional: true },
      { kind: "heading", text: words.say("keys.edit") },
      table(editing),
    ],
    keys: [{ key: "Esc", label: words.say("help.close") }],
  };
}

function unsavedPage(state: AppState, selected: number, { words }: Context): Page {
  const screen = unsavedScreen(state) ?? topOf(state).screen;
  return {
    title: words.say("form.unsavedTitle"),
    blocks: [
      {
        kind: "text",
        text: words.say(state.status?.trial ? "form.unsavedTrial" : "form.unsaved", {
          screen: words.say(screen.title),
        }),
        style: "strong",
      },
      { kind: "gap" },
      { kind: "buttons", labels: [words.say("form.stay"), words.say("form.discard")], selected },
    ],
    keys: [
      { key: words.say("key.arrows"), label: words.say("key.choose") },
      { key: "Enter", label: words.say("key.press") },
      { key: "Esc", label: words.say("form.stay") },
    ],
  };
}
