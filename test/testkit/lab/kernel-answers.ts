import type { Namespaces } from "../../../image/lab/namespaces.ts";
import { portOf } from "../../../image/lab/network.ts";

/** What an IP stack sends by itself, by no program's wish. */
const kinds = {
  errors: [
    "icmp type { destination-unreachable, time-exceeded, parameter-problem, redirect }",
    "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem, nd-redirect }",
  ],
  echoes: ["icmp type echo-reply", "icmpv6 type echo-reply"],
  resets: ["tcp flags & rst == rst"],
  groups: [
    "ip protocol igmp",
    "icmpv6 type { mld-listener-report, mld-listener-done, mld2-listener-report }",
  ],
  neighbours: ["arp operation reply", "icmpv6 type nd-neighbor-advert"],
} as const;
type AnswerKind = keyof typeof kinds;
export type Answers = Partial<Record<`${"lan" | "wan"}_${AnswerKind}`, number>>;

const sides = ["lan", "wan"] as const;
const answerKinds = ["errors", "echoes", "resets", "groups", "neighbours"] as const;
const names = sides.flatMap((side) => answerKinds.map((kind) => `${side}_${kind}` as const));

/** Counts, at the segments' ends of the appliance's cards, what its kernel sends; from nothing. */
export async function countAnswers(
  namespaces: Namespaces,
  cards: { lan: string; wan: string },
): Promise<void> {
  const chains = sides.map(
    (side) => `chain ${side} {
    type filter hook ingress device "${portOf(cards[side])}" priority 5; policy accept;
    ${Object.entries(kinds)
      .flatMap(([kind, matches]) =>
        matches.map((match) => `${match} counter name ${side}_${kind} accept`),
      )
      .join("\n    ")}
  }`,
  );
  await namespaces.runPeer(["nft", "-f", "-"], {
    input: `table netdev answers
delete table netdev answers
table netdev answers {
  ${names.map((name) => `counter ${name} { }`).join("\n  ")}
  ${chains.join("\n  ")}
}
`,
  });
}

export async function answersCounted(namespaces: Namespaces): Promise<Answers> {
  const { stdout } = await namespaces.runPeer([
    "nft",
    "list",
    "counters",
    "table",
    "netdev",
    "answers",
  ]);
  const packets = (name: string) =>
    Number(new RegExp(`counter ${name} \\{\\s+packets (\\d+)`).exec(stdout)?.[1]);
  const counts: Answers = {};
  for (const name of names) counts[name] = packets(name);
  return counts;
}
