import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { domain, hosts } from "../../../../image/lab/addresses.ts";
import { bytesOfAddress, parseAddress } from "../../../../src/base/addresses/address.ts";
import { type DnsKind, dnsFront, dnsKinds } from "./dns-kinds.ts";

/**
 * A program for the lab's router: a name server in front of the lab's own, which lies, fails or says
 * nothing as its file says. dnsmasq chooses its response codes itself; and one server whose port
 * never changes, since the kernel would go on leading resolved's sockets to the one before.
 *
 * Arguments: address and port of the lab's own server.
 */
const [ownAddress = "", ownPort = ""] = process.argv.slice(2);

function kindNow(): DnsKind {
  const text = readFileSync(dnsFront.file, "utf8").trim();
  return dnsKinds.find((kind) => kind === text) ?? "right";
}

const types = { ipv4: 1, ipv6: 28 } as const;
const codes = { formerr: 1, servfail: 2, notimp: 4, refuses: 5 } as const;
const noSuchName = 3;

/** The addresses of a name, by type; null where there is no such name. */
type Zone = (name: string) => { ipv4?: string; ipv6?: string } | null;

const peers = [hosts.platform, hosts.proxy];
const truth: Zone = (name) => {
  const host = peers.find(({ names }) => names.some((each) => `${each}.${domain}` === name));
  return host ? { ipv4: host.address, ipv6: host.address6 } : null;
};
const always =
  (ipv4: string, ipv6: string): Zone =>
  (name) =>
    name.endsWith(`.${domain}`) ? { ipv4, ipv6 } : null;
const zones: Partial<Record<DnsKind, Zone>> = {
  unknown: () => null,
  empty: () => ({}),
  nobody: always("198.51.100.99", "2001:db8:0:2::99"),
  portal: always(hosts.proxy.address, hosts.proxy.address6),
  zeros: always("0.0.0.0", "::"),
  loopback: always("127.0.0.1", "::1"),
  onlyIpv4: (name) => ({ ipv4: truth(name)?.ipv4 ?? "" }),
  onlyIpv6: (name) => ({ ipv6: truth(name)?.ipv6 ?? "" }),
  insideOnly: (name) => (name.startsWith("proxy.") ? truth(name) : null),
  outsideOnly: (name) => (name.startsWith("proxy.") ? null : truth(name)),
};

/** The question's name and type (RFC 1035 section 4.1.2), and where it ends. */
function readQuestion(message: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.subarray(at + 1, at + 1 + length).toString("latin1"));
    at += length + 1;
  }
  return { name: labels.join(".").toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

function reply(question: Buffer, end: number, code: number, data: Buffer | null): Buffer {
  const head = Buffer.alloc(12);
  question.copy(head, 0, 0, 2);
  // Response, recursion desired and available.
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data === null ? 0 : 1, 6);
  const record = Buffer.alloc(12);
  record.writeUInt16BE(0xc00c, 0);
  question.copy(record, 2, end - 4, end);
  record.writeUInt32BE(5, 6);
  record.writeUInt16BE(data?.length ?? 0, 10);
  const answer = data === null ? [] : [record, data];
  return Buffer.concat([head, question.subarray(12, end), ...answer]);
}

function answerTo(kind: DnsKind, question: Buffer): Buffer {
  const { name, type, end } = readQuestion(question);
  if (kind === "garbage") return randomBytes(40);
  if (kind in codes) {
    const code = Object.entries(codes).find(([each]) => each === kind)?.[1] ?? 0;
    return reply(question, end, code, null);
  }
  if (kind === "failsForIpv6" && type === types.ipv6)
    return reply(question, end, codes.servfail, null);
  const found = (zones[kind] ?? truth)(name);
  if (found === null) return reply(question, end, noSuchName, null);
  let text = "";
  if (type === types.ipv4) text = found.ipv4 ?? "";
  if (type === types.ipv6) text = found.ipv6 ?? "";
  const address = parseAddress(text);
  const answer = reply(question, end, 0, address && Buffer.from(bytesOfAddress(address)));
  if (kind === "foreign") answer.writeUInt16BE(question.readUInt16BE(0) ^ 0x5555, 0);
  // TC (RFC 1035 section 4.1.1).
  if (kind === "truncated") answer.writeUInt16BE(answer.readUInt16BE(2) | 0x0200, 2);
  return answer;
}

function passOn(question: Buffer, send: (answer: Buffer) => void): void {
  const socket = createSocket("udp4");
  socket.on("error", () => undefined);
  const timer = setTimeout(() => socket.close(), 5000);
  socket.on("message", (answer) => {
    clearTimeout(timer);
    socket.close();
    send(answer);
  });
  socket.send(question, Number(ownPort), ownAddress);
}

async function serve(): Promise<void> {
  const socket = createSocket({ type: "udp6" });
  socket.on("message", (question, { address, port: from }) => {
    const kind = kindNow();
    const send = (answer: Buffer) => socket.send(answer, from, address, () => undefined);
    if (kind === "right") passOn(question, send);
    else if (kind === "slow") setTimeout(() => send(answerTo(kind, question)), 1200);
    else send(answerTo(kind, question));
  });
  const overTcp = createServer((connection) => {
    connection.on("error", () => connection.destroy());
    let held = Buffer.alloc(0);
    connection.on("data", (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      const kind = kindNow();
      if (kind === "truncated" || held.length < 2 || held.length < 2 + held.readUInt16BE(0)) return;
      const send = (answer: Buffer) => {
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.length, 0);
        connection.write(Buffer.concat([length, answer]));
      };
      const question = held.subarray(2);
      held = Buffer.alloc(0);
      if (kind === "right") passOn(question, send);
      else send(answerTo(kind, question));
    });
  });
  const { port } = dnsFront;
  await new Promise<void>((resolve) =>
    socket.bind(port, () => overTcp.listen({ port, host: "::" }, () => resolve())),
  );
}

await serve();
process.stdout.write("the name server listens\n");
