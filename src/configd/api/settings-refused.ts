import { OutriderError } from "../../base/messages/error.ts";
import { describeFieldProblem, type FieldProblem } from "../../settings/model/problems.ts";

/** Settings are not valid. Has the problem of each wrong field. */
export class SettingsRefused extends OutriderError {
  readonly problems: readonly FieldProblem[];

  constructor(problems: readonly FieldProblem[]) {
    super("settings-invalid", {
      detail: problems
        .map((problem) => `${problem.field}: ${describeFieldProblem(problem).message}`)
        .join(" "),
    });
    this.problems = problems;
  }
}
