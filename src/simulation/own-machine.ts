import { isNeighbour } from "../base/addresses/neighbours.ts";
import type { OwnMachine, RouteTaken } from "../doctor/path/own-machine.ts";
import type { InterfaceFacts } from "../network/live-model.ts";
import { scanUser } from "../network/users.ts";
import type { DescribedNow } from "./described-now.ts";

/** What a described machine says of itself and of its links. */
export function describedOwnMachine(
  { machine, configuration }: DescribedNow,
  interfaces: readonly InterfaceFacts[],
): OwnMachine {
  const { mode, scanDevice, managementDevice } = configuration;
  return {
    cardMode: async (device) => {
      const card = interfaces.find(({ name }) => name === device);
      return { speedMbps: card?.speedMbps ?? null, duplex: null };
    },
    // The description has no times of a lease.
    lease: async () => null,
    askOwners: async () => [],
    duplicates6: async () => [],
    neighbourMac: async () => null,
    neighbours: async () => [],
    routeTo: async (address, { user, mark }) => {
      const scans = user === scanUser || mark !== undefined;
      const device = scans || mode === "single" ? scanDevice : managementDevice;
      const card = interfaces.find(({ name }) => name === device);
      return card === undefined ? null : routeBy(card, address);
    },
    figures: async () => {
      const { host } = machine;
      return {
        diskAvailableBytes: host.dataAvailableBytes,
        diskTotalBytes: host.dataTotalBytes,
        memoryAvailableBytes: host.memoryAvailableBytes,
        memoryTotalBytes: host.memoryTotalBytes,
      };
    },
    timeSynchronisation: async () => (machine.clockSynchronized ? "synchronised" : "waiting"),
    whoRefuses: async () => null,
  };
}

function routeBy(card: InterfaceFacts, address: string): RouteTaken | null {
  const { name: device, addresses, gateway } = card;
  const [own] = addresses;
  if (own === undefined) return null;
  const [source = own] = own.split("/", 1);
  return { device, source, gateway: isNeighbour(address, card) ? null : gateway };
}
