import { describeFacts } from "../../../src/base/messages/facts.ts";
import type { ToolAnswer } from "../../../src/configd/api/tool-shapes.ts";
import type { Context } from "../../contract/contract.ts";
import { formBlocks, onButton } from "../../fields/form.ts";
import type { Block, Page } from "../../page/page.ts";
import type { PlainKey, Words } from "../../words/words.ts";
import { formKeys } from "../shared/form-keys.ts";
import { toolErrors, toolFields } from "./fields.ts";
import type { ToolsState } from "./model.ts";

export function toolsView(state: ToolsState, context: Context): Page {
  const { words } = context;
  const fields = toolFields(state.form, context);
  const button = onButton(state.form, fields);
  return {
    title: words.say("tools.title"),
    blocks: [
      { kind: "text", text: words.say("tools.intro"), style: "muted", optional: true },
      { kind: "gap", optional: true },
      ...formBlocks(state.form, fields, toolErrors(state.form, context), words),
      { kind: "gap", optional: true },
      { kind: "buttons", labels: [words.say("tools.try")], selected: button ? 0 : null },
      { kind: "gap" },
      ...runningBlocks(state, context),
      ...(state.answer === null ? [] : answerBlocks(state.answer, words)),
    ],
    keys:
      state.running === null
        ? formKeys(context, { key: "F2", label: words.say("tools.try") })
        : [
            { key: "Esc", label: words.say("tools.stop") },
            { key: "F1", label: words.say("key.help") },
            { key: "F10", label: words.say("key.menu") },
          ],
  };
}

/** How long each tool takes at most, in seconds. */
const longest = { ping: 10, "look-up": 10, trace: 15, tls: 15 } as const;

function runningBlocks({ running }: ToolsState, { words, nowMs }: Context): Block[] {
  if (running === null) return [];
  const seconds = Math.max(0, Math.round((nowMs - running.sinceMs) / 1000));
  const text =
    running.tool === "capture"
      ? words.say("tools.capturing", { seconds })
      : words.say("tools.running", { seconds, most: longest[running.tool] });
  return [
    {
      kind: "text",
      text: running.isStopping ? words.say("tools.stopping") : text,
      style: "strong",
    },
  ];
}

const outcomeLabels = {
  ok: "outcome.ok",
  warning: "outcome.warning",
  failed: "outcome.failed",
} as const satisfies Record<ToolAnswer["outcome"], PlainKey>;
const outcomeStyles = { ok: "good", warning: "warning", failed: "bad" } as const;

/** The verdict, its cause and remedy, and what it is taken from, all wrapped. */
function answerBlocks({ outcome, code, verdict, lines }: ToolAnswer, words: Words): Block[] {
  const exactly = words.facts({ facts: verdict, text: describeFacts(verdict) ?? "" });
  const error = code === null ? null : words.error(code);
  const label = { text: words.say(outcomeLabels[outcome]), style: outcomeStyles[outcome] } as const;
  return [
    { kind: "text", text: error?.what ?? exactly, style: "strong", label },
    ...(error === null
      ? []
      : [
          {
            kind: "facts" as const,
            facts: [
              ...(exactly === ""
                ? []
                : [{ label: words.say("diagnostics.detail"), value: { text: exactly } }]),
              { label: words.say("diagnostics.why"), value: { text: error.why } },
              {
                label: words.say("diagnostics.remedy"),
                value: { text: error.remedy, style: "strong" as const },
              },
            ],
          },
        ]),
    ...(lines.length === 0 ? [] : [{ kind: "heading" as const, text: words.say("tools.answer") }]),
    ...lines.map(
      (line): Block => ({
        kind: "text",
        text: words.facts({ facts: line, text: describeFacts(line) ?? "" }),
        indent: 2,
      }),
    ),
  ];
}
