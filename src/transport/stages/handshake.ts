import { isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { OutriderError } from "../../base/messages/error.ts";
import { fact, quoted } from "../../base/messages/facts.ts";
import { abortReason, errorText, systemErrorCode } from "../wire/time-limit.ts";
import { cutSocket } from "./cut-socket.ts";
import { isQuestion } from "./hello.ts";
import { contextFor, type Trust } from "./trust.ts";

/**
 * A TLS handshake without any check of the certificate. Rejects with tls-not-tls, tls-failed, or the
 * signal's reason; the socket is closed then.
 */
export function shakeHands(
  socket: Socket,
  host: string,
  trust: Trust,
  signal: AbortSignal,
): Promise<TLSSocket> {
  signal.throwIfAborted();
  const hello = trust.hello ?? "usual";
  return new Promise((resolve, reject) => {
    const secured = connectTls({
      socket: hello === "cut" ? cutSocket(socket) : socket,
      // RFC 6066 section 3: an address is no server name, and a name has no dot at its end.
      ...(isIP(host) === 0 ? { servername: host.replace(/\.$/, "") } : {}),
      // Without a server name Node would compare the certificate with "localhost". The caller
      // compares it with `host`.
      checkServerIdentity: () => undefined,
      secureContext: contextFor(trust),
      ALPNProtocols: [isQuestion(hello) ? "outrider-nothing" : "http/1.1"],
      rejectUnauthorized: false,
    });
    const finish = () => {
      secured.off("error", onError);
      secured.off("close", onClose);
      signal.removeEventListener("abort", onAbort);
    };
    const fail = (error: Error) => {
      finish();
      secured.on("error", () => undefined);
      secured.destroy();
      socket.destroy();
      reject(error);
    };
    const onAbort = () => fail(abortReason(signal));
    const onError = (error: unknown) => fail(handshakeFailure(error));
    const onClose = () => fail(new OutriderError("tls-failed", { detail: fact("tls-closed") }));
    signal.addEventListener("abort", onAbort, { once: true });
    secured.once("error", onError);
    secured.once("close", onClose);
    secured.once("secureConnect", () => {
      finish();
      resolve(secured);
    });
  });
}

/** OpenSSL's errors that say what the other side lacks. */
const oldFacts: Readonly<Record<string, "tls-cut" | "tls-old-renegotiation" | "tls-old-protocol">> =
  {
    ECONNRESET: "tls-cut",
    ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED: "tls-old-renegotiation",
    ERR_SSL_UNSUPPORTED_PROTOCOL: "tls-old-protocol",
    ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: "tls-old-protocol",
  };

function handshakeFailure(error: unknown): OutriderError {
  const code = systemErrorCode(error);
  const notTls = [
    "ERR_SSL_WRONG_VERSION_NUMBER",
    "ERR_SSL_HTTP_REQUEST",
    "ERR_SSL_PACKET_LENGTH_TOO_LONG",
    "ERR_SSL_UNKNOWN_PROTOCOL",
    "EPROTO",
  ];
  const old = oldFacts[code];
  const detail = old === undefined ? quoted(code || errorText(error)) : fact(old);
  return new OutriderError(notTls.includes(code) ? "tls-not-tls" : "tls-failed", {
    detail,
    cause: error,
  });
}
