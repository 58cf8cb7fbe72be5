import { type Fact, fact } from "../../base/messages/facts.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import { failed, failedBy, ok, skipped } from "../outcome.ts";
import type { Surroundings } from "../surroundings.ts";

export interface DnsQuestion {
  servers: readonly string[];
  /** What the path needs resolved, or null when it needs no name. */
  name: string | null;
  /** Why a server cannot be asked, or null when it can. */
  unreachableBecause: (server: string) => Fact | null;
}

/**
 * Asks each server by itself. One that is silent while another answers slows the appliance down: a
 * warning.
 */
export async function checkDns(
  question: DnsQuestion,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const { servers, name } = question;
  if (servers.length === 0) {
    const check = { id: "dns:none", check: "dns", subject: "DNS servers" } as const;
    return [
      name === null
        ? skipped(check, fact("name-not-needed"))
        : failed(check, "dns-no-server", fact("name-needed", { host: name })),
    ];
  }
  const results = await Promise.all(
    servers.map((server) => ask(server, question, surroundings, signal)),
  );
  const works = results.some((result) => result.outcome === "ok");
  return results.map((result) =>
    result.outcome === "failed" && (works || name === null)
      ? { ...result, outcome: "warning" }
      : result,
  );
}

async function ask(
  server: string,
  { name, unreachableBecause }: DnsQuestion,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<CheckResult> {
  const check = { id: `dns:${server}`, check: "dns", subject: `DNS server ${server}` } as const;
  const because = unreachableBecause(server);
  if (because !== null) return skipped(check, because);
  const startedMs = surroundings.monotonicMs();
  try {
    const answer = await surroundings.askDns(server, name, signal);
    return ok(check, answer, surroundings.monotonicMs() - startedMs);
  } catch (error) {
    return failedBy(check, error, surroundings.monotonicMs() - startedMs);
  }
}
