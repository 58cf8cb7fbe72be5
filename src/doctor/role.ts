import type { Rung } from "./outcome.ts";

/**
 * Which of the appliance's networks a rung is about: in split mode WAN calls home and LAN scans.
 */
export type Role = "lan" | "wan";

const words = { link: "link", address: "address", gateway: "gateway" } as const;

export function rungOf(rung: keyof typeof words, role: Role, subject?: string): Rung {
  // One gateway leads out, so its role need not be told.
  const name = rung === "gateway" ? words[rung] : `${role.toUpperCase()} ${words[rung]}`;
  return { id: `${rung}:${role}`, rung, subject: subject ?? name };
}
