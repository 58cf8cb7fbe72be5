import { defaultInterface, type Settings } from "./schema.ts";

/** The network as it was delivered: the first interface, by DHCP. What leads to the platform besides the network stays. */
export function withNetworkReset(settings: Settings): Settings {
  return { ...settings, network: { mode: "single", lan: structuredClone(defaultInterface) } };
}
