import type { AgentStatus } from "../../../src/configd/api/status.ts";
import { clockText } from "../../contract/times.ts";
import type { Block } from "../../page/page.ts";
import type { PlainKey, Words } from "../../words/words.ts";

type Job = AgentStatus["jobs"][number];
type Wait = NonNullable<Job["waitsFor"]>;

const states: Readonly<Record<Wait["kind"], PlainKey>> = {
  missing: "scan.card.missing",
  "no-link": "scan.card.noLink",
  "no-address": "scan.card.noAddress",
};
const remedies: Readonly<Record<Wait["kind"], PlainKey>> = {
  missing: "scan.card.putBack",
  "no-link": "scan.card.connect",
  "no-address": "scan.card.address",
};

/** Which card a scan waits for, and since when. A moment, and no age: a slow line is not repainted. */
export function waitText({ name, waitsFor }: Job, words: Words): string | null {
  if (!waitsFor) return null;
  const since = clockText(waitsFor.from);
  return waitsFor.card === null
    ? words.say("scan.waitsNoCard", { name, since })
    : words.say("scan.waits", {
        name,
        card: waitsFor.card,
        state: words.say(states[waitsFor.kind]),
        since,
      });
}

/** The wait of a scan with what to do, and what comes of doing nothing. */
export function waitBlocks(job: Job, words: Words): Block[] {
  const text = waitText(job, words);
  if (text === null || !job.waitsFor) return [];
  const { kind, until } = job.waitsFor;
  return [
    { kind: "gap" },
    { kind: "text", label: { text: "!", style: "warning" }, text, style: "warning" },
    {
      kind: "facts",
      facts: [
        {
          label: words.say("diagnostics.remedy"),
          value: { text: words.say(remedies[kind]) },
        },
        {
          label: words.say("scan.card.else"),
          value: {
            text:
              until === null
                ? words.say("scan.card.waitsOn")
                : words.say("scan.card.waitsUntil", { until: clockText(until) }),
            style: "muted",
          },
        },
      ],
    },
  ];
}
