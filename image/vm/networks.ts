import type { RouterNetwork } from "./arguments.ts";

/** The two networks of a virtual machine on this host; documentation ranges of RFC 5737. */
export const lan: RouterNetwork = {
  network: "192.0.2.0/24",
  host: "192.0.2.1",
  firstLease: "192.0.2.50",
};
export const wan: RouterNetwork = {
  network: "198.51.100.0/24",
  host: "198.51.100.1",
  firstLease: "198.51.100.50",
};
