import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type Server } from "node:net";
import { OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact, quoted } from "../../base/messages/facts.ts";
import { abortReason, errorText } from "../wire/time-limit.ts";
import type { NegotiateToken } from "./negotiate.ts";

export interface GssClientOptions {
  /** gss-client of MIT Kerberos: /usr/bin/gss-client in Debian's krb5-gss-samples. */
  program: string;
  /**
   * KRB5_CLIENT_KTNAME, KRB5CCNAME and KRB5_CONFIG: the places of keys and tickets, which this
   * process never reads.
   */
  environment: Readonly<Record<string, string>>;
}

/**
 * The largest token: a ticket with group data. Windows' own bound is 48,000 bytes (MaxTokenSize).
 */
const longestTokenBytes = 64 * 1024;
/** gss-client's frames: one byte of flags, four of length. The first frame is empty. */
const frameHeaderBytes = 5;
const longestOutput = 4096;

/**
 * Makes SPNEGO tokens with MIT Kerberos' sample client, the smallest program in Debian that can: it
 * needs no compiler and no interpreter. It sends its token to a server over TCP. Here that server
 * is a loopback port that takes one connection, reads the first token (the only one, since the
 * proxy is not asked to prove itself) and hangs up.
 */
export function gssClientToken({ program, environment }: GssClientOptions): NegotiateToken {
  return (servicePrincipal, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const server = createServer();
      server.maxConnections = 1;
      let child: ChildProcess | undefined;
      let output = "";
      const finish = (settle: () => void) => {
        signal.removeEventListener("abort", onAbort);
        child?.kill("SIGKILL");
        server.close();
        settle();
      };
      const fail = (detail: Fact) =>
        finish(() => reject(new OutriderError("proxy-helper-failed", { detail })));
      const onAbort = () => finish(() => reject(abortReason(signal)));
      signal.addEventListener("abort", onAbort, { once: true });
      server.once("error", (error) => fail(quoted(errorText(error))));
      takeToken(server, (token) => finish(() => resolve(token.toString("base64"))), fail);
      server.listen(0, "127.0.0.1", () => {
        if (signal.aborted) return;
        child = spawn(
          program,
          [
            "-port",
            portOf(server),
            "-spnego",
            "-nomutual",
            "127.0.0.1",
            servicePrincipal.replace("/", "@"),
            "",
          ],
          {
            env: { PATH: "/usr/bin:/bin", LC_ALL: "C", ...environment },
            stdio: ["ignore", "pipe", "pipe"],
          },
        );
        for (const stream of [child.stdout, child.stderr])
          stream?.on("data", (chunk: Buffer) => {
            output = (output + chunk.toString("latin1")).slice(-longestOutput);
          });
        child.once("error", (error) => fail(quoted(errorText(error))));
        child.once("close", (code, killedBy) =>
          fail(
            faultIn(output) === ""
              ? fact("kerberos-ended", { code: String(killedBy ?? code) })
              : quoted(faultIn(output)),
          ),
        );
      });
    });
}

function takeToken(
  server: Server,
  done: (token: Buffer) => void,
  fail: (detail: Fact) => void,
): void {
  server.once("connection", (socket) => {
    let received = Buffer.alloc(0);
    const stop = () => {
      socket.off("data", onData);
      socket.destroy();
    };
    const onData = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= frameHeaderBytes) {
        const length = received.readUInt32BE(1);
        if (length > longestTokenBytes) {
          stop();
          fail(fact("kerberos-token-long"));
          return;
        }
        const end = frameHeaderBytes + length;
        if (received.length < end) return;
        if (length > 0) {
          stop();
          done(received.subarray(frameHeaderBytes, end));
          return;
        }
        received = received.subarray(end);
      }
    };
    socket.on("error", stop);
    socket.on("data", onData);
  });
}

/**
 * The error that gss-client printed: the general one and then the mechanism's, as `GSS-API error
 * initializing context: Server not found in ...`.
 */
function faultIn(output: string): string {
  const faults = output
    .split("\n")
    .flatMap((line) => /^GSS-API error [^:]*: (.+)$/.exec(line.trim())?.[1] ?? []);
  const said = faults.length > 0 ? faults.join(": ") : (output.trim().split("\n").at(-1) ?? "");
  return said.replace(/[^\x20-\x7e]/g, "?").slice(0, 300);
}

function portOf(server: Server): string {
  const address = server.address();
  return address !== null && typeof address === "object" ? String(address.port) : "0";
}
