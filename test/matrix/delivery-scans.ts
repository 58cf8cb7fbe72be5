import { expandTargets } from "../../src/base/addresses/scan-targets.ts";
import type { ShardPlan } from "../../src/scan/schemas.ts";

/**
 * The result of a simulated scan: every address is up, with as many open ports as its last number.
 */
export function portsOf(address: string): number[] {
  const last = Number(address.split(".")[3]);
  return Array.from({ length: last % 4 }, (_, index) => 20 + index);
}

export function nmapXml(plan: Pick<ShardPlan, "targets" | "exclusions" | "phase">): string {
  const addresses = [...expandTargets(plan.targets, plan.exclusions)];
  const host = (address: string) => {
    const ports = plan.phase !== "discover" ? portsOf(address).map(portXml).join("") : "";
    return `<host><status state="up" reason="arp-response"/><address addr="${address}" addrtype="ipv4"/><hostnames/>${plan.phase !== "discover" ? `<ports>${ports}</ports>` : ""}</host>`;
  };
  const counts = `<hosts up="${addresses.length}" down="0" total="${addresses.length}"/>`;
  const end = `<runstats><finished time="2" timestr="" summary="" elapsed="0.1" exit="success"/>${counts}</runstats></nmaprun>`;
  return `<?xml version="1.0"?>\n<nmaprun scanner="nmap" version="described" xmloutputversion="1.05">${addresses.map(host).join("\n")}\n${end}\n`;
}

const portXml = (number: number) =>
  `<port protocol="tcp" portid="${number}"><state state="open" reason="syn-ack" reason_ttl="64"/><service name="x" product="made up" method="probed" conf="10"/></port>`;
