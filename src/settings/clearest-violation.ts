import type { Violation } from "../base/validation.ts";

/**
 * The violation that explains most. ajv reports every alternative of a union. An alternative whose
 * constant (`method`, `kind`, `mode`) differs was not meant; when no alternative was meant, the
 * constant itself is wrong.
 */
export function clearestViolation(violations: readonly Violation[]): Violation | undefined {
  const others = violations.flatMap(
    ({ rule }) => /^(.*\/anyOf\/\d+)\/properties\/[^/]+\/const$/.exec(rule)?.[1] ?? [],
  );
  const meant = violations.filter(
    ({ rule }) =>
      !/\/anyOf$|\/const$/.test(rule) && !others.some((other) => rule.startsWith(`${other}/`)),
  );
  const [best] = [...meant].sort((a, b) => rank(a) - rank(b));
  if (best) return best;
  const [choice] = violations
    .filter(({ rule }) => rule.endsWith("/const"))
    .sort((a, b) => b.path.length - a.path.length);
  return choice ? { ...choice, message: "is none of the values that it can have" } : violations[0];
}

function rank({ message }: Violation): number {
  const place = [/required/, /^must (?!.*additional)/, /additional/].findIndex((words) =>
    words.test(message),
  );
  return place < 0 ? 9 : place;
}
