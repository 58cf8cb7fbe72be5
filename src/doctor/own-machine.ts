import { findRoute, readDuplicates6, readNeighbourMac, readNeighbours } from "./ask/addresses.ts";
import { readCardMode } from "./ask/card-mode.ts";
import { readFigures, readTimeSynchronisation } from "./ask/figures.ts";
import { readLease } from "./ask/lease.ts";
import { askOwners } from "./ask/owners.ts";
import { whoRefuses } from "./ask/who-refuses.ts";
import type { OwnMachine } from "./path/own-machine.ts";

/** The machine that the doctor runs on. */
export function realMachine(dataFolder: string): OwnMachine {
  return {
    cardMode: (device) => readCardMode(device),
    lease: readLease,
    askOwners,
    duplicates6: readDuplicates6,
    neighbourMac: readNeighbourMac,
    neighbours: readNeighbours,
    routeTo: findRoute,
    figures: () => readFigures(dataFolder),
    timeSynchronisation: () => readTimeSynchronisation(),
    whoRefuses,
  };
}
