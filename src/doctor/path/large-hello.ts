import type { HelloTo } from "../../transport/stages/hello.ts";
import type { PathStage } from "../../transport/stages/stages.ts";
import type { Path } from "./path.ts";
import { probeService, type ServiceProbe } from "./service-probe.ts";

export type LargeHelloFault = "path-mtu" | "tls-hello-large";

const stages: Readonly<Record<HelloTo, PathStage>> = {
  platform: "tls",
  proxy: "proxy-tls",
  pac: "pac",
};

/**
 * Why only a short ClientHello to `to` was answered: something cannot take a long one, or large
 * packets get lost on the way out (path MTU). The same long ClientHello in small segments tells them
 * apart. null where the long one was lost by chance: asked again, it is answered.
 */
export async function findLargeHelloFault(
  probes: readonly ServiceProbe[],
  { surroundings, signal }: Path,
  to: HelloTo,
): Promise<LargeHelloFault | null> {
  const found = probes.find((probe) => isClassicalOnly(probe, to));
  if (!found) return null;
  const [large, cut] = await Promise.all(
    (["large", "cut"] as const).map((hello) =>
      probeService(found.target, surroundings, signal, hello, to),
    ),
  );
  if (large && isAnswered(large, to)) return null;
  return cut && isAnswered(cut, to) ? "path-mtu" : "tls-hello-large";
}

/** Only a short ClientHello was answered in this stage. */
function isClassicalOnly(probe: ServiceProbe, to: HelloTo): boolean {
  if (to === "platform") return probe.tls?.classicalOnly === true;
  // A way that ends behind it has a fault of its own, which counts more. Asking anew would also
  // mean another log-in at the proxy.
  if (probe.error !== null) return false;
  return probe.stages.some(
    ({ stage, outcome, facts }) =>
      stage === stages[to] &&
      outcome === "ok" &&
      facts.some(({ code }) => code === "tls-classical-only"),
  );
}

/**
 * Whether the handshake was answered: by all of TLS, or by an alert where the server does not
 * accept what it offers.
 */
export function isAnswered(probe: ServiceProbe, to: HelloTo): boolean {
  const reached = probe.stages.findLast(({ stage }) => stage === stages[to]);
  if (reached === undefined) return false;
  const said = `${reached.detail} ${probe.error?.detail ?? ""}`;
  return reached.outcome === "ok" || /ALERT/.test(said);
}
