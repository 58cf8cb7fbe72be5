import type { InterfaceFacts } from "../../network/live-model.ts";
import { failed, failedBy, ok } from "../outcome.ts";
import type { RungResult } from "../result.ts";
import { type Role, rungOf } from "../role.ts";
import type { Surroundings } from "../surroundings.ts";

/** Whether the gateway answers on the link itself (ARP): many do not answer to ping. */
export async function checkGateway(role: Role, facts: InterfaceFacts, surroundings: Surroundings, signal: AbortSignal): Promise<RungResult> {
  const { gateway } = facts;
  if (gateway === null) return failed(rungOf("gateway", role), "no-route", `${facts.name} has no default gateway`);
  const rung = rungOf("gateway", role, `gateway ${gateway}`);
  const startedMs = surroundings.monotonicMs();
  const took = () => surroundings.monotonicMs() - startedMs;
  try {
    const answers = await surroundings.neighbourAnswers(facts.name, gateway, signal);
    return answers ? ok(rung, `${gateway} answers on ${facts.name}`, took()) : failed(rung, "gateway-silent", `${gateway} on ${facts.name}`, took());
  } catch (error) {
    return failedBy(rung, error, took());
  }
}
