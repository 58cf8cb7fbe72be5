import type { Socket } from "node:net";
import { OutriderError } from "../../protocol/error.ts";
import type { Credentials } from "./authentication.ts";
import { readExactly } from "./read-exactly.ts";
import { connectRequest, greeting, passwordRequest, passwordVersion, replyAddressLength, replyFailure, socksMethods, socksVersion } from "./socks5-messages.ts";

/** Asks the SOCKS5 proxy (RFC 1928, RFC 1929) behind `socket` for a connection to a host. Gives what was agreed, in words. */
export async function openSocks5(
  socket: Socket,
  target: { host: string; port: number },
  credentials: Credentials | null,
  signal: AbortSignal,
): Promise<string> {
  const login = credentials && passwordRequest(credentials.user, credentials.password);
  if (credentials && !login)
    throw new OutriderError("proxy-credentials-unusable", { detail: "SOCKS5 takes a user name and a password of 1 to 255 bytes each" });
  const request = connectRequest(target.host, target.port);
  if (!request) throw new OutriderError("proxy-socks-unsupported", { detail: "the name to connect to is longer than 255 bytes" });

  socket.write(greeting(login !== null));
  const [version, method] = await readExactly(socket, 2, signal);
  if (version !== socksVersion) throw new OutriderError("proxy-protocol", { detail: notSocks(version) });
  const agreed = await logIn(socket, method, login, signal);

  socket.write(request);
  const [replyVersion, reply = 0, , type = 0] = await readExactly(socket, 4, signal);
  if (replyVersion !== socksVersion) throw new OutriderError("proxy-protocol", { detail: notSocks(replyVersion) });
  if (reply !== 0) {
    const { code, meaning } = replyFailure(reply);
    throw new OutriderError(code, { detail: `it answered: ${meaning}` });
  }
  // The address that the proxy connected from is of no use here, but stands before the tunnel's first byte.
  const length = replyAddressLength(type);
  if (length === null) throw new OutriderError("proxy-protocol", { detail: `an address of the unknown type ${type}` });
  await readExactly(socket, (length === "name" ? ((await readExactly(socket, 1, signal))[0] ?? 0) : length) + 2, signal);
  return agreed;
}

async function logIn(socket: Socket, method: number | undefined, login: Buffer | null, signal: AbortSignal): Promise<string> {
  switch (method) {
    case socksMethods.none:
      return "no login";
    case socksMethods.password: {
      if (!login) throw new OutriderError("proxy-authentication-required", { detail: "it chose user and password, which was not offered to it" });
      socket.write(login);
      const [version, status] = await readExactly(socket, 2, signal);
      // Some servers answer with SOCKS' version here instead of RFC 1929's own.
      if (version !== passwordVersion && version !== socksVersion)
        throw new OutriderError("proxy-protocol", { detail: "its answer to the login is malformed" });
      if (status !== 0) throw new OutriderError("proxy-authentication-failed", { detail: "it refused user and password" });
      return "user and password";
    }
    case socksMethods.noneAcceptable:
      if (!login) throw new OutriderError("proxy-authentication-required", { detail: "it does not take connections without a login" });
      throw new OutriderError("proxy-scheme-unsupported", { detail: "it takes neither no login nor user and password" });
    default:
      throw new OutriderError("proxy-protocol", { detail: `it chose the login method ${method ?? "none"}, which was not offered` });
  }
}

function notSocks(version: number | undefined): string {
  return version === 0x48 ? "it answers as an HTTP server, not as SOCKS5" : version === 0 ? "it speaks SOCKS4, not SOCKS5" : "it does not speak SOCKS5";
}
