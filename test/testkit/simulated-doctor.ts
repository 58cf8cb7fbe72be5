import type { AgentConfiguration } from "../../src/configd/agent-configuration.ts";
import type { LiveInterface } from "../../src/configd/system.ts";
import type { RungResult } from "../../src/doctor/result.ts";
import type { DescribedMachine } from "./described-machine.ts";

type Outcome = Pick<RungResult, "outcome" | "code" | "detail">;
const ok = (detail: string): Outcome => ({ outcome: "ok", code: null, detail });
const failed = (code: string, detail: string): Outcome => ({ outcome: "failed", code, detail });
const skipped: Outcome = { outcome: "skipped", code: null, detail: "" };

const services = ["enrolment", "health", "updates", "jobs", "results"] as const;

type Configuration = Pick<AgentConfiguration, "proxy" | "platformUrl" | "scanDevice">;

/** The path checks as they would end on the described machine with what is active on it now. */
export function describedDoctor(machine: DescribedMachine, active: Configuration, interfaces: readonly LiveInterface[], proxyPassword: string): RungResult[] {
  const { surroundings } = machine;
  const { platformUrl } = active;
  const proxy = active.proxy.kind === "http" ? active.proxy : null;
  const nic = interfaces.find(({ name }) => name === active.scanDevice);
  const results: RungResult[] = [];
  let broken = false;
  const rung = (id: string, name: RungResult["rung"], subject: string, durationMs: number, outcome: () => Outcome) => {
    const result = broken ? skipped : outcome();
    results.push({ id, rung: name, subject, durationMs: result === skipped ? 0 : durationMs, ...result });
    return result.outcome === "ok";
  };
  const needed = (passed: boolean) => {
    broken ||= !passed;
  };

  needed(
    rung("link:lan", "link", `LAN link, ${nic?.name ?? "no card"}`, 1, () =>
      nic === undefined ? failed("interface-missing", "") : nic.linkUp ? ok("link is up") : failed("link-down", nic.name),
    ),
  );
  needed(
    rung("address:lan", "address", "LAN address", 1, () =>
      nic?.addresses[0] ? ok(`${nic.addresses[0]} ${nic.dhcp ? "by DHCP" : "static"}`) : failed("no-address", nic?.name ?? ""),
    ),
  );
  needed(
    rung("gateway:lan", "gateway", `gateway ${nic?.gateway ?? ""}`.trim(), 3, () => {
      if (!nic?.gateway) return failed("no-route", "no default gateway");
      return surroundings.gateways.includes(nic.gateway) ? ok(`${nic.gateway} answers`) : failed("gateway-silent", nic.gateway);
    }),
  );
  const servers = nic?.dns ?? [];
  if (servers.length === 0) needed(rung("dns:none", "dns", "DNS servers", 1, () => failed("dns-no-server", "")));
  const answers = servers.map((server) =>
    rung(`dns:${server}`, "dns", `DNS server ${server}`, 12, () => (surroundings.dnsServers.includes(server) ? ok("answers") : failed("dns-silent", server))),
  );
  if (servers.length > 0) needed(answers.includes(true));
  if (proxy !== null) {
    needed(
      rung("proxy", "proxy", `proxy ${proxy.host}:${proxy.port}`, 21, () => {
        const there = surroundings.proxy;
        if (there === null || there.host !== proxy.host || there.port !== proxy.port) return failed("proxy-unreachable", `${proxy.host}:${proxy.port}`);
        if (there.user !== null && proxy.authentication === "none") return failed("proxy-authentication-required", "offers Basic");
        if (there.user !== null && (there.user !== proxy.user || proxyPassword === ""))
          return failed("proxy-authentication-failed", `407 from ${proxy.host}:${proxy.port}`);
        return ok("CONNECT answered with 200");
      }),
    );
  }
  for (const service of services) {
    rung(`service:${service}`, "service", `${service} service`, 48, () => {
      if (platformUrl === null) return failed("not-enrolled", "no platform address is set");
      if (surroundings.fault !== null) return failed(surroundings.fault.code, surroundings.fault.detail);
      if (proxy === null && !surroundings.direct) return failed("connect-silent", new URL(platformUrl).host);
      return ok(`${platformUrl} answered in 48 ms`);
    });
  }
  return results;
}
