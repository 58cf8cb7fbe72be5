import { isLinkLocal, withoutZone } from "../../base/addresses/neighbours.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { RouteTaken, Sender } from "../path/own-machine.ts";
import { ask } from "./program.ts";
import { validators } from "./validators.ts";

const limitMs = 2000;

/** The IPv6 addresses that duplicate address detection found to be another's (RFC 4862 5.4). */
export async function readDuplicates6(device: string): Promise<string[]> {
  const answer = await askIp(["-6", "address", "show", "dev", device]);
  const parsed = validators.AddressAnswer(answer);
  if (!parsed.valid) return [];
  return parsed.value
    .flatMap(({ addr_info }) => addr_info ?? [])
    .flatMap(({ local, dadfailed }) => (dadfailed && local !== undefined ? [local] : []));
}

export async function readNeighbourMac(device: string, address: string): Promise<string | null> {
  const answer = await askIp(["neighbour", "show", withoutZone(address), "dev", device]);
  const parsed = validators.NeighbourAnswer(answer);
  return (parsed.valid ? parsed.value[0]?.lladdr : undefined)?.toLowerCase() ?? null;
}

export async function readNeighbours(device: string): Promise<string[]> {
  const parsed = validators.NeighbourAnswer(await askIp(["neighbour", "show", "dev", device]));
  if (!parsed.valid) return [];
  return parsed.value.flatMap(({ dst, lladdr }) =>
    dst === undefined || lladdr === undefined ? [] : [isLinkLocal(dst) ? `${dst}%${device}` : dst],
  );
}

/**
 * The route that the kernel takes for that user's packets. ip-route(8) ends with 2 when there is
 * none, or a rule forbids it.
 */
export async function findRoute(
  address: string,
  { user, mark }: Sender,
): Promise<RouteTaken | null> {
  const [bare = "", zone] = address.split("%", 2);
  const answer = await askIp([
    "route",
    "get",
    bare,
    ...(zone === undefined ? [] : ["oif", zone]),
    "uid",
    String(user),
    ...(mark === undefined ? [] : ["mark", `0x${mark.toString(16)}`]),
  ]);
  const parsed = validators.RouteAnswer(answer);
  const route = parsed.valid ? parsed.value[0] : undefined;
  if (route?.dev === undefined || isRefusal(route.type)) return null;
  return {
    device: route.dev,
    source: route.prefsrc ?? null,
    gateway: route.gateway ?? route.via?.host ?? null,
  };
}

function isRefusal(type: string | undefined): boolean {
  return type !== undefined && ["unreachable", "prohibit", "blackhole", "throw"].includes(type);
}

/** ip(8): the kernel reported an error, as that there is no route. */
const kernelRefused = 2;

/** null where the kernel refuses. Rejects with OutriderError "system-failed" where ip itself fails. */
async function askIp(args: readonly string[]): Promise<unknown> {
  const { stdout, stderr, exitCode } = await ask("ip", ["-json", ...args], { limitMs });
  if (exitCode !== 0 && exitCode !== kernelRefused)
    throw new OutriderError("system-failed", {
      detail: fact("program-said", {
        program: "ip",
        said: stderr.trim().slice(0, 300) || String(exitCode),
      }),
    });
  if (exitCode !== 0 || stdout.trim() === "") return null;
  try {
    return JSON.parse(stdout);
  } catch {
    return null;
  }
}
