import { createSocket } from "node:dgram";
import type { ExecutionContext } from "ava";

/** Type numbers of RFC 1035, 3596, 2782 and 8659. */
const types = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  CAA: 257,
};
export type WireType = keyof typeof types;

export interface WireRecord {
  /** As on the wire. */
  data: Buffer;
  ttl?: number;
  /** Unset, the type that was asked for. */
  type?: WireType;
}

/** A name as on the wire, RFC 1035 section 3.1. */
export function wireName(name: string): Buffer {
  const labels = name.split(".").filter((label) => label !== "");
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]),
    Buffer.from([0]),
  ]);
}

/**
 * A DNS server on this machine that answers with records by "NAME TYPE", with a response code, with
 * these bytes behind the question's id, or, for null, not at all; what it does not have does not
 * exist (3). Returns its port.
 */
export async function startDnsServer(
  t: ExecutionContext,
  answers: Readonly<Record<string, readonly WireRecord[] | Buffer | number | null>>,
): Promise<number> {
  const socket = createSocket("udp4");
  socket.on("message", (question, from) => {
    const end = question.indexOf(0, 12) + 5;
    const labels: string[] = [];
    for (let at = 12; question[at]; at += 1 + (question[at] ?? 0))
      labels.push(question.toString("latin1", at + 1, at + 1 + (question[at] ?? 0)));
    const kind = question.readUInt16BE(end - 4);
    const type = Object.entries(types).find(([, number]) => number === kind)?.[0] ?? "?";
    const answer = answers[`${labels.join(".")} ${type}`];
    if (answer === null) return;
    if (Buffer.isBuffer(answer))
      return socket.send(Buffer.concat([question.subarray(0, 2), answer]), from.port, from.address);
    const records = Array.isArray(answer) ? answer : [];
    const code = typeof answer === "number" ? answer : 0;
    const header = Buffer.alloc(10);
    header.writeUInt16BE(0x8180 | (answer === undefined ? 3 : code), 0);
    header.writeUInt16BE(1, 2);
    header.writeUInt16BE(records.length, 4);
    const body = records.map(({ data, ttl = 300, type }: WireRecord) => {
      const fixed = Buffer.alloc(12);
      fixed.writeUInt16BE(0xc00c, 0);
      fixed.writeUInt16BE(type === undefined ? kind : types[type], 2);
      fixed.writeUInt16BE(1, 4);
      fixed.writeUInt32BE(ttl, 6);
      fixed.writeUInt16BE(data.length, 10);
      return Buffer.concat([fixed, data]);
    });
    const parts = [question.subarray(0, 2), header, question.subarray(12, end), ...body];
    socket.send(Buffer.concat(parts), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  t.teardown(() => socket.close());
  return socket.address().port;
}
