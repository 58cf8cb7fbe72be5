import type { Fact } from "../../../src/base/messages/facts.ts";
import { isFieldProblemCode } from "../../../src/settings/model/problems.ts";
import type { ZeroTouchProblem, ZeroTouchReport } from "../../../src/settings/zero-touch/report.ts";
import type { Block } from "../../page/page.ts";
import type { Words } from "../../words/words.ts";

const mostProblems = 2;

/**
 * Zero-touch values that were not used, each with its place, and consequences of values that were
 * left blank.
 */
export function zeroTouchBlocks(
  { problems, notes, noteFacts }: ZeroTouchReport,
  words: Words,
): Block[] {
  const more = problems.length - mostProblems;
  const warnings = [
    ...problems.slice(0, mostProblems).map((problem) => {
      const { field, source, place } = problem;
      return words.say(field === "" ? "home.zeroTouchUnread" : "home.zeroTouchUnused", {
        field,
        source,
        place,
        why: whyText(problem, words),
      });
    }),
    ...(more > 0 ? [words.say("home.zeroTouchMore", { count: more })] : []),
  ];
  return [
    ...warnings.map(
      (text): Block => ({
        kind: "text",
        label: { text: "!", style: "warning" },
        text,
        style: "warning",
      }),
    ),
    ...notes.map(
      (text, index): Block => ({
        kind: "text",
        text: factText(noteFacts?.[index], text, words),
        style: "muted",
        optional: true,
      }),
    ),
  ];
}

/**
 * The problem and its correction: as a form's field has it, by facts, or by its text without
 * either.
 */
function whyText(
  { field, message, example, facts, problem }: ZeroTouchProblem,
  words: Words,
): string {
  if (problem !== undefined && isFieldProblemCode(problem.code)) {
    const told = words.problem(problem);
    return `${field === "" ? `${problem.field}: ` : ""}${told.message} ${told.example}`.trim();
  }
  const [wrong, right] = facts ?? [];
  return `${factText(wrong, message, words)} ${factText(right, example, words)}`.trim();
}

function factText(fact: Fact | undefined, text: string, words: Words): string {
  return words.facts({ facts: fact && [fact], text });
}
