import type { NetworkFault, Part } from "../fault.ts";
import { firewallFaults, survivedFaults } from "./firewall.ts";
import { healthyRows } from "./healthy.ts";
import { inspectionFaults, pacFaults, survivedProxies } from "./inspection.ts";
import { localFaults, splitFaults } from "./local.ts";
import { loginFaults, socksFaults } from "./logins.ts";
import { nameFaults, survivedNames } from "./names.ts";
import { pairsOf } from "./pairs.ts";
import { proxyFaults } from "./proxies.ts";
import { serviceFaults, survivedClocks, tlsFaults } from "./tls.ts";

const faults = [
  ...localFaults,
  ...nameFaults,
  ...firewallFaults,
  ...tlsFaults,
  ...serviceFaults,
  ...proxyFaults,
  ...loginFaults,
  ...socksFaults,
  ...pacFaults,
  ...inspectionFaults,
  ...splitFaults,
];
const survived = [...survivedFaults, ...survivedNames, ...survivedClocks, ...survivedProxies];

/** The whole matrix, in the order of its tables. */
export const rows: Readonly<Record<Part, readonly NetworkFault[]>> = {
  healthy: healthyRows,
  faults,
  survived,
  pairs: pairsOf([...faults, ...survived]),
};

export const idOf = ({ name, network }: { name: string; network: string }) =>
  `${name} (${network})`;
