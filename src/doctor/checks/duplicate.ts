import { formatAddress } from "../../base/addresses/address.ts";
import { familyOf } from "../../base/addresses/neighbours.ts";
import { firstOf, lastOf, parsePrefix } from "../../base/addresses/prefix.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import type { Check } from "../check/check.ts";
import { factsOf, failed, ok, skipped } from "../check/findings.ts";
import type { Path } from "../path/path.ts";
import { address } from "./address.ts";

/** As many as one interface is asked for: each takes a second, all at once. */
const mostAddresses = 4;

/**
 * Whether another machine uses the interface's addresses: those of IPv4 are asked for (RFC 5227), and
 * those of IPv6 were when they were set (duplicate address detection, RFC 4862 section 5.4).
 */
export const duplicate: Check = {
  id: "duplicate",
  needs: [address],
  role: "every",
  subjects: ({ role }) => [
    { id: `duplicate:${role}`, subject: `${role.toUpperCase()} address used elsewhere` },
  ],
  async run(subject, path) {
    const { surroundings } = path;
    const { addresses } = path.requiredFacts;
    const own = addresses.map((each) => each.split("/", 1)[0] ?? each);
    const startedMs = surroundings.monotonicMs();
    try {
      const found = await Promise.all([
        ...own
          .filter((each) => familyOf(each) === 4)
          .slice(0, mostAddresses)
          .map((each) => ask4(each, path)),
        ask6(path),
      ]);
      const durationMs = surroundings.monotonicMs() - startedMs;
      const others = found.flatMap(({ others }) => others);
      if (others.length > 0) return [failed(subject, "address-duplicate", others, durationMs)];
      const facts = [
        fact("address-alone", { addresses: own.join(", ") }),
        ...found.flatMap(({ explained }) => explained),
      ];
      return [ok(subject, facts, durationMs)];
    } catch (error) {
      return [skipped(subject, factsOf(error)[0] ?? fact("not-in-container"))];
    }
  },
};

interface Asked {
  /** Of machines that use an address. */
  others: Fact[];
  /** Of answers that are none of such a machine. */
  explained: Fact[];
}

async function ask4(own: string, path: Path): Promise<Asked> {
  const { machine } = path.surroundings;
  const { name: device, macAddress, gateways } = path.requiredFacts;
  const answers = await machine.askOwners(device, own, path.signal);
  const macs = answers.filter((mac) => mac !== macAddress);
  if (macs.length === 0) return { others: [], explained: [] };
  const gateway = gateways.find((each) => familyOf(each) === 4);
  const router = gateway ? await machine.neighbourMac(device, gateway) : null;
  if (router !== null && macs.every((mac) => mac === router) && (await answersForAll(router)))
    return {
      others: [],
      explained: [fact("address-of-proxy-arp", { address: own, mac: router })],
    };
  return {
    others: [fact("address-also-of", { address: own, macs: macs.join(", ") })],
    explained: [],
  };

  /**
   * A router that keeps the machines of a network apart answers for every address in it (proxy ARP,
   * RFC 3069), so it answers for two others as well.
   */
  async function answersForAll(mac: string): Promise<boolean> {
    const answers = await Promise.all(
      othersIn(own, path).map((each) => machine.askOwners(device, each, path.signal)),
    );
    return answers.length > 0 && answers.every((macs) => macs.includes(mac));
  }
}

/** Two other addresses of the same network, none of them the first, the last, or a gateway's. */
function othersIn(own: string, path: Path): string[] {
  const { addresses, gateways } = path.requiredFacts;
  const prefix = addresses.flatMap((each) =>
    each.startsWith(`${own}/`) ? (parsePrefix(each) ?? []) : [],
  )[0];
  if (prefix === undefined) return [];
  const [first, last] = [firstOf(prefix), lastOf(prefix)];
  return [0x2an, 0x15n, 0x1n, 0x2n]
    .map((bits) => prefix.address ^ bits)
    .filter((value) => value > first && value < last)
    .map((value) => formatAddress(prefix.family, value))
    .filter((address) => !gateways.includes(address))
    .slice(0, 2);
}

/**
 * The kernel does not use an address that failed, nor does it say whose it is: it takes no neighbour
 * for an address of its own (ndisc_recv_na of linux/net/ipv6/ndisc.c).
 */
async function ask6(path: Path): Promise<Asked> {
  const { name: device } = path.requiredFacts;
  const failing = await path.surroundings.machine.duplicates6(device);
  return {
    others: failing
      .slice(0, mostAddresses)
      .map((each) => fact("address-detected-elsewhere", { address: each })),
    explained: [],
  };
}
