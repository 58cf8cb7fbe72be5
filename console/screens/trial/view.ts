import type { Trial } from "../../../src/configd/api/status.ts";
import { firstTrialFailure } from "../../../src/configd/api/trial-failure.ts";
import type { Context } from "../../contract/contract.ts";
import { countdown, trialLeftMs } from "../../contract/times.ts";
import type { Block, Page } from "../../page/page.ts";
import type { Words } from "../../words/words.ts";
import { beforeText } from "../shared/change-text.ts";
import { explain } from "../shared/explain.ts";
import { outcomeCell } from "../shared/outcome.ts";
import { subjectText } from "../shared/subject.ts";
import { pairChecks } from "./checks.ts";
import { choicesOf, type TrialState } from "./model.ts";

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
      {
        key: "r",
        label: words.say(
          trial && choicesOf(state, trial).includes("form") ? "trial.backToForm" : "trial.revert",
        ),
      },
      { key: "m", label: words.say("trial.extend") },
      { key: "F1", label: words.say("key.help") },
      { key: "Esc", label: words.say("trial.leaveOpen") },
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
    form: words.say("trial.backToForm"),
    keep: words.say("trial.keep"),
    revert: words.say("trial.revert"),
    extend: words.say("trial.extend"),
  };
  const choices = choicesOf(state, trial);
  return [
    {
      kind: "text",
      text:
        leftMs > 0
          ? words.say("trial.countdown", { time: countdown(leftMs) })
          : words.say("trial.overdue"),
      style: "strong",
    },
    adviceBlock(trial, words) ?? { kind: "text", text: phase },
    { kind: "gap" },
    {
      kind: "buttons",
      labels: choices.map((choice) => labels[choice]),
      selected: choices.indexOf(state.selected),
    },
    ...failureBlocks(trial, words),
    { kind: "gap", optional: true },
    { kind: "heading", text: words.say("trial.checks") },
    ...checkBlocks(trial, words),
    { kind: "gap", optional: true },
    { kind: "heading", text: words.say("trial.changes") },
    {
      kind: "table",
      columns: [{}, { grow: true, wraps: true }],
      rows: trial.changes.map((change) => [
        { text: words.term(change.field) },
        {
          text: words.say("trial.change", {
            before: beforeText(change, words),
            after: words.term(change.after),
          }),
        },
      ]),
    },
  ];
}

function adviceBlock(trial: Trial, words: Words): Block | null {
  switch (trial.advice) {
    case null:
      return null;
    case "keep":
      return { kind: "text", text: words.say("trial.adviceKeep"), style: "good" };
    case "revert":
      return { kind: "text", text: words.say("trial.adviceRevert"), style: "warning" };
    case "not-yet": {
      const failure = firstTrialFailure(trial.checks);
      const what = failure?.code ? words.error(failure.code).what : "";
      return { kind: "text", text: words.say("trial.adviceNotYet", { what }), style: "warning" };
    }
  }
}

/** The first failure with its cause and remedy. */
function failureBlocks(trial: Trial, words: Words): Block[] {
  const failure = trial.advice === "keep" ? undefined : firstTrialFailure(trial.checks);
  if (failure === undefined) return [];
  return [
    { kind: "gap", optional: true },
    {
      kind: "heading",
      text: words.say("trial.failure", { subject: subjectText(failure, words) }),
    },
    { kind: "facts", facts: explain(failure, words) },
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
        { header: words.say("trial.column.detail"), grow: true, wraps: true },
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
