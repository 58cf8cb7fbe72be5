/**
 * A point at which power is cut: the step of the transaction, and the trace in the file system that
 * shows it from outside.
 */
export interface CutPoint {
  operation: "try" | "keep" | "revert" | "reset network";
  step: string;
  /**
   * Shell condition; $R is the appliance's root, $D its data, $REF a file that was touched before
   * the operation.
   */
  when: string;
  /**
   * Waited after the condition holds, at most; the seed decides how much of it, to a tenth of a
   * millisecond.
   */
  spreadMs: number;
}

const R = '"$R"/run/outrider';
const D = '"$D"/settings';

export const cutPoints: readonly CutPoint[] = [
  { operation: "try", step: "checks before", when: ":", spreadMs: 1500 },
  {
    operation: "try",
    step: "reverter armed",
    when: '{ set -- "$R"/run/systemd/transient/outrider-revert-*.timer; [ -e "$1" ]; }',
    spreadMs: 20,
  },
  { operation: "try", step: "trial written", when: `[ -e ${R}/trial.json ]`, spreadMs: 10 },
  {
    operation: "try",
    step: "netplan written",
    when: '[ -e "$R"/run/netplan/90-outrider.yaml ]',
    spreadMs: 30,
  },
  {
    operation: "try",
    step: "networkd's files replaced",
    when: '[ "$R"/run/systemd/network/10-netplan-lan.network -nt "$REF" ]',
    spreadMs: 150,
  },
  {
    operation: "try",
    step: "agent's files written",
    when: `[ ${R}/agent.json -nt "$REF" ]`,
    spreadMs: 100,
  },
  {
    operation: "try",
    step: "checks after",
    when: `[ ${R}/agent.json -nt "$REF" ]`,
    spreadMs: 3000,
  },
  // Keeping takes some milliseconds; delays of less than one distinguish the points before, within
  // and after the save.
  { operation: "keep", step: "asked", when: ":", spreadMs: 600 },
  { operation: "keep", step: "decided", when: `[ -e ${R}/trial.decision ]`, spreadMs: 2 },
  {
    operation: "keep",
    step: "being written",
    when: `{ for each in ${D}/.*.tmp; do [ "$each" -nt "$REF" ] && break; done; }`,
    spreadMs: 1,
  },
  { operation: "keep", step: "announced", when: `[ -e ${D}/announcement.json ]`, spreadMs: 3 },
  { operation: "keep", step: "saved", when: `[ ${D}/appliance.yaml -nt "$REF" ]`, spreadMs: 5 },
  {
    operation: "keep",
    step: "in the history",
    when: `[ ${D}/appliance.yaml -nt "$REF" ] && [ ! -e ${D}/announcement.json ]`,
    spreadMs: 5,
  },
  {
    operation: "keep",
    step: "netplan written",
    when: '[ "$R"/etc/netplan/90-outrider.yaml -nt "$REF" ]',
    spreadMs: 20,
  },
  { operation: "keep", step: "trial dropped", when: `[ ! -e ${R}/trial.json ]`, spreadMs: 50 },
  { operation: "revert", step: "decided", when: `[ -e ${R}/trial.decision ]`, spreadMs: 10 },
  {
    operation: "revert",
    step: "netplan removed",
    when: '[ ! -e "$R"/run/netplan/90-outrider.yaml ]',
    spreadMs: 50,
  },
  {
    operation: "revert",
    step: "networkd's files replaced",
    when: '[ "$R"/run/systemd/network/10-netplan-lan.network -nt "$REF" ]',
    spreadMs: 150,
  },
  {
    operation: "revert",
    step: "agent's files written",
    when: `[ ${R}/agent.json -nt "$REF" ]`,
    spreadMs: 100,
  },
  { operation: "revert", step: "trial dropped", when: `[ ! -e ${R}/trial.json ]`, spreadMs: 50 },
  {
    operation: "reset network",
    step: "announced",
    when: `[ -e ${D}/announcement.json ]`,
    spreadMs: 5,
  },
  {
    operation: "reset network",
    step: "saved",
    when: `[ ${D}/appliance.yaml -nt "$REF" ]`,
    spreadMs: 20,
  },
  {
    operation: "reset network",
    step: "networkd's files replaced",
    when: '[ "$R"/run/systemd/network/10-netplan-lan.network -nt "$REF" ]',
    spreadMs: 200,
  },
];
