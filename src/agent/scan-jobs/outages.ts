import { type Fact, fact } from "../../base/messages/facts.ts";
import type { Outage } from "../../scan/schemas.ts";

const phrases = {
  missing: "card-was-missing",
  "no-link": "card-had-no-link",
  "no-address": "card-had-no-address",
} as const;

/** When and how a scan's card was away. `targets` are the shard's, all of one IP version. */
export function outageFact({ card, kind, from, to }: Outage, targets: readonly string[]): Fact {
  const lacks6 = kind === "no-address" && targets.some((target) => target.includes(":"));
  return fact(lacks6 ? "card-had-no-address-6" : phrases[kind], {
    card,
    from: moment(from),
    to: moment(to),
    seconds: Math.round((to - from) / 1000),
  });
}

/** To the second, in UTC, as the platform's pages show it. */
function moment(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
