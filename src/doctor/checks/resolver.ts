import { fact } from "../../base/messages/facts.ts";
import type { Check } from "../check/check.ts";
import { factsOf, failed } from "../check/findings.ts";
import type { Subject } from "../check/subject.ts";
import { dns } from "./dns.ts";
import { gateway } from "./gateway.ts";

const own: Subject = { id: "resolver", subject: "name resolution" };

/**
 * Whether the name that a DNS server knows is found as the agent asks for it, by systemd-resolved,
 * which keeps to one server and does not ask for every form of name. Listed only where the two
 * disagree: a name that neither finds is reported by the probes of the services.
 */
export const resolver: Check = {
  id: "resolver",
  needs: [gateway, dns],
  role: "management",
  hiddenWhenSkipped: true,
  subjects: () => [own],
  async run(subject, path) {
    const known = await path.knownName();
    if (known === null) return [];
    const { surroundings, signal } = path;
    const startedMs = surroundings.monotonicMs();
    try {
      await surroundings.resolve(known.host, signal);
      return [];
    } catch (error) {
      const differs = fact("resolver-differs", known);
      const tookMs = surroundings.monotonicMs() - startedMs;
      return [failed(subject, "dns-differs", [differs, ...factsOf(error)], tookMs)];
    }
  },
  isNeededFor: (_, path) => path.nameToFind !== null,
  because: () => fact("after-resolver"),
};
