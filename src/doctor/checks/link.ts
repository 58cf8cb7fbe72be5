import type { InterfaceFacts } from "../../network/live-model.ts";
import { failed, ok } from "../outcome.ts";
import type { RungResult } from "../result.ts";

export function checkLink(device: string | null, facts: InterfaceFacts | undefined): RungResult {
  const rung = { id: "link:lan", rung: "link", subject: `LAN link${device === null ? "" : `, ${device}`}` } as const;
  if (device === null || !facts) return failed(rung, "interface-missing", device ?? "no interface is in the role LAN");
  return facts.linkUp ? ok(rung, `${facts.macAddress}, link is up`) : failed(rung, "link-down", `${device}, ${facts.macAddress}`);
}
