import type { Socket } from "node:net";
import { damaged } from "../../base/credential.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import { readExactly } from "../wire/read-exactly.ts";
import type { SocksCredentials } from "./options.ts";
import {
  connectRequest,
  greeting,
  passwordRequest,
  passwordVersion,
  replyAddressLength,
  replyFailure,
  socksMethods,
  socksVersion,
} from "./socks5-messages.ts";

const portBytes = 2;

export type SocksLogin = "none" | "password";

/**
 * Asks the SOCKS5 proxy behind `socket` for a connection to a host (RFC 1928; login by RFC 1929).
 * Returns the login that was agreed on; the socket is then the tunnel. Rejects with a proxy-*
 * error.
 */
export async function openSocks5(
  socket: Socket,
  target: { host: string; port: number; authority: string },
  credentials: SocksCredentials,
  signal: AbortSignal,
): Promise<SocksLogin> {
  if (credentials === damaged) throw new OutriderError("proxy-password-damaged");
  const isWithheld = credentials === "withheld";
  const said = isWithheld ? null : credentials;
  const login = said && passwordRequest(said.user, said.password);
  if (said && !login)
    throw new OutriderError("proxy-credentials-unusable", {
      detail: fact("socks-credentials-long"),
    });
  const request = connectRequest(target.host, target.port);
  if (!request)
    throw new OutriderError("proxy-socks-unsupported", { detail: fact("socks-name-long") });

  socket.write(greeting(login !== null));
  const [version, method] = await readExactly(socket, 2, signal);
  if (version !== socksVersion)
    throw new OutriderError("proxy-protocol", { detail: notSocks(version) });
  if (isWithheld && (method === socksMethods.password || method === socksMethods.noneAcceptable))
    throw new OutriderError("proxy-scheme-unsupported", { detail: fact("socks-login-withheld") });
  const agreed = await logIn(socket, method, login, signal);

  socket.write(request);
  const [replyVersion, reply = 0, , type = 0] = await readExactly(socket, 4, signal);
  if (replyVersion !== socksVersion)
    throw new OutriderError("proxy-protocol", { detail: notSocks(replyVersion) });
  if (reply !== 0) {
    const [code, meaning] = replyFailure(reply);
    throw new OutriderError(code, { detail: fact(meaning, { host: target.authority, reply }) });
  }
  // RFC 1928 section 6: the bound address is not used here, but stands before the first byte of the
  // tunnel.
  const length = replyAddressLength(type);
  if (length === null)
    throw new OutriderError("proxy-protocol", { detail: fact("socks-address-type", { type }) });
  const [nameLength = 0] = length === "name" ? await readExactly(socket, 1, signal) : [];
  await readExactly(socket, (length === "name" ? nameLength : length) + portBytes, signal);
  return agreed;
}

async function logIn(
  socket: Socket,
  method: number | undefined,
  login: Buffer | null,
  signal: AbortSignal,
): Promise<SocksLogin> {
  switch (method) {
    case socksMethods.none:
      return "none";
    case socksMethods.password: {
      if (!login)
        throw new OutriderError("proxy-authentication-required", {
          detail: fact("socks-login-unoffered"),
        });
      socket.write(login);
      const [version, status] = await readExactly(socket, 2, signal);
      // RFC 1929 section 2 wants version 1 here; some servers send the SOCKS version.
      if (version !== passwordVersion && version !== socksVersion)
        throw new OutriderError("proxy-protocol", { detail: fact("socks-login-malformed") });
      if (status !== 0)
        throw new OutriderError("proxy-authentication-failed", {
          detail: fact("socks-login-refused"),
        });
      return "password";
    }
    case socksMethods.noneAcceptable:
      if (!login)
        throw new OutriderError("proxy-authentication-required", {
          detail: fact("socks-login-wanted"),
        });
      throw new OutriderError("proxy-scheme-unsupported", { detail: fact("socks-login-other") });
    default:
      throw new OutriderError("proxy-protocol", {
        detail:
          method === undefined
            ? fact("socks-method-none")
            : fact("socks-method-unoffered", { method }),
      });
  }
}

function notSocks(version: number | undefined): Fact {
  // "H" of HTTP/1.1. A SOCKS4 reply begins with 0.
  if (version === 0x48) return fact("socks-is-http");
  return fact(version === 0 ? "socks-is-4" : "socks-is-not");
}
