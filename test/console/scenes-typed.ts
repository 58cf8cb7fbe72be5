import { type Fact, fact, withDetail } from "../../src/base/messages/facts.ts";
import type { CheckResult } from "../../src/protocol/schemas/check-result.ts";
import type { Scene, SceneStep } from "./scene.ts";

const result = (
  id: string,
  subject: string,
  outcome: CheckResult["outcome"],
  code: string | null,
  ...found: Fact[]
): CheckResult => ({
  id,
  check: id.split(":", 1)[0] ?? "",
  subject,
  outcome,
  code,
  durationMs: outcome === "skipped" ? 0 : 12,
  ...withDetail(found),
});
const answered = (...results: CheckResult[]): SceneStep => ({
  answer: { type: "reply", verb: "testTyped", reply: { results } },
});
const mac = "52:54:00:12:34:56";
const dns = { host: "platform.example.org", addresses: "198.51.100.10" };
const online = [
  result("link:lan", "LAN link, eth0", "ok", null, fact("card-up", { mac })),
  result(
    "address:lan",
    "LAN address",
    "ok",
    null,
    fact("address-by-dhcp", { addresses: "192.0.2.100/24" }),
  ),
  result(
    "gateway:lan",
    "gateway 192.0.2.1",
    "ok",
    null,
    fact("gateway-answers", { address: "192.0.2.1", device: "eth0" }),
  ),
  result("dns:192.0.2.53", "DNS server 192.0.2.53", "ok", null, fact("name-found", dns)),
];

/** What is typed on a form, tested before it is applied. */
export const typedScenes: readonly Scene[] = [
  {
    name: "diagnostics-typed-proxy",
    machine: "behind-broken-proxy",
    steps: [
      "=2",
      "tab",
      "end",
      "=x",
      "f6",
      answered(
        ...online,
        result("proxy", "proxy proxy.example.testx:3128", "ok", null, fact("proxy-answers")),
        result(
          "proxy:login",
          "log-in at the proxy",
          "failed",
          "proxy-authentication-failed",
          fact("proxy-offers", { schemes: "basic" }),
        ),
        result("proxy:connect", "tunnel (CONNECT)", "skipped", null, fact("after-step")),
        result(
          "service:platform",
          "platform, platform.example.org",
          "skipped",
          null,
          fact("after-proxy"),
        ),
      ),
    ],
  },
  {
    name: "diagnostics-typed-network",
    machine: "no-dhcp",
    steps: [
      "=1",
      "right",
      "tab",
      "=192.0.2.50/24",
      "tab",
      "=192.0.2.9",
      "tab",
      "=192.0.2.9",
      "f6",
      answered(
        result("link:lan", "LAN link, eth0", "ok", null, fact("card-up", { mac })),
        result(
          "address:lan",
          "LAN address",
          "ok",
          null,
          fact("typed-address-free", { address: "192.0.2.50", device: "eth0" }),
        ),
        result(
          "gateway:lan",
          "gateway 192.0.2.9",
          "failed",
          "gateway-silent",
          fact("gateway-asked", { address: "192.0.2.9", device: "eth0" }),
        ),
        result("dns:192.0.2.9", "DNS server 192.0.2.9", "skipped", null, fact("typed-offline")),
      ),
      "down",
    ],
  },
  {
    name: "diagnostics-typed-platform",
    machine: "not-enrolled",
    steps: [
      "=3",
      "=platform.example.org",
      "f6",
      answered(
        ...online,
        result(
          "service:platform",
          "platform, platform.example.org",
          "ok",
          null,
          fact("took-tls", { milliseconds: 48 }),
          fact("service-answered", { status: 200 }),
        ),
      ),
    ],
  },
  {
    name: "diagnostics-typed-running",
    machine: "behind-broken-proxy",
    steps: ["=2", "tab", "end", "=x", "f6"],
  },
];
