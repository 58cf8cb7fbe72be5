import { fact } from "../../base/messages/facts.ts";
import type { Check } from "../check/check.ts";
import { failed, failedBy, ok, skipped } from "../check/findings.ts";
import type { Subject } from "../check/subject.ts";
import { gateway } from "./gateway.ts";

const allServers: Subject = { id: "dns:none", subject: "DNS servers", host: null };

/** Asks each DNS server by itself for the first name on the path. */
export const dns: Check = {
  id: "dns",
  needs: [gateway],
  role: "management",
  subjects({ facts }) {
    const servers = facts?.dns ?? [];
    if (servers.length === 0) return [allServers];
    return servers.map((host) => ({ id: `dns:${host}`, subject: `DNS server ${host}`, host }));
  },
  summary: () => allServers,
  async run(subject, path) {
    const name = path.nameToFind;
    if (!subject.host)
      return [
        name === null
          ? skipped(subject, fact("name-not-needed"))
          : failed(subject, "dns-no-server", fact("name-needed", { host: name })),
      ];
    const { surroundings } = path;
    const startedMs = surroundings.monotonicMs();
    const took = () => surroundings.monotonicMs() - startedMs;
    try {
      return [ok(subject, await path.askDns(subject.host), took())];
    } catch (error) {
      return [failedBy(subject, error, took())];
    }
  },
  /**
   * A server that is silent while another answers slows the appliance down, and one that is not
   * needed harms nothing: warnings.
   */
  conclude(findings, path) {
    const isEnough = path.nameToFind === null || findings.some(({ outcome }) => outcome === "ok");
    return isEnough
      ? findings.map((finding) =>
          finding.outcome === "failed" ? { ...finding, outcome: "warning" } : finding,
        )
      : findings;
  },
  isNeededFor: (_, path) => path.nameToFind !== null,
  because: () => fact("after-dns"),
  becauseSkipped: fact("after-dns-beyond"),
};
