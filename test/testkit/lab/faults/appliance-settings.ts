import { platformUrl } from "../../../../image/lab/addresses.ts";
import type { Status } from "../../../../src/configd/api/status.ts";
import { defaultSettings, type Settings } from "../../../../src/settings/model/schema.ts";
import { until } from "../split-lab.ts";
import type { ProxyWish } from "./fault.ts";
import type { FaultLab } from "./fault-lab.ts";
import { type NetworkName, networks } from "./networks.ts";

/** What the appliance is set to now; null: unknown. */
const current = new WeakMap<FaultLab, string>();

/** Sets network and proxy as an operator does, and keeps them without regard to the checks. */
export async function setAppliance(
  lab: FaultLab,
  network: NetworkName,
  proxy?: ProxyWish | null,
): Promise<void> {
  const settings: Settings = {
    ...defaultSettings,
    network: networks[network],
    platform: { url: platformUrl },
    proxy: proxy?.settings ?? { kind: "none" },
    trust: { certificates: proxy?.trusted ? [lab.company] : [] },
  };
  const proxyPassword = proxy?.password ?? null;
  const wanted = JSON.stringify({ settings, proxyPassword });
  if (current.get(lab) === wanted) return;
  current.delete(lab);
  const { id } = await lab.configd.call("try", { settings, proxyPassword });
  await lab.configd.call("keep", { id });
  current.set(lab, wanted);
}

/** Waits until the network's cards have the addresses that they are to have, and DNS servers. */
export async function settled(lab: FaultLab, network: NetworkName): Promise<void> {
  const wanted = networks[network];
  const sides = wanted.mode === "split" ? [wanted.lan, wanted.wan] : [wanted.lan];
  await until(
    `the network ${network}`,
    async () => {
      const { interfaces } = await lab.configd.call("status", {});
      return sides.every((side, index) => {
        const facts = interfaces.find(({ name }) => name === `eth${index}`);
        return facts !== undefined && hasAll(facts, side.ipv4.method, side.ipv6.method);
      });
    },
    30_000,
  );
}

function hasAll(
  { addresses, dns, gateways }: Status["interfaces"][number],
  ipv4: string,
  ipv6: string,
): boolean {
  const families = addresses.map((address) => (address.includes(":") ? 6 : 4));
  const isLeased = ipv4 === "dhcp" || ipv6 === "automatic";
  return (
    (ipv4 === "off" || families.includes(4)) &&
    (ipv6 === "off" || families.includes(6)) &&
    (!isLeased || (dns.length > 0 && gateways.length > 0))
  );
}
