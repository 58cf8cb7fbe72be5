import { fact } from "../../base/messages/facts.ts";
import type { InterfaceFacts } from "../../network/live-model.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import { failed, ok } from "../outcome.ts";
import { checkOf, type Role } from "../role.ts";

export function checkLink(
  role: Role,
  device: string | null,
  facts: InterfaceFacts | undefined,
): CheckResult {
  const check = checkOf(
    "link",
    role,
    `${role.toUpperCase()} link${device === null ? "" : `, ${device}`}`,
  );
  if (device === null)
    return failed(
      check,
      "interface-missing",
      fact("role-without-card", { role: role.toUpperCase() }),
    );
  if (!facts) return failed(check, "interface-missing", fact("card-missing", { device }));
  const { macAddress: mac } = facts;
  return facts.linkUp
    ? ok(check, fact("card-up", { mac }))
    : failed(check, "link-down", fact("card-down", { device, mac }));
}
