import { describeFacts, type Fact, fact, quoted } from "../base/messages/facts.ts";
import type { LiveInterface } from "../configd/machine/system.ts";
import type { CheckResult } from "../protocol/schemas/check-result.ts";
import type { AgentConfiguration } from "../settings/agent-configuration.ts";
import type { DescribedMachine } from "./described-machine.ts";

type Outcome = Pick<CheckResult, "outcome" | "code" | "facts" | "detail">;
const both = (facts: Fact[]) => ({ facts, detail: describeFacts(facts) ?? "" });
const ok = (...facts: Fact[]): Outcome => ({ outcome: "ok", code: null, ...both(facts) });
const failed = (code: string, ...facts: Fact[]): Outcome => ({
  outcome: "failed",
  code,
  ...both(facts),
});
const withoutPlatform: Outcome = {
  outcome: "skipped",
  code: null,
  ...both([fact("no-platform-set")]),
};
const skipped: Outcome = { outcome: "skipped", code: null, ...both([]) };

const services = ["enrolment", "health", "updates", "jobs", "results"] as const;

type Configuration = Pick<AgentConfiguration, "proxy" | "platformUrl" | "scanDevice">;

/**
 * The results of the doctor's checks on the described machine with its active settings. They are
 * made from the description and not by src/doctor, which asks a real network.
 */
export function describedDoctor(
  machine: DescribedMachine,
  active: Configuration,
  interfaces: readonly LiveInterface[],
  proxyPassword: string,
): CheckResult[] {
  const { surroundings } = machine;
  const { platformUrl } = active;
  const proxy = active.proxy.kind === "http" ? active.proxy : null;
  const nic = interfaces.find(({ name }) => name === active.scanDevice);
  const results: CheckResult[] = [];
  let broken = false;
  const check = (
    id: string,
    name: CheckResult["check"],
    subject: string,
    durationMs: number,
    outcome: () => Outcome,
  ) => {
    const result = broken ? skipped : outcome();
    results.push({
      id,
      check: name,
      subject,
      durationMs: result === skipped ? 0 : durationMs,
      ...result,
    });
    return result.outcome === "ok";
  };
  /** The remaining checks are skipped when this one failed. */
  const needed = (passed: boolean) => {
    broken ||= !passed;
  };

  needed(
    check("link:lan", "link", `LAN link, ${nic?.name ?? "no card"}`, 1, () => {
      if (nic === undefined) return failed("interface-missing");
      const { name: device, macAddress: mac } = nic;
      return nic.linkUp
        ? ok(fact("card-up", { mac }))
        : failed("link-down", fact("card-down", { device, mac }));
    }),
  );
  needed(
    check("address:lan", "address", "LAN address", 1, () =>
      nic?.addresses[0]
        ? ok(fact(nic.dhcp ? "address-by-dhcp" : "address-static", { addresses: nic.addresses[0] }))
        : failed("no-address", fact("card-missing", { device: nic?.name ?? "" })),
    ),
  );
  needed(
    check("gateway:lan", "gateway", `gateway ${nic?.gateway ?? ""}`.trim(), 3, () => {
      if (!nic?.gateway)
        return failed("no-route", fact("no-gateway-on", { device: nic?.name ?? "" }));
      const place = { address: nic.gateway, device: nic.name };
      return surroundings.gateways.includes(nic.gateway)
        ? ok(fact("gateway-answers", place))
        : failed("gateway-silent", fact("gateway-asked", place));
    }),
  );
  const servers = nic?.dns ?? [];
  if (servers.length === 0)
    needed(check("dns:none", "dns", "DNS servers", 1, () => failed("dns-no-server")));
  const answers = servers.map((server) =>
    check(`dns:${server}`, "dns", `DNS server ${server}`, 12, () =>
      surroundings.dnsServers.includes(server)
        ? ok(fact("dns-answers"))
        : failed("dns-silent", fact("dns-asked", { server, said: "ETIMEOUT" })),
    ),
  );
  if (servers.length > 0) needed(answers.includes(true));
  if (proxy !== null) {
    needed(
      check("proxy", "proxy", `proxy ${proxy.host}:${proxy.port}`, 21, () => {
        const there = surroundings.proxy;
        if (there === null || there.host !== proxy.host || there.port !== proxy.port)
          return failed(
            "proxy-unreachable",
            fact("connect-no-answer", { addresses: proxy.host, port: proxy.port }),
          );
        if (there.user !== null && proxy.authentication === "none")
          return failed(
            "proxy-authentication-required",
            fact("proxy-offers", { schemes: "basic" }),
          );
        if (there.user !== null && (there.user !== proxy.user || proxyPassword === ""))
          return failed("proxy-authentication-failed", fact("proxy-offers", { schemes: "basic" }));
        return ok(
          fact("tunnel-open", {
            proxy: `${proxy.host}:${proxy.port}`,
            host: platformUrl === null ? "" : new URL(platformUrl).host,
          }),
        );
      }),
    );
  }
  for (const service of services) {
    check(`service:${service}`, "service", `${service} service`, 48, () => {
      if (platformUrl === null) return withoutPlatform;
      if (surroundings.fault !== null)
        return failed(surroundings.fault.code, quoted(surroundings.fault.detail));
      if (proxy === null && !surroundings.direct)
        return failed(
          "connect-silent",
          fact("connect-no-answer", { addresses: new URL(platformUrl).hostname, port: 443 }),
        );
      return ok(fact("took-tls", { milliseconds: 48 }), fact("service-answered", { status: 401 }));
    });
  }
  return results;
}
