import { isIPv4, isIPv6, SocketAddress } from "node:net";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import type { FactCode } from "../../base/messages/facts.ts";

/** RFC 1928 section 3: the methods to log in. */
export const socksMethods = { none: 0x00, password: 0x02, noneAcceptable: 0xff } as const;
export const socksVersion = 5;
/** RFC 1929 has a version of its own. */
export const passwordVersion = 1;

export function greeting(withPassword: boolean): Buffer {
  return Buffer.from(
    withPassword
      ? [socksVersion, 2, socksMethods.none, socksMethods.password]
      : [socksVersion, 1, socksMethods.none],
  );
}

const longestText = 255;

/** RFC 1929 section 2; null when user or password do not fit (1 to 255 bytes each). */
export function passwordRequest(user: string, password: string): Buffer | null {
  const [name, secret] = [Buffer.from(user, "utf8"), Buffer.from(password, "utf8")];
  if ([name, secret].some(({ length }) => length === 0 || length > longestText)) return null;
  return Buffer.concat([
    Buffer.from([passwordVersion, name.length]),
    name,
    Buffer.from([secret.length]),
    secret,
  ]);
}

/**
 * CONNECT (RFC 1928 section 4). A name goes as it is: the proxy resolves it. Null when it is longer
 * than the form can say.
 */
export function connectRequest(host: string, port: number): Buffer | null {
  const address = addressBytes(host);
  if (!address) return null;
  const end = Buffer.alloc(2);
  end.writeUInt16BE(port);
  return Buffer.concat([Buffer.from([socksVersion, 1, 0]), address, end]);
}

function addressBytes(host: string): Buffer | null {
  if (isIPv4(host)) return Buffer.from([1, ...host.split(".").map(Number)]);
  if (isIPv6(host)) return Buffer.concat([Buffer.from([4]), version6Bytes(host)]);
  const name = Buffer.from(host, "latin1");
  return name.length === 0 || name.length > longestText
    ? null
    : Buffer.concat([Buffer.from([3, name.length]), name]);
}

function version6Bytes(host: string): Buffer {
  // The canonical form has no embedded IPv4 form but for mapped addresses, and no zone.
  const { address } = new SocketAddress({ address: host.split("%", 1)[0] ?? host, family: "ipv6" });
  const plain = address.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_, a: string, b: string, c: string, d: string) =>
      [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)]
        .map((group) => group.toString(16))
        .join(":"),
  );
  const [before = "", after] = plain.split("::");
  const groups = (text: string) =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const [head, tail] = [groups(before), groups(after ?? "")];
  const bytes = Buffer.alloc(16);
  for (const [index, group] of [
    ...head,
    ...Array<number>(8 - head.length - tail.length).fill(0),
    ...tail,
  ].entries())
    bytes.writeUInt16BE(group, index * 2);
  return bytes;
}

/**
 * How many bytes the address of a reply has after its type; "name" when the next byte says so; null
 * for a type that is none.
 */
export function replyAddressLength(type: number): number | "name" | null {
  return type === 1 ? 4 : type === 4 ? 16 : type === 3 ? "name" : null;
}

/** RFC 1928 section 6, from 1 on. */
const replies = [
  ["proxy-target-unreachable", "socks-failure"],
  ["proxy-denied", "socks-not-allowed"],
  ["proxy-target-unreachable", "socks-network"],
  ["proxy-target-unreachable", "socks-host"],
  ["proxy-target-unreachable", "socks-refused"],
  ["proxy-target-unreachable", "socks-expired"],
  ["proxy-socks-unsupported", "socks-command"],
  ["proxy-socks-unsupported", "socks-address"],
] as const satisfies readonly (readonly [ErrorCode, FactCode])[];
const strangeReply = ["proxy-protocol", "socks-unknown"] as const;

/** What a reply other than 0 means: a fault, and what is told of it. */
export function replyFailure(reply: number): (typeof replies)[number] | typeof strangeReply {
  return replies[reply - 1] ?? strangeReply;
}
