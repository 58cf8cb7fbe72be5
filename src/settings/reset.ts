import { defaultInterface, type Settings } from "./model/schema.ts";

/**
 * The network as it was delivered: the first interface, by DHCP. Proxy, platform and the rest stay.
 */
export function withNetworkReset(settings: Settings): Settings {
  return { ...settings, network: { mode: "single", lan: structuredClone(defaultInterface) } };
}

/** The same roles and cards, by DHCP and without anything else. It needs no netplan. */
export function withNetworkByDhcp(settings: Settings): Settings {
  const { network } = settings;
  const lan = { ...structuredClone(defaultInterface), macAddress: network.lan.macAddress };
  if (network.mode === "single") return { ...settings, network: { mode: "single", lan } };
  return {
    ...settings,
    network: {
      mode: "split",
      lan,
      wan: { ...structuredClone(defaultInterface), macAddress: network.wan.macAddress },
    },
  };
}
