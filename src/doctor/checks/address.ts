import { fact } from "../../base/messages/facts.ts";
import type { Check } from "../check/check.ts";
import { failed, ok } from "../check/findings.ts";
import { link } from "./link.ts";

/** Whether the interface has an IP address. */
export const address: Check = {
  id: "address",
  needs: [link],
  role: "every",
  passive: true,
  subjects: ({ role }) => [{ id: `address:${role}`, subject: `${role.toUpperCase()} address` }],
  run(subject, path) {
    const { name: device, state, addresses, dhcp } = path.requiredFacts;
    if (addresses.length === 0)
      return [failed(subject, "no-address", fact("no-address-of", { device, state }))];
    const values = { addresses: addresses.join(", ") };
    return [ok(subject, fact(dhcp ? "address-by-dhcp" : "address-static", values))];
  },
  because: () => fact("after-address"),
};
