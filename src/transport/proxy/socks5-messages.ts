import { isIPv6 } from "node:net";
import { bytesOfAddress, parseAddress } from "../../base/addresses/address.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import type { FactCode } from "../../base/messages/facts.ts";

/** RFC 1928 section 3: the authentication methods. */
export const socksMethods = { none: 0x00, password: 0x02, noneAcceptable: 0xff } as const;
export const socksVersion = 5;
/** RFC 1929 section 2: the version of the subnegotiation. */
export const passwordVersion = 1;

/** RFC 1928 section 3: version and offered methods. */
export function greeting(withPassword: boolean): Buffer {
  return Buffer.from(
    withPassword
      ? [socksVersion, 2, socksMethods.none, socksMethods.password]
      : [socksVersion, 1, socksMethods.none],
  );
}

const longestText = 255;

/**
 * RFC 1929 section 2: user name and password. Null when one of them does not fit (1 to 255 bytes
 * each).
 */
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
 * RFC 1928 section 4: the CONNECT request. A name is sent as it is, and the proxy resolves it. Null
 * when the name is longer than 255 bytes.
 */
export function connectRequest(host: string, port: number): Buffer | null {
  const address = addressBytes(host);
  if (!address) return null;
  const end = Buffer.alloc(2);
  end.writeUInt16BE(port);
  return Buffer.concat([Buffer.from([socksVersion, 1, 0]), address, end]);
}

function addressBytes(host: string): Buffer | null {
  // A zone names an interface of this appliance: the proxy cannot use it.
  const address = parseAddress(isIPv6(host) ? host.replace(/%.*$/, "") : host);
  if (address !== null)
    return Buffer.from([address.family === 4 ? 1 : 4, ...bytesOfAddress(address)]);
  const name = Buffer.from(host, "latin1");
  return name.length === 0 || name.length > longestText
    ? null
    : Buffer.concat([Buffer.from([3, name.length]), name]);
}

/**
 * RFC 1928 section 6: the length of the bound address after its type (ATYP) in bytes; "name" when
 * the next byte gives it; null for an unknown type.
 */
export function replyAddressLength(type: number): number | "name" | null {
  switch (type) {
    case 1:
      return 4;
    case 3:
      return "name";
    case 4:
      return 16;
    default:
      return null;
  }
}

/** RFC 1928 section 6: the replies (REP), from 1. */
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

/** The error code and the fact for a reply other than 0. */
export function replyFailure(reply: number): (typeof replies)[number] | typeof strangeReply {
  return replies[reply - 1] ?? strangeReply;
}
