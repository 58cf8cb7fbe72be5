import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as after } from "node:timers/promises";
import { OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact, quoted } from "../../base/messages/facts.ts";
import type { CaptureKind } from "../../configd/api/tool-names.ts";
import type { RequestOf, ToolAnswer } from "../../configd/api/tool-shapes.ts";
import { doubtful, good } from "../program/answer.ts";
import { plainText } from "../program/plain-text.ts";
import { CaptureFilter, longestPacket } from "./pcap.ts";
import type { Tally } from "./tally.ts";

export interface Capture {
  answer: ToolAnswer;
  /** null where there is nothing to keep. */
  file: Buffer | null;
}

/** Headers of about 20 000 packets. */
const mostBytes = 1_500_000;
const mostPackets = 100_000;
const graceMs = 2000;

/**
 * Packets of one device for a time, without their contents: `keptLength` says what stays. Only this
 * process sees the rest, for as long as a packet is in its memory. Stopped, it has what came until
 * then.
 */
export async function capture(
  { kind, host, seconds }: RequestOf<"capture">,
  device: string,
  stop: AbortSignal,
): Promise<Capture> {
  // Packets that came just before the end are there too, and do not wait in the kernel's buffer.
  const options = ["-i", device, "-p", "-n", "-U", "--immediate-mode"];
  options.push("-s", String(longestPacket));
  const args = [...options, "-c", String(mostPackets), "-w", "-", "--", captureFilter(kind, host)];
  const startedMs = performance.now();
  const program = spawn("tcpdump", args, { stdio: ["ignore", "pipe", "pipe"] });
  const filter = new CaptureFilter(mostBytes);
  const ended = once(program, "close");
  const done = new AbortController();
  let wrong: unknown;
  let words = "";
  program.stderr.setEncoding("utf8");
  program.stderr.on("data", (text: string) => {
    words = `${words}${text}`.slice(-2000);
  });
  program.stdout.on("data", (chunk: Buffer) => {
    try {
      filter.write(chunk);
    } catch (error) {
      wrong ??= error;
    }
    if (filter.isFull || wrong !== undefined) done.abort();
  });
  const over = AbortSignal.any([stop, done.signal]);
  await Promise.race([after(seconds * 1000, undefined, { signal: over }).catch(() => null), ended]);
  program.kill("SIGINT");
  await Promise.race([ended, after(graceMs)]);
  program.kill("SIGKILL");
  await ended;
  if (wrong !== undefined)
    throw new OutriderError("tool-failed", { detail: quoted(String(wrong)), cause: wrong });
  const file = filter.content();
  if (file.length === 0)
    throw new OutriderError("tool-failed", { detail: quoted(plainText(words)) });
  const took = Math.max(1, Math.round((performance.now() - startedMs) / 1000));
  const answer = judgeCapture(filter.tally, file.length, took, {
    isFull: filter.isFull,
    dropped: droppedOf(words),
  });
  return { answer, file: filter.tally.packets === 0 ? null : file };
}

/** In the language of pcap-filter(7). */
export function captureFilter(kind: CaptureKind, host: string | undefined): string {
  const filters = {
    all: "",
    dns: "port 53",
    dhcp: "(udp port 67 or udp port 68 or udp port 546 or udp port 547)",
    tcp: "tcp",
    icmp: "(icmp or icmp6)",
    // Neighbour discovery is IPv6's ARP (RFC 4861).
    arp: "(arp or (icmp6 and ip6[40] >= 133 and ip6[40] <= 137))",
  } as const satisfies Record<CaptureKind, string>;
  const parts = [filters[kind], host === undefined ? "" : `host ${host}`];
  return parts.filter((part) => part !== "").join(" and ");
}

/** tcpdump's last line, `3 packets dropped by kernel`. */
function droppedOf(words: string): number {
  return Number(/^(\d{1,9}) packets? dropped by kernel/m.exec(words)?.[1] ?? 0);
}

export function judgeCapture(
  tally: Tally,
  bytes: number,
  seconds: number,
  { isFull, dropped }: { isFull: boolean; dropped: number },
): ToolAnswer {
  if (tally.packets === 0) return doubtful("capture-empty", fact("capture-none", { seconds }));
  const kilobytes = Math.max(1, Math.round(bytes / 1000));
  const lines: Fact[] = [
    fact("capture-kinds", {
      tcp: tally.tcpSegments,
      udp: tally.udpPackets,
      icmp: tally.icmpMessages,
      arp: tally.arp,
      other: tally.other,
    }),
    ...(tally.tcpSegments === 0
      ? []
      : [
          fact("capture-tcp", {
            begun: tally.connectionsBegun,
            answered: tally.connectionsAnswered,
            reset: tally.connectionsReset,
          }),
        ]),
    ...(tally.dnsQuestions + tally.dnsAnswers === 0
      ? []
      : [fact("capture-dns", { asked: tally.dnsQuestions, answered: tally.dnsAnswers })]),
    ...(tally.refusals === 0 ? [] : [fact("capture-refusals", { count: tally.refusals })]),
    fact("capture-cut", { count: tally.cutPackets }),
    ...(dropped === 0 ? [] : [fact("capture-dropped", { count: dropped })]),
  ];
  const verdict = fact("capture-done", { packets: tally.packets, seconds, kilobytes });
  return good(isFull ? [verdict, fact("capture-full")] : verdict, { lines });
}
