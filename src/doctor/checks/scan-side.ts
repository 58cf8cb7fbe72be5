import { fact } from "../../base/messages/facts.ts";
import { scanMark } from "../../network/guards.ts";
import { scanUser } from "../../network/users.ts";
import type { Check } from "../check/check.ts";
import { failed, failedBy, ok } from "../check/findings.ts";
import type { Sender } from "../path/own-machine.ts";
import { link } from "./link.ts";

/** Nobody's own: documentation addresses (RFC 5737, RFC 3849), as a target anywhere would be. */
const elsewhere = ["203.0.113.1", "2001:db8:ffff:ffff::1"];
const mostAddresses = 6;
/** A scan's own packets, and the kernel's answers to what comes back, as resets. */
const senders: readonly Sender[] = [{ user: scanUser }, { user: 0, mark: scanMark }];

/**
 * In split mode: whether no packet of a scan would leave by another device than the LAN's, wherever
 * its target is, by the rules that are in force now.
 */
export const scanSide: Check = {
  id: "scan-side",
  needs: [link],
  role: "every",
  hiddenWhenSkipped: true,
  passive: true,
  subjects: ({ role, isSplit }) =>
    isSplit && role === "lan" ? [{ id: "scan-side", subject: "way of scan packets" }] : [],
  async run(subject, path) {
    const { device, surroundings, otherFacts } = path;
    const targets = [
      ...elsewhere,
      ...(otherFacts?.gateways ?? []),
      ...(otherFacts?.dns ?? []),
    ].filter((each) => !each.includes("%"));
    try {
      const ways = await Promise.all(
        targets.slice(0, mostAddresses).flatMap((address) =>
          senders.map(async (sender) => ({
            address,
            route: await surroundings.machine.routeTo(address, sender),
          })),
        ),
      );
      const astray = ways.filter(({ route }) => route !== null && route.device !== device);
      if (astray.length === 0)
        return [ok(subject, fact("scan-leaves-by-lan", { device: device ?? "" }))];
      return [
        failed(
          subject,
          "scan-by-wan",
          astray.map(({ address, route }) =>
            fact("scan-leaves-by", { address, device: route?.device ?? "" }),
          ),
        ),
      ];
    } catch (error) {
      return [failedBy(subject, error)];
    }
  },
};
