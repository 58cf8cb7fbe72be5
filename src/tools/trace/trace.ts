import { OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact, quoted } from "../../base/messages/facts.ts";
import type { ToolAnswer } from "../../configd/api/tool-shapes.ts";
import { bad, good } from "../program/answer.ts";
import { isOnLink, isOwn, sourceFor } from "../program/own-networks.ts";
import { plainText } from "../program/plain-text.ts";
import { type ProgramRun, runProgram } from "../program/run-program.ts";
import { type Hop, readTrace } from "./read-trace.ts";

/**
 * 60 packets, 32 of them at a time, each awaited for 4 s: 8 s where nothing answers. The kernel says
 * after 3 s that a neighbour is not there.
 */
const mostHops = 30;
const limits = ["-q", "2", "-N", "32", "-w", "4", "-m", String(mostHops)];
const limitMs = 15_000;

/**
 * The routers to a host, by connections to one of its ports: firewalls let those through that drop
 * pings. traceroute(8) opens none of them: it resets what is answered.
 */
export async function trace(
  address: string,
  port: number,
  networks: readonly string[],
  stop: AbortSignal,
): Promise<ToolAnswer> {
  const source = sourceFor(address, networks);
  const args = [address.includes(":") ? "-6" : "-4", "-n", "-T", "-p", String(port), "-O", "info"]
    .concat(source === undefined ? [] : ["-s", source])
    .concat(limits);
  const run = await runProgram("traceroute", [...args, "--", address], {
    limitMs,
    stop,
    stopSignal: "SIGTERM",
  });
  return judgeTrace({ address, port }, run, networks);
}

export function judgeTrace(
  { address, port }: { address: string; port: number },
  run: ProgramRun,
  networks: readonly string[],
): ToolAnswer {
  const hops = readTrace(run.stdout);
  const contacted = [address];
  if (hops.length === 0) {
    const text = plainText(run.stderr || run.stdout);
    if (/unreachable|no route|cannot assign/i.test(text))
      return bad("no-route", quoted(text), { contacted });
    if (run.isCut) return bad("tool-stopped", fact("tool-stopped-before"), { contacted });
    throw new OutriderError("tool-failed", { detail: quoted(text) });
  }
  const found = { lines: shortened(hops).map(lineOf), contacted };
  const last = hops.find(({ flags, mark }) => flags !== "" || mark !== "");
  if (last?.flags.includes("rst"))
    return bad("trace-refused", place("trace-refused-at", last, port), found);
  if (last && last.flags !== "") return good(place("trace-open", last, port), found);
  if (last) return bad(refusalCode(last, address, networks), refusalFact(last), found);
  const looped = loopOf(hops);
  if (looped) return bad("trace-loop", fact("trace-loops", looped), found);
  const answering = hops.findLast((hop) => hop.address !== null);
  const silence = answering
    ? fact("trace-last", { number: answering.number, address: answering.address ?? "" })
    : fact("trace-none");
  return run.isCut ? bad("tool-stopped", silence, found) : bad("trace-silent", silence, found);
}

type Placed = "trace-open" | "trace-refused-at";

function place(code: Placed, { number, address, milliseconds }: Hop, port: number): Fact {
  return fact(code, {
    number,
    address: address ?? "",
    port,
    milliseconds: milliseconds ?? 0,
  });
}

/** Marks of traceroute(8): its numbers are ICMP codes. */
const prohibitions = ["!X", "!9", "!10", "!13", "!V", "!C"];

function refusalCode(
  { mark, address }: Hop,
  target: string,
  networks: readonly string[],
): "trace-prohibited" | "ping-no-neighbour" | "gateway-silent" | "trace-unreachable" {
  if (prohibitions.includes(mark)) return "trace-prohibited";
  if (!isOwn(address ?? "", networks)) return "trace-unreachable";
  return isOnLink(target, networks) ? "ping-no-neighbour" : "gateway-silent";
}

function refusalFact({ number, address, mark }: Hop): Fact {
  const at = { number, address: address ?? "" };
  if (prohibitions.includes(mark)) return fact("hop-prohibits", at);
  switch (mark) {
    case "!N":
      return fact("hop-no-network", at);
    case "!H":
      return fact("hop-no-host", at);
    case "!P":
      return fact("hop-no-port", at);
    default:
      return mark.startsWith("!F")
        ? fact("hop-too-large", { ...at, mtu: mark.slice(3) || "?" })
        : fact("hop-says", { ...at, said: mark });
  }
}

/** Two routers of which each has been passed three times. */
function loopOf(hops: readonly Hop[]): { one: string; other: string } | null {
  const times = new Map<string, number>();
  for (const { address } of hops)
    if (address !== null) times.set(address, (times.get(address) ?? 0) + 1);
  const [one, other] = [...times].filter(([, count]) => count >= 3).map(([address]) => address);
  return one !== undefined && other !== undefined ? { one, other } : null;
}

/** Of the silent hops at the end one is enough. */
function shortened(hops: readonly Hop[]): Hop[] {
  const last = hops.findLastIndex(({ address }) => address !== null);
  return hops.slice(0, last + 2);
}

function lineOf({ number, address, milliseconds, flags, mark }: Hop): Fact {
  if (address === null) return fact("hop-silent", { number });
  const hop = { number, address, milliseconds: milliseconds ?? 0 };
  const end = flags === "" ? mark : flags.toUpperCase();
  return end === "" ? fact("hop", hop) : fact("hop-end", { ...hop, end });
}
