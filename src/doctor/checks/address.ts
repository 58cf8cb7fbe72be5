import { fact } from "../../base/messages/facts.ts";
import type { InterfaceFacts } from "../../network/live-model.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import { failed, ok } from "../outcome.ts";
import { checkOf, type Role } from "../role.ts";

export function checkAddress(role: Role, facts: InterfaceFacts): CheckResult {
  const check = checkOf("address", role);
  const [address] = facts.addresses;
  if (address === undefined)
    return failed(
      check,
      "no-address",
      fact("no-address-of", { device: facts.name, state: facts.state }),
    );
  return ok(
    check,
    fact(facts.dhcp ? "address-by-dhcp" : "address-static", {
      addresses: facts.addresses.join(", "),
    }),
  );
}
