import { fact } from "../../base/messages/facts.ts";
import type { Check } from "../check/check.ts";
import { failed, failedBy, ok } from "../check/findings.ts";
import { address } from "./address.ts";

/** Whether the gateway answers on the link itself (ARP): many do not answer to ping. */
export const gateway: Check = {
  id: "gateway",
  needs: [address],
  role: "management",
  subjects({ role, facts }) {
    const own = facts?.gateway ?? null;
    return [{ id: `gateway:${role}`, subject: own === null ? "gateway" : `gateway ${own}` }];
  },
  summary: ({ role }) => ({ id: `gateway:${role}`, subject: "gateway" }),
  async run(subject, { requiredFacts, surroundings, signal }) {
    const { name: device, gateway } = requiredFacts;
    if (gateway === null) return [failed(subject, "no-route", fact("no-gateway-on", { device }))];
    const startedMs = surroundings.monotonicMs();
    const took = () => surroundings.monotonicMs() - startedMs;
    try {
      const place = { address: gateway, device };
      return [
        (await surroundings.neighbourAnswers(device, gateway, signal))
          ? ok(subject, fact("gateway-answers", place), took())
          : failed(subject, "gateway-silent", fact("gateway-asked", place), took()),
      ];
    } catch (error) {
      return [failedBy(subject, error, took())];
    }
  },
  isNeededFor({ host }, path) {
    const next = host === undefined ? path.firstHost : host;
    return next !== null && path.isBeyondGateway(next);
  },
  because: ({ host }) => fact(host ? "after-gateway-beyond" : "after-gateway"),
};
