import { OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact, quoted } from "../../base/messages/facts.ts";
import type { ToolAnswer } from "../../configd/api/tool-shapes.ts";
import { bad, doubtful, good } from "../program/answer.ts";
import { isOnLink, isOwn, sourceFor } from "../program/own-networks.ts";
import { plainText } from "../program/plain-text.ts";
import { type ProgramRun, runProgram } from "../program/run-program.ts";
import { type PingRefusal, type PingReport, readPing } from "./read-ping.ts";

const packets = 4;
/** The last packet leaves after 1.5 s; ping then waits for 3 s, as long as a neighbour may take. */
const limitMs = 10_000;

/** Four echo requests from an address of one device. */
export async function ping(
  address: string,
  networks: readonly string[],
  stop: AbortSignal,
): Promise<ToolAnswer> {
  const family = address.includes(":") ? "-6" : "-4";
  const source = sourceFor(address, networks);
  const args = [family, "-n", "-c", String(packets), "-i", "0.5", "-W", "3"].concat(
    source === undefined ? [] : ["-I", source],
  );
  const run = await runProgram("ping", [...args, "--", address], {
    limitMs,
    stop,
    stopSignal: "SIGINT",
  });
  return judgePing(address, run, networks);
}

export function judgePing(
  address: string,
  run: ProgramRun,
  networks: readonly string[],
): ToolAnswer {
  const report = readPing(run.stdout);
  const contacted = [address];
  if (report === null || report.sent === 0) {
    const text = plainText(run.stderr || run.stdout);
    if (/unreachable|cannot assign requested address/i.test(text))
      return bad("no-route", quoted(text), { contacted });
    if (run.isCut) return bad("tool-stopped", fact("tool-stopped-before"), { contacted });
    throw new OutriderError("tool-failed", { detail: quoted(text) });
  }
  const found = { lines: linesOf(report), contacted };
  if (report.answered === 0) return bad(...whyNothing(address, report, networks), found);
  const counts = fact("ping-counts", {
    answered: report.answered,
    sent: report.sent,
    milliseconds: round(report.average ?? 0),
  });
  if (report.answered < report.sent)
    return doubtful("ping-lossy", [counts, ...refusalFacts(report)], found);
  return report.duplicates > 0
    ? doubtful("ping-doubled", [counts, fact("ping-doubles", { count: report.duplicates })], found)
    : good(counts, found);
}

function whyNothing(
  address: string,
  report: PingReport,
  networks: readonly string[],
): [
  "ping-silent" | "ping-no-neighbour" | "gateway-silent" | "ping-prohibited" | "ping-unreachable",
  Fact[],
] {
  const counts = fact("ping-none", { sent: report.sent, address });
  const first = report.refusals.find(({ said }) => !isAdvice(said));
  const facts = [counts, ...refusalFacts(report)];
  if (first === undefined) return ["ping-silent", facts];
  // The kernel says so itself where nobody answers ARP or neighbour discovery.
  if (isOwn(first.from, networks))
    return [isOnLink(address, networks) ? "ping-no-neighbour" : "gateway-silent", facts];
  return [isProhibition(first) ? "ping-prohibited" : "ping-unreachable", facts];
}

/** RFC 792: a redirect only names a better router for packets that were passed on all the same. */
const isAdvice = (words: string) => /^(?:Redirect|Source Quench)/i.test(words);

/** ping's words for ICMP codes 9, 10 and 13 of RFC 1812 section 5.2.7.1, and code 1 of RFC 4443. */
function isProhibition({ said: words }: PingRefusal): boolean {
  return /filtered|prohibited|policy|reject route/i.test(words);
}

function refusalFacts({ refusals }: PingReport): Fact[] {
  return refusals
    .slice(0, 3)
    .map(({ from, said: words }) => fact("ping-said", { address: from, said: words }));
}

function linesOf({ replies, refusals, fastest, slowest }: PingReport): Fact[] {
  return [
    ...replies.map(({ from, sequence, milliseconds, hops }) =>
      fact("ping-reply", { sequence, address: from, milliseconds: round(milliseconds), hops }),
    ),
    ...refusals.map(({ from, said: words, count }) =>
      fact("ping-said-times", { address: from, said: words, count }),
    ),
    ...(fastest === null || slowest === null
      ? []
      : [fact("ping-times", { fastest: round(fastest), slowest: round(slowest) })]),
  ];
}

/** Two digits are enough for a person: 0.05, 1.2, 135. */
export function round(milliseconds: number): number {
  return Number(milliseconds.toPrecision(2));
}
