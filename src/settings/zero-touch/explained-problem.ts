import { describeFacts, type Fact } from "../../base/messages/facts.ts";
import { describeFieldProblem, type FieldProblem } from "../model/problems.ts";
import type { Explanation } from "./named-values.ts";
import type { ZeroTouchProblem } from "./report.ts";

/** The bound of report.ts. */
const longestText = 500;

type ExplainedProblem = Omit<ZeroTouchProblem, "source" | "place" | "field">;

export function ofFacts({ wrong, right }: Extract<Explanation, { wrong: Fact }>): ExplainedProblem {
  return {
    message: inEnglish(wrong),
    example: right ? inEnglish(right) : "",
    facts: right ? [wrong, right] : [wrong],
  };
}

/**
 * A problem with a field of the settings. Names the field where the value has no name of its own, as
 * in a settings file.
 */
export function ofField(problem: FieldProblem, name: string): ExplainedProblem {
  const { field, code, values, reason } = problem;
  const { message, example } = describeFieldProblem(problem);
  const bounded = Object.fromEntries(
    Object.entries(values ?? {}).map(([key, value]) => [key, value.slice(0, longestText)]),
  );
  return {
    message: `${name === "" ? `${field}: ` : ""}${message}`.slice(0, longestText),
    example: example.slice(0, longestText),
    problem: {
      field: field.slice(0, longestText),
      code,
      ...(values ? { values: bounded } : {}),
      ...(reason ? { reason } : {}),
    },
  };
}

/** A fact's English, within the bound of a report's texts. */
export function inEnglish(found: Fact): string {
  return (describeFacts([found]) ?? "").slice(0, longestText);
}
