import type { InterfaceFacts } from "../../network/live-model.ts";
import { failed, ok } from "../outcome.ts";
import type { RungResult } from "../result.ts";
import { type Role, rungOf } from "../role.ts";

export function checkAddress(role: Role, facts: InterfaceFacts): RungResult {
  const rung = rungOf("address", role);
  const [address] = facts.addresses;
  if (address === undefined) return failed(rung, "no-address", `${facts.name}, networkd says ${facts.state}`);
  return ok(rung, `${facts.addresses.join(", ")}${facts.dhcp ? " by DHCP" : ", static"}`);
}
