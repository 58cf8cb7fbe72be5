import { fact } from "../../base/messages/facts.ts";
import type { InterfaceFacts } from "../../network/live-model.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import { failed, failedBy, ok } from "../outcome.ts";
import { checkOf, type Role } from "../role.ts";
import type { Surroundings } from "../surroundings.ts";

/** Whether the gateway answers on the link itself (ARP): many do not answer to ping. */
export async function checkGateway(
  role: Role,
  facts: InterfaceFacts,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<CheckResult> {
  const { gateway } = facts;
  if (gateway === null)
    return failed(
      checkOf("gateway", role),
      "no-route",
      fact("no-gateway-on", { device: facts.name }),
    );
  const check = checkOf("gateway", role, `gateway ${gateway}`);
  const startedMs = surroundings.monotonicMs();
  const took = () => surroundings.monotonicMs() - startedMs;
  try {
    const answers = await surroundings.neighbourAnswers(facts.name, gateway, signal);
    const place = { address: gateway, device: facts.name };
    return answers
      ? ok(check, fact("gateway-answers", place), took())
      : failed(check, "gateway-silent", fact("gateway-asked", place), took());
  } catch (error) {
    return failedBy(check, error, took());
  }
}
