import { isIP } from "node:net";

/** What ping(8) of iputils printed. */
export interface PingReport {
  sent: number;
  answered: number;
  /** Answers that came more than once. */
  duplicates: number;
  /** In ms; null when nothing was answered. */
  fastest: number | null;
  average: number | null;
  slowest: number | null;
  replies: PingReply[];
  refusals: PingRefusal[];
  /** The MTU that a packet was too large for; null unless one was. */
  mtu: number | null;
}

export interface PingReply {
  from: string;
  sequence: number;
  hops: number;
  milliseconds: number;
}

/** An ICMP error, counted. */
export interface PingRefusal {
  from: string;
  /** ping's own words, as "Packet filtered". */
  said: string;
  count: number;
}

const mostLines = 400;
const mostReplies = 20;
const mostRefusals = 8;

/**
 * Reads the output of ping. What is no line of ping's is passed over; without its count of packets,
 * null.
 */
export function readPing(output: string): PingReport | null {
  const lines = output.slice(0, 100_000).split("\n").slice(0, mostLines);
  const replies: PingReply[] = [];
  const refusals: PingRefusal[] = [];
  let counts: { sent: number; answered: number; duplicates: number } | null = null;
  let times: [number, number, number] | null = null;
  let mtu: number | null = null;
  for (const line of lines) {
    const reply = readReply(line);
    if (reply !== null && replies.length < mostReplies) replies.push(reply);
    const refusal = readRefusal(line);
    if (refusal !== null) count(refusals, refusal);
    counts = readCounts(line) ?? counts;
    times = readTimes(line) ?? times;
    mtu = readMtu(line) ?? mtu;
  }
  if (counts === null) return null;
  const [fastest, average, slowest] = times ?? [null, null, null];
  return { ...counts, fastest, average, slowest, replies, refusals, mtu };
}

/** `64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.035 ms`, with ` (DUP!)` for a second one. */
function readReply(line: string): PingReply | null {
  const [, from = "", sequence, hops, milliseconds] =
    /^\d{1,6} bytes from ([\da-fA-F.:]{2,45}(?:%[\w.-]{1,15})?): icmp_seq=(\d{1,6}) ttl=(\d{1,3}) time=(\d{1,9}(?:\.\d{1,9})?) ms/.exec(
      line,
    ) ?? [];
  if (!isAddress(from)) return null;
  return {
    from,
    sequence: Number(sequence),
    hops: Number(hops),
    milliseconds: Number(milliseconds),
  };
}

/** `From 198.51.100.2 icmp_seq=1 Packet filtered`. */
function readRefusal(line: string): Omit<PingRefusal, "count"> | null {
  const [, from = "", said = ""] =
    /^From ([\da-fA-F.:]{2,45}(?:%[\w.-]{1,15})?):? icmp_seq=\d{1,6} ([\x20-\x7e]{1,80})/.exec(
      line,
    ) ?? [];
  return isAddress(from) ? { from, said: said.trim() } : null;
}

function readCounts(line: string): { sent: number; answered: number; duplicates: number } | null {
  const [, sent, answered, duplicates = "0"] =
    /^(\d{1,6}) packets transmitted, (\d{1,6}) received,(?: \+(\d{1,6}) duplicates,)?/.exec(line) ??
    [];
  if (sent === undefined) return null;
  return { sent: Number(sent), answered: Number(answered), duplicates: Number(duplicates) };
}

function readTimes(line: string): [number, number, number] | null {
  const [, fastest, average, slowest] =
    /^rtt min\/avg\/max\/mdev = (\d{1,9}\.\d{1,3})\/(\d{1,9}\.\d{1,3})\/(\d{1,9}\.\d{1,3})\//.exec(
      line,
    ) ?? [];
  return fastest === undefined ? null : [Number(fastest), Number(average), Number(slowest)];
}

/** `ping: local error: message too long, mtu=1400`, or a router's `Frag needed and DF set (mtu = 1400)`. */
function readMtu(line: string): number | null {
  const [, mtu] = /\bmtu ?[=:] ?(\d{1,5})\b/.exec(line) ?? [];
  return mtu === undefined ? null : Number(mtu);
}

function count(refusals: PingRefusal[], refusal: Omit<PingRefusal, "count">): void {
  const known = refusals.find(({ from, said }) => from === refusal.from && said === refusal.said);
  if (known) known.count++;
  else if (refusals.length < mostRefusals) refusals.push({ ...refusal, count: 1 });
}

function isAddress(text: string): boolean {
  return isIP(text.split("%", 1)[0] ?? "") !== 0;
}
