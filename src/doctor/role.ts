import type { CheckSubject } from "./outcome.ts";

/**
 * Which of the appliance's networks a check is about: in split mode WAN calls home and LAN scans.
 */
export type Role = "lan" | "wan";

const words = { link: "link", address: "address", gateway: "gateway" } as const;

export function checkOf(check: keyof typeof words, role: Role, subject?: string): CheckSubject {
  // One gateway leads out, so its role need not be told.
  const name = check === "gateway" ? words[check] : `${role.toUpperCase()} ${words[check]}`;
  return { id: `${check}:${role}`, check, subject: subject ?? name };
}
