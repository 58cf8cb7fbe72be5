import type { InterfaceFacts } from "../../network/live-model.ts";
import { failed, ok } from "../outcome.ts";
import type { RungResult } from "../result.ts";
import { type Role, rungOf } from "../role.ts";

export function checkLink(role: Role, device: string | null, facts: InterfaceFacts | undefined): RungResult {
  const rung = rungOf("link", role, `${role.toUpperCase()} link${device === null ? "" : `, ${device}`}`);
  if (device === null || !facts) return failed(rung, "interface-missing", device ?? `no interface is in the role ${role.toUpperCase()}`);
  return facts.linkUp ? ok(rung, `${facts.macAddress}, link is up`) : failed(rung, "link-down", `${device}, ${facts.macAddress}`);
}
