import type { InterfaceFacts } from "../../network/live-model.ts";
import { failed, ok } from "../outcome.ts";
import type { RungResult } from "../result.ts";

export const addressRung = { id: "address:lan", rung: "address", subject: "LAN address" } as const;

export function checkAddress(facts: InterfaceFacts): RungResult {
  const [address] = facts.addresses;
  if (address === undefined) return failed(addressRung, "no-address", `${facts.name}, networkd says ${facts.state}`);
  return ok(addressRung, `${facts.addresses.join(", ")}${facts.dhcp ? " by DHCP" : ", static"}`);
}
