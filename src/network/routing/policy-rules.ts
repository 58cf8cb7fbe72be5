import { rulePriorities } from "../split-routing.ts";
import type { RuleList } from "./schema.ts";

const ours: readonly number[] = Object.values(rulePriorities);

/**
 * The kernel's rules that stand at our priorities, in the words of ip-rule(8) that would make them.
 */
export function ourRules(list: RuleList): string[] {
  return list.filter(({ priority }) => ours.includes(priority)).map(writeRule);
}

function writeRule({
  priority,
  oif,
  fwmark,
  uid_start,
  uid_end,
  table,
  action,
}: RuleList[number]): string {
  return [
    `priority ${priority}`,
    ...(oif === undefined ? [] : [`oif ${oif}`]),
    ...(fwmark === undefined ? [] : [`fwmark ${fwmark}`]),
    ...(uid_start === undefined ? [] : [`uidrange ${uid_start}-${uid_end ?? uid_start}`]),
    ...(table === undefined ? [] : [`lookup ${table}`]),
    ...(action === undefined ? [] : [action]),
  ].join(" ");
}

/**
 * What makes `present` into `wanted`: what is missing comes first, so that nothing is ever without
 * a rule that it has on both sides.
 */
export function ruleChanges(
  present: readonly string[],
  wanted: readonly string[],
): { add: string[]; remove: string[] } {
  return {
    add: wanted.filter((rule) => !present.includes(rule)),
    remove: present.filter((rule) => !wanted.includes(rule)),
  };
}
