import type { Trial } from "../../../src/configd/api/status.ts";
import type { Context } from "../../contract/contract.ts";
import { countdown, trialLeftMs } from "../../contract/times.ts";
import type { Block, Page } from "../../page/page.ts";
import type { Words } from "../../words/words.ts";
import { outcomeCell } from "../shared/outcome.ts";
import { subjectText } from "../shared/subject.ts";
import { pairChecks } from "./checks.ts";
import { type TrialState, trialChoices } from "./model.ts";

export function trialView(state: TrialState, context: Context): Page {
  const { words, status, nowMs } = context;
  const trial = status?.trial;
  return {
    title: words.say("trial.title"),
    blocks:
      trial && trial.id === state.id
        ? trialBlocks(state, trial, trialLeftMs(status, nowMs), context)
        : [{ kind: "text", text: words.say("trial.none") }],
    keys: [
      { key: words.say("key.arrows"), label: words.say("key.choose") },
      { key: "k", label: words.say("trial.keep") },
      { key: "r", label: words.say("trial.revert") },
      { key: "m", label: words.say("trial.extend") },
      { key: "F1", label: words.say("key.help") },
      { key: "Esc", label: words.say("key.back") },
    ],
  };
}

function trialBlocks(state: TrialState, trial: Trial, leftMs: number, { words }: Context): Block[] {
  const phase = {
    applying: words.say("trial.applying"),
    checking: words.say("trial.checking"),
    waiting: words.say("trial.waiting"),
  }[trial.phase];
  const labels = {
    keep: words.say("trial.keep"),
    revert: words.say("trial.revert"),
    extend: words.say("trial.extend"),
  };
  const advice: Block | null =
    trial.advice === null
      ? null
      : {
          kind: "text",
          text: words.say(trial.advice === "keep" ? "trial.adviceKeep" : "trial.adviceRevert"),
          style: trial.advice === "keep" ? "good" : "warning",
        };
  return [
    {
      kind: "text",
      text:
        leftMs > 0
          ? words.say("trial.countdown", { time: countdown(leftMs) })
          : words.say("trial.overdue"),
      style: "strong",
    },
    advice ?? { kind: "text", text: phase },
    { kind: "gap" },
    {
      kind: "buttons",
      labels: trialChoices.map((choice) => labels[choice]),
      selected: trialChoices.indexOf(state.selected),
    },
    { kind: "gap", optional: true },
    { kind: "heading", text: words.say("trial.checks") },
    ...checkBlocks(trial, words),
    { kind: "gap", optional: true },
    { kind: "heading", text: words.say("trial.changes") },
    {
      kind: "table",
      columns: [{}, { grow: true }],
      rows: trial.changes.map(({ field, before, after }) => [
        { text: words.term(field) },
        {
          text: words.say("trial.change", { before: words.term(before), after: words.term(after) }),
        },
      ]),
    },
  ];
}

/** All checks before and during the trial, in their order. */
function checkBlocks(trial: Trial, words: Words): Block[] {
  const pairs = pairChecks(trial);
  if (pairs.length === 0)
    return [{ kind: "text", text: words.say("trial.noChecks"), style: "muted" }];
  return [
    {
      kind: "table",
      columns: [
        { header: words.say("trial.column.check"), grow: true },
        { header: words.say("trial.column.before") },
        { header: words.say("trial.column.now") },
        { header: words.say("trial.column.detail"), grow: true },
      ],
      rows: pairs.map(({ subject, before, now }) => {
        const found = now ? words.facts({ facts: now.facts, text: now.detail }) : "";
        const what =
          now && now.code !== null && now.outcome !== "ok" ? words.error(now.code).what : found;
        return [
          { text: subject === null ? words.say("trial.allServices") : subjectText(subject, words) },
          outcomeCell(before, words),
          outcomeCell(now, words),
          { text: what, style: "muted" },
        ];
      }),
    },
  ];
}
