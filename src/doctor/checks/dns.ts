import { contains, parsePrefix } from "../../base/addresses/prefix.ts";
import { fact } from "../../base/messages/facts.ts";
import type { Check } from "../check/check.ts";
import { type Finding, failed, failedBy, ok, skipped, withFacts } from "../check/findings.ts";
import type { Subject } from "../check/subject.ts";
import type { Path } from "../path/path.ts";
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
  conclude(findings, path) {
    return compared(relaxed(findings, path));
  },
  isNeededFor: (_, path) => path.nameToFind !== null,
  because: () => fact("after-dns"),
  becauseSkipped: fact("after-dns-beyond"),
};

/**
 * A server that is silent while another answers slows the appliance down, and one that is not
 * needed harms nothing: warnings.
 */
function relaxed(findings: readonly Finding[], path: Path): readonly Finding[] {
  const isEnough = path.nameToFind === null || findings.some(({ outcome }) => outcome === "ok");
  return isEnough
    ? findings.map((finding) =>
        finding.outcome === "failed" ? { ...finding, outcome: "warning" } : finding,
      )
    : findings;
}

/**
 * One server that knows the name beside one that does not, or that has a private address for it
 * where another has a public one: the appliance keeps to one of them, and not always to the same.
 * Other differences are usual, as names of large services have many addresses.
 */
function compared(findings: readonly Finding[]): readonly Finding[] {
  const answers = findings.map(answerOf);
  const known = answers.find((answer) => answer !== null && answer.addresses.length > 0);
  if (!known) return findings;
  return findings.map((found, index) => {
    const answer = answers[index];
    if (!answer || answer === known) return found;
    const differs =
      answer.addresses.length === 0 ||
      answer.addresses.some(isPrivate) !== known.addresses.some(isPrivate);
    if (!differs) return found;
    const { server, addresses } = known;
    const other = fact("dns-others-find", { server, addresses: addresses.join(", ") });
    return withFacts({ ...found, outcome: "warning", code: "dns-servers-disagree" }, [other]);
  });
}

/** null where the server gave no answer, or was asked for no name. */
function answerOf({ id, outcome, facts }: Finding): { server: string; addresses: string[] } | null {
  const [first] = facts ?? [];
  const server = id.replace(/^dns:/, "");
  if (outcome !== "ok" || first === undefined) return null;
  if (first.code === "dns-answers-without") return { server, addresses: [] };
  if (first.code !== "name-found") return null;
  return { server, addresses: String(first.values.addresses ?? "").split(", ") };
}

/** RFC 1918, RFC 6598 and RFC 4193: addresses of a network's inside. */
const privateNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]
  .concat("fc00::/7")
  .flatMap((text) => parsePrefix(text) ?? []);

function isPrivate(address: string): boolean {
  const prefix = parsePrefix(address);
  return prefix !== null && privateNetworks.some((network) => contains(network, prefix));
}
