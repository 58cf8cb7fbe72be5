import { rulePriorities } from "../split-routing.ts";
import type { RuleList } from "./schema.ts";

const ours: readonly number[] = Object.values(rulePriorities);

/** The kernel's rules at our priorities, as arguments of ip-rule(8) that would make them. */
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
 * The changes from `present` to `wanted`. Adding comes first, so that a rule that both have is in
 * force all the time.
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
