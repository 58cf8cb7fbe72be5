import { describeFacts, type Fact, fact } from "../../src/base/messages/facts.ts";
import type { Review } from "../../src/configd/api/shapes.ts";
import type { Trial } from "../../src/configd/api/status.ts";
import type { CheckResult } from "../../src/protocol/schemas/check-result.ts";
import { sceneTimeMs } from "./scene.ts";

const check = (
  id: string,
  name: CheckResult["check"],
  subject: string,
  outcome: CheckResult["outcome"],
  facts: Fact[],
  code: string | null = null,
): CheckResult => ({
  id,
  check: name,
  subject,
  outcome,
  code,
  facts,
  detail: describeFacts(facts) ?? "",
  durationMs: 12,
});
const services = (outcome: CheckResult["outcome"], facts: Fact[]) =>
  (["enrolment", "health", "updates", "jobs", "results"] as const).map((name) =>
    check(`service:${name}`, "service", `${name} service`, outcome, facts),
  );
const linkUp = fact("card-up", { mac: "52:54:00:00:00:01" });

export const checksBefore: CheckResult[] = [
  check("link:lan", "link", "LAN link, eth0", "ok", [linkUp]),
  check("address:lan", "address", "LAN address", "ok", [
    fact("address-by-dhcp", { addresses: "192.0.2.50/24" }),
  ]),
  check("gateway:lan", "gateway", "gateway 192.0.2.1", "ok", [
    fact("gateway-answers", { address: "192.0.2.1", device: "eth0" }),
  ]),
  check("dns:192.0.2.1", "dns", "DNS server 192.0.2.1", "ok", [
    fact("name-found", { host: "platform.example.test", addresses: "198.51.100.10" }),
  ]),
  ...services("ok", [
    ...(["resolve", "connect", "tls"] as const).map((stage, index) =>
      fact(`took-${stage}`, { milliseconds: 3 + index * 9 }),
    ),
    fact("service-answered", { status: 401 }),
  ]),
];
const staticAddress = check("address:lan", "address", "LAN address", "ok", [
  fact("address-static", { addresses: "192.0.2.60/24" }),
]);
export const checksGood: CheckResult[] = checksBefore.map((check) =>
  check.id === "address:lan" ? staticAddress : check,
);
export const checksBad: CheckResult[] = [
  check("link:lan", "link", "LAN link, eth0", "ok", [linkUp]),
  staticAddress,
  check(
    "gateway:lan",
    "gateway",
    "gateway 192.0.2.254",
    "failed",
    [fact("gateway-asked", { address: "192.0.2.254", device: "eth0" })],
    "gateway-silent",
  ),
  check("dns:192.0.2.53", "dns", "DNS server 192.0.2.53", "skipped", [
    fact("after-gateway-beyond"),
  ]),
  ...services("skipped", [fact("after-gateway")]),
];

export const staticChanges = [
  { field: "IPv4", before: "DHCP", after: "static" },
  { field: "Address", before: "by DHCP", given: "192.0.2.50/24", after: "192.0.2.60/24" },
  { field: "Gateway", before: "by DHCP", given: "192.0.2.1", after: "192.0.2.1" },
  { field: "DNS servers", before: "by DHCP", given: "192.0.2.1", after: "192.0.2.53" },
];

export const sceneReview: Review = {
  problems: [],
  changes: staticChanges,
  needsTrial: true,
  netplan: [
    "network:",
    "  version: 2",
    '  renderer: "networkd"',
    "  ethernets:",
    "    lan:",
    "      match:",
    '        name: "eth0"',
    "      optional: true",
    "      dhcp4: false",
    "      dhcp6: false",
    "      accept-ra: false",
    "      link-local: []",
    "      mtu: 1500",
    "      addresses:",
    '        - "192.0.2.60/24"',
    "      nameservers:",
    "        addresses:",
    '          - "192.0.2.53"',
    "        search: []",
    "      routes:",
    '        - to: "default"',
    '          via: "192.0.2.1"',
    "          metric: 100",
    "",
  ].join("\n"),
};

export function sceneTrial(
  phase: Trial["phase"],
  checks: CheckResult[],
  advice: Trial["advice"],
): Trial {
  return {
    id: "0b9f6a52-6a50-4a3e-9d0e-2f1c5a7d8e90",
    by: { how: "console", who: "tty1", why: "" },
    deadlineAt: sceneTimeMs + 101_000,
    remainingMs: 101_000,
    phase,
    changes: staticChanges,
    checksBefore,
    checks,
    advice,
  };
}
