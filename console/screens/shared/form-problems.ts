import { settingOf } from "../../../src/settings/form.ts";
import type { FieldProblem } from "../../../src/settings/model/problems.ts";
import type { ReportedProblem, Words } from "../../words/words.ts";

/** The first problem of each field of a form, as text. Problems of other fields are left out. */
export function fieldErrors<Name extends string>(
  problems: readonly FieldProblem[],
  names: readonly Name[],
  words: Words,
): Partial<Record<Name, string>> {
  const errors: Partial<Record<Name, string>> = {};
  for (const problem of problems) {
    const setting = settingOf(problem);
    const name = names.find((each) => each === setting);
    if (name !== undefined && errors[name] === undefined)
      errors[name] = problemText(problem, words);
  }
  return errors;
}

export function problemText(problem: ReportedProblem, words: Words): string {
  const { message, example } = words.problem(problem);
  return `${message} ${example}`;
}
