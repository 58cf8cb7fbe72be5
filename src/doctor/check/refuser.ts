import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { fact } from "../../base/messages/facts.ts";
import type { Path } from "../path/path.ts";
import type { ServiceProbe } from "../path/service-probe.ts";
import { type Finding, withFacts } from "./findings.ts";

/** Errors that an ICMP error of a router or firewall may have caused. */
const refusals: readonly ErrorCode[] = [
  "connect-refused",
  "connect-unreachable",
  "proxy-unreachable",
];

/** Adds who refused the connection, where that was not the host itself. */
export async function withRefuser(
  found: Finding,
  path: Path,
  probe: ServiceProbe | undefined,
): Promise<Finding> {
  if (!probe || !refusals.some((code) => code === found.code)) return found;
  const refused = (found.facts ?? [])
    .concat(probe.stages.flatMap(({ facts }) => facts))
    .find(({ code }) => code === "connect-said");
  if (refused === undefined) return found;
  const { address, port } = refused.values;
  const router = await path.whoRefuses(String(address), Number(port));
  return router === null ? found : withFacts(found, [fact("refused-by", { router })]);
}
