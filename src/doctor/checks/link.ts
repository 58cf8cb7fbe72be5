import { fact } from "../../base/messages/facts.ts";
import type { Check } from "../check/check.ts";
import { failed, ok } from "../check/findings.ts";

/** Whether the interface's device is there and has a carrier. */
export const link: Check = {
  id: "link",
  needs: [],
  role: "every",
  passive: true,
  subjects({ role, device }) {
    const name = `${role.toUpperCase()} link`;
    return [{ id: `link:${role}`, subject: device === null ? name : `${name}, ${device}` }];
  },
  run(subject, { role, device, facts }) {
    if (device === null)
      return [
        failed(
          subject,
          "interface-missing",
          fact("role-without-card", { role: role.toUpperCase() }),
        ),
      ];
    if (!facts) return [failed(subject, "interface-missing", fact("card-missing", { device }))];
    const { macAddress: mac } = facts;
    return [
      facts.linkUp
        ? ok(subject, fact("card-up", { mac }))
        : failed(subject, "link-down", fact("card-down", { device, mac })),
    ];
  },
  because: () => fact("after-link"),
};
