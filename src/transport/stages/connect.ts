import { connect as connectSocket, isIPv6, type Socket } from "node:net";
import { OutriderError } from "../../base/messages/error.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import { abortReason, errorText, systemErrorCode } from "../wire/time-limit.ts";
import { type OwnFamilies, ownFamilies } from "./own-families.ts";
import { hasRoute } from "./own-route.ts";
import { type SilentHop, silentHop } from "./silent-hop.ts";

/** RFC 8305 section 8 recommends 250 ms between attempts. */
const attemptDelayMs = 250;
const keepAliveMs = 30_000;

/** RFC 8305 section 4: alternate the address families, starting with that of the first address. */
export function inTurns(addresses: readonly string[]): string[] {
  const first = isIPv6(addresses[0] ?? "");
  const own = addresses.filter((address) => isIPv6(address) === first);
  const other = addresses.filter((address) => isIPv6(address) !== first);
  return Array.from({ length: Math.max(own.length, other.length) }, (_, index) => [
    own[index],
    other[index],
  ])
    .flat()
    .filter((address) => address !== undefined);
}

export interface Connected {
  socket: Socket;
  address: string;
  /** The addresses that had failed, or had not answered yet, when this one accepted. */
  passedOver: string[];
}

/**
 * Connects to the first address that accepts (RFC 8305 section 5: stagger the attempts). Rejects
 * with a connect-* or no-route error, or with the signal's reason.
 */
export function connectToAny(
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
  findSilentHop: (address: string) => Promise<SilentHop | null> = silentHop,
): Promise<Connected> {
  signal.throwIfAborted();
  const waiting = inTurns(addresses);
  const tried: string[] = [];
  const open = new Set<Socket>();
  const failures: { address: string; error: unknown }[] = [];
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      for (const socket of open) socket.destroy();
    };
    const stop = () => {
      finish();
      reject(abortReason(signal));
    };
    const tryNext = () => {
      clearTimeout(timer);
      const address = waiting.shift();
      if (address === undefined) {
        if (open.size > 0) return;
        finish();
        connectFailure(failures, port, ownFamilies(), findSilentHop).then(reject, reject);
        return;
      }
      tried.push(address);
      if (waiting.length > 0) timer = setTimeout(tryNext, attemptDelayMs);
      const socket = connectSocket({ host: address, port, noDelay: true });
      open.add(socket);
      const failed = (error: unknown) => {
        open.delete(socket);
        socket.destroy();
        failures.push({ address, error });
        tryNext();
      };
      socket.once("error", failed);
      socket.once("connect", () => {
        socket.removeListener("error", failed);
        open.delete(socket);
        finish();
        // Keep-alive keeps the state of firewalls and address translators, and finds a peer that is
        // gone.
        socket.setKeepAlive(true, keepAliveMs);
        resolve({ socket, address, passedOver: tried.slice(0, tried.indexOf(address)) });
      });
    };
    signal.addEventListener("abort", stop, { once: true });
    tryNext();
  });
}

/** Names the addresses that were tried first in vain, where that can surprise an operator. */
export function connectedFact(
  { address, passedOver }: Pick<Connected, "address" | "passedOver">,
  port: number,
  own: OwnFamilies = ownFamilies(),
): Fact {
  // That an address of a family without any own address fails surprises nobody.
  const passed = passedOver.filter((each) => own.has(each)).join(", ");
  return passed === ""
    ? fact("connected", { address, port })
    : fact("connected-past", { address, port, passed });
}

interface Failure {
  address: string;
  error: unknown;
}

/**
 * One code for the failures of all addresses: the most specific one. Addresses of a family that
 * this machine does not have explain only a failure where there are no others.
 */
export async function connectFailure(
  all: readonly Failure[],
  port: number,
  own: OwnFamilies = ownFamilies(),
  findSilentHop: (address: string) => Promise<SilentHop | null> = silentHop,
): Promise<OutriderError> {
  const reachable = all.filter(({ address }) => own.has(address));
  if (reachable.length === 0 && all.length > 0 && own.any)
    return new OutriderError("family-missing", {
      detail: all.map(({ address }) =>
        fact(isIPv6(address) ? "address-is-ipv6" : "address-is-ipv4", { address }),
      ),
      cause: all[0]?.error,
    });
  const failures = reachable.length > 0 ? reachable : all;
  const facts = failures.map(({ address, error }) =>
    fact("connect-said", { address, port, said: systemErrorCode(error) || errorText(error) }),
  );
  const codes = await Promise.all(
    failures.map(async ({ address, error }) => {
      const code = codeOf(error);
      // The guards of this appliance answer EPERM. Where it has a route, a router on the way had none
      // (ICMP "network unreachable", RFC 792), or a firewall prohibits by ICMPv6 (RFC 4443 section
      // 3.1: codes 1, 5 and 6): Linux gives the same errors for both (icmp_err_convert, tab_unreach).
      if (code !== "no-route" || systemErrorCode(error) === "EPERM") return code;
      return (await hasRoute(address)) ? "connect-unreachable" : code;
    }),
  );
  const code =
    (
      [
        "connect-refused",
        "connect-reset",
        "connect-unreachable",
        "connect-silent",
        "no-route",
      ] as const
    ).find((each) => codes.includes(each)) ?? "connect-silent";
  const silent =
    code === "connect-unreachable"
      ? await silentHops(
          failures.filter((_, index) => codes[index] === code),
          findSilentHop,
        )
      : [];
  const [hop] = silent;
  if (hop)
    return new OutriderError(hop.isDestination ? "neighbour-silent" : "gateway-silent", {
      detail: [
        ...facts,
        ...silent.map(({ address, device }) => fact("neighbour-asked", { address, device })),
      ],
      cause: failures[0]?.error,
    });
  return new OutriderError(code, {
    detail: facts.length === 0 ? fact("connect-no-address") : facts,
    cause: failures[0]?.error,
  });
}

/**
 * The first hops that did not answer, where nothing beyond one has: empty when a router said that
 * an address cannot be reached.
 */
async function silentHops(
  failures: readonly Failure[],
  findSilentHop: (address: string) => Promise<SilentHop | null>,
): Promise<SilentHop[]> {
  const hops = await Promise.all(
    failures.map(({ address, error }) =>
      systemErrorCode(error) === "EHOSTUNREACH"
        ? // Without the kernel's word the failure keeps its own code.
          findSilentHop(address).catch(() => null)
        : null,
    ),
  );
  const silent = hops.filter((hop) => hop !== null);
  return silent.length === hops.length ? silent : [];
}

function codeOf(error: unknown): ErrorCode {
  switch (systemErrorCode(error)) {
    case "ECONNREFUSED":
      return "connect-refused";
    case "ECONNRESET":
    case "EPIPE":
      return "connect-reset";
    // ICMP from a router (RFC 1812 section 5.2.7.1), or a first hop that does not answer on the link.
    case "EHOSTUNREACH":
      return "connect-unreachable";
    case "ENETUNREACH":
    case "EADDRNOTAVAIL":
    case "EACCES":
    case "EPERM":
      return "no-route";
    default:
      return "connect-silent";
  }
}
