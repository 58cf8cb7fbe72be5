import test from "ava";
import { adviseOn } from "../../src/configd/trial/advice.ts";
import type { CheckResult } from "../../src/protocol/schemas/check-result.ts";

type Outcome = CheckResult["outcome"];

/** Results from "check outcome [code]"; the id of a service is "service:NAME". */
const results = (...lines: readonly `${string} ${Outcome}${"" | ` ${string}`}`[]): CheckResult[] =>
  lines.map((line) => {
    const [id = "", outcome = "", code = null] = line.split(" ");
    return {
      id,
      check: id.split(":", 1)[0] ?? id,
      subject: id,
      outcome: outcome as Outcome, // by the type of the line
      code,
      detail: "",
      durationMs: 0,
    };
  });

const good = results("link:lan ok", "gateway:lan ok", "dns:a ok", "service:health ok");
const dead = results(
  "link:lan ok",
  "gateway:lan failed",
  "dns:a skipped",
  "service:health skipped",
);

for (const [title, before, after, expected] of [
  ["all is reached as before", good, good, "keep"],
  ["what was broken works now", dead, good, "keep"],
  ["what worked is broken now", good, dead, "revert"],
  ["the gateway is dead before and after", dead, dead, "not-yet"],
  [
    "an appliance without an address gets a gateway that does not answer",
    results("link:lan ok", "address:lan failed no-address", "gateway:lan skipped"),
    results("link:lan ok", "address:lan ok", "gateway:lan failed gateway-silent"),
    "not-yet",
  ],
  [
    "the proxy refuses the new password too",
    results("link:lan ok", "proxy failed proxy-authentication-failed", "service:health failed"),
    results("link:lan ok", "proxy failed proxy-authentication-failed", "service:health failed"),
    "not-yet",
  ],
  [
    "the proxy refuses the new password, and the services were down before",
    results("link:lan ok", "proxy ok", "service:health failed"),
    results("link:lan ok", "proxy failed proxy-authentication-failed", "service:health skipped"),
    "revert",
  ],
  [
    "a proxy is no longer used",
    results("link:lan ok", "proxy ok", "service:health ok"),
    results("link:lan ok", "service:health ok"),
    "keep",
  ],
  [
    "one of the services is still unreachable",
    results("link:lan ok", "service:health ok", "service:jobs failed"),
    results("link:lan ok", "service:health ok", "service:jobs failed"),
    "not-yet",
  ],
  [
    "the second card of a split has no link",
    results("link:lan ok", "gateway:lan ok"),
    results("link:lan ok", "link:wan failed no-link", "gateway:lan ok"),
    "not-yet",
  ],
  [
    "only the clock is wrong",
    results("link:lan ok", "clock failed clock-wrong"),
    results("link:lan ok", "clock failed clock-wrong"),
    "keep",
  ],
  [
    "the appliance is not enrolled yet",
    results("link:lan ok", "service:health failed not-enrolled"),
    results("link:lan ok", "service:health failed not-enrolled"),
    "keep",
  ],
  [
    "a warning is no failure",
    good,
    results(
      ...(["link:lan warning", "gateway:lan ok", "dns:a warning", "service:health ok"] as const),
    ),
    "keep",
  ],
] as const)
  test(`${expected}: ${title}`, (t) => {
    t.is(adviseOn(before, after), expected);
  });
