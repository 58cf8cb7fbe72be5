import type { Context } from "../../contract/contract.ts";
import { visibleText } from "../../fields/text-field.ts";
import type { Block, Page } from "../../page/page.ts";
import { listKeys } from "../shared/list-keys.ts";
import { type RecoveryState, wordToType } from "./model.ts";

const fieldWidth = 34;

export function recoveryView(state: RecoveryState, context: Context): Page {
  const { words } = context;
  const blocks: Block[] = [
    { kind: "text", text: words.say("recovery.intro"), style: "muted" },
    { kind: "gap" },
    {
      kind: "buttons",
      labels: [words.say("recovery.network"), words.say("recovery.factory")],
      selected: state.confirming === null && state.asked === null ? state.selected : null,
    },
  ];
  if (state.confirming === null && state.asked === null)
    blocks.push(
      { kind: "gap" },
      {
        kind: "text",
        text: words.say(state.selected === 0 ? "recovery.networkAbout" : "recovery.factoryAbout"),
      },
    );
  if (state.confirming !== null)
    blocks.push({ kind: "gap" }, ...question(state, state.confirming === "factory", context));
  if (state.asked !== null)
    blocks.push(
      { kind: "gap" },
      {
        kind: "text",
        text: words.say(
          state.asked === "network" ? "recovery.networkRunning" : "recovery.factoryRunning",
        ),
        style: "strong",
      },
    );
  return {
    title: words.say("recovery.title"),
    blocks,
    keys: listKeys(context, { key: "Enter", label: words.say("key.press") }),
  };
}

function question(state: RecoveryState, factory: boolean, context: Context): Block[] {
  const { words } = context;
  const word = wordToType(context);
  const typing: Block[] = factory
    ? [
        { kind: "text", text: words.say("recovery.wrongWord", { word }), style: "strong" },
        {
          kind: "field",
          label: words.say("recovery.type"),
          focused: state.focus === 0,
          value: {
            type: "text",
            width: fieldWidth,
            ...visibleText(state.typed, fieldWidth, false),
          },
        },
        { kind: "gap" },
      ]
    : [];
  return [
    {
      kind: "text",
      text: words.say(factory ? "recovery.confirmFactory" : "recovery.confirmNetwork"),
      style: "warning",
    },
    { kind: "gap" },
    ...typing,
    {
      kind: "buttons",
      labels: [
        words.say(factory ? "recovery.yesFactory" : "recovery.yesNetwork"),
        words.say("power.no"),
      ],
      selected: state.focus === 0 ? null : state.focus - 1,
    },
  ];
}
