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
const scan: Sender = { user: scanUser };
/** The kernel's answers to what comes back to a scan, as resets. */
const kernel: Sender = { user: 0, mark: scanMark };

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
        targets.slice(0, mostAddresses).map(async (address) => {
          const { machine } = surroundings;
          const route = await machine.routeTo(address, scan);
          // Where a scan's packets are refused, as in an IP version that the LAN lacks, nothing comes
          // back. The kernel's answers have no such rule: the guards stop and count them.
          const answers = route === null ? null : await machine.routeTo(address, kernel);
          return { address, routes: [route, answers] };
        }),
      );
      const astray = ways.flatMap(({ address, routes }) =>
        routes
          .filter((route) => route !== null && route.device !== device)
          .map((route) => ({ address, route })),
      );
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
