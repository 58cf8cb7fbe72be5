import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { probeService, type ServiceProbe } from "./service-probe.ts";
import type { ServiceTarget } from "./service-targets.ts";
import type { Surroundings } from "./surroundings.ts";

const refusals: readonly ErrorCode[] = [
  "proxy-authentication-required",
  "proxy-authentication-failed",
  "proxy-account-locked",
  "proxy-password-expired",
];

/**
 * Probes all services at once. Where a proxy user is set, one service goes first: five attempts
 * with a wrong password would bring the account five steps nearer to being locked. If the proxy
 * refuses that one, the others are left out.
 */
export async function probeServices(
  targets: readonly ServiceTarget[],
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<ServiceProbe[]> {
  const { proxy } = surroundings.configuration;
  const probeAll = (wanted: readonly ServiceTarget[]) =>
    Promise.all(wanted.map((target) => probeService(target, surroundings, signal)));
  const [first, ...others] = targets;
  if (proxy.kind === "none" || proxy.user === "" || !first)
    return probeSilentAgain(await probeAll(targets), surroundings, signal);
  const probe = await probeService(first, surroundings, signal);
  if (probe.error !== null && refusals.includes(probe.error.code)) return [probe];
  return [probe, ...(await probeAll(others))];
}

/**
 * Routers limit the ICMP errors that they send (RFC 1812 section 4.3.2.8; Linux sends six at once
 * and then one a second to each address), and five probes beside the agent's own calls are more
 * than that. So silence beside a rejection may be a rejection that was not sent: the silent ones
 * are probed once more.
 */
async function probeSilentAgain(
  probes: readonly ServiceProbe[],
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<ServiceProbe[]> {
  const isRejected = probes.some(
    ({ error }) => error?.code === "connect-refused" || error?.code === "connect-unreachable",
  );
  if (!isRejected) return [...probes];
  return Promise.all(
    probes.map((probe) =>
      probe.error?.code === "connect-silent"
        ? probeService(probe.target, surroundings, signal)
        : probe,
    ),
  );
}
