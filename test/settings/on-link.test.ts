import test from "ava";
import fc from "fast-check";
import { describeChanges, touchesPath } from "../../src/settings/changes.ts";
import { type Validation, validateSettings } from "../../src/settings/checks/validate.ts";
import { textsOf, withTexts } from "../../src/settings/form.ts";
import { describeFieldProblem } from "../../src/settings/model/problems.ts";
import { defaultSettings, type Settings } from "../../src/settings/model/schema.ts";
import { splitOnLink, withOnLink } from "../../src/settings/values/own-network.ts";

const typed = (texts: Record<string, string>): Validation =>
  withTexts(
    defaultSettings,
    Object.fromEntries(Object.entries(texts).map(([path, text]) => [`network.lan.${path}`, text])),
  );
const four = (address: string, gateway: string, routes = "") =>
  typed({
    "ipv4.method": "static",
    "ipv4.address": address,
    "ipv4.gateway": gateway,
    "dns.servers": "192.0.2.53",
    routes,
  });
const six = (address: string, gateway: string, routes = "") =>
  typed({
    "ipv4.method": "off",
    "ipv6.method": "static",
    "ipv6.address": address,
    "ipv6.gateway": gateway,
    "dns.servers": "2001:db8::53",
    routes,
  });
function settingsOf(result: Validation): Settings {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.settings;
}
function problems(result: Validation): string[] {
  return result.ok
    ? []
    : result.problems.map((problem) => {
        const { message, example } = describeFieldProblem(problem);
        return `${problem.code}: ${message} ${example}`;
      });
}

test("a host's own prefix takes a gateway and routes wherever they are", (t) => {
  for (const result of [
    four("198.51.100.7/32", "203.0.113.1", "10.0.0.0/8 via 203.0.113.1"),
    four("198.51.100.7/32", "10.0.0.1", "10.0.0.0/8 via 10.0.0.1 metric 5"),
    four("198.51.100.7 255.255.255.255", "198.51.100.1"),
    six("2001:db8:1:2::10/128", "2001:db8:1:2::1", "2001:db8:9::/48 via 2001:db8:1:2::1"),
    six("2001:db8:1:2::10/128", "fe80::1"),
  ])
    t.deepEqual(problems(result), []);
});

test("on-link takes a gateway outside of the network, of either family, and for routes", (t) => {
  const provider = settingsOf(
    four("203.0.113.18/28", "203.0.113.254 on-link", "10.0.0.0/8 via 192.0.2.9 on-link metric 5"),
  );
  t.like(provider.network.lan.ipv4, { gateway: "203.0.113.254", onLink: true });
  t.deepEqual(provider.network.lan.routes, [
    { to: "10.0.0.0/8", via: "192.0.2.9", metric: 5, onLink: true },
  ]);
  t.like(textsOf(provider, "network"), {
    "network.lan.ipv4.gateway": "203.0.113.254 on-link",
    "network.lan.routes": "10.0.0.0/8 via 192.0.2.9 on-link metric 5",
  });
  t.deepEqual(validateSettings(provider), { ok: true, settings: provider });
  t.like(
    settingsOf(six("2001:db8:1:2::10/64", "2001:db8:1:ff:ff:ff:ff:ff ON-LINK")).network.lan.ipv6,
    { gateway: "2001:db8:1:ff:ff:ff:ff:ff", onLink: true },
  );
  t.like(settingsOf(six("2001:db8::10/64", "fe80::1 onlink")).network.lan.ipv6, { onLink: true });
  t.like(settingsOf(four("192.0.2.10/24", "192.0.2.1  on-link")).network.lan.ipv4, {
    gateway: "192.0.2.1",
  });
});

test("without it the refusal says how, and an example is never the own address", (t) => {
  for (const result of [
    four("203.0.113.18/28", "203.0.113.254"),
    four("192.0.2.10/24", "192.0.2.1", "10.0.0.0/8 via 198.51.100.1"),
    six("2001:db8:1:2::10/64", "2001:db8:1:ff:ff:ff:ff:ff"),
  ])
    t.regex(problems(result)[0] ?? "", /^gateway-outside: .* where your provider .* on-link\.$/);
  t.regex(
    problems(four("198.51.100.7/32", ""))[0] ?? "",
    /^gateway-required: .* as 192\.0\.2\.1\.$/,
  );
  t.regex(problems(six("2001:db8::10/128", ""))[0] ?? "", /^gateway-required: .* as fe80::1\.$/);
  t.regex(problems(four("198.51.100.7/32", "198.51.100.7"))[0] ?? "", /^gateway-is-self/);
  t.regex(problems(four("192.0.2.10/24", "192.0.2.255 on-link"))[0] ?? "", /^gateway-is-network/);
  t.regex(problems(four("192.0.2.10/24", "127.0.0.1 on-link"))[0] ?? "", /^gateway-not-usable/);
  t.regex(problems(four("192.0.2.10/24", "on-link"))[0] ?? "", /^address-malformed/);
});

test("a change of on-link alone is a change, and is tried", (t) => {
  const before = settingsOf(four("192.0.2.10/24", "192.0.2.1"));
  const after = settingsOf(four("192.0.2.10/24", "192.0.2.1 on-link"));
  t.true(touchesPath(before, after, false));
  t.deepEqual(
    describeChanges(before, after, { before: false, after: false, replaced: false }).map(
      ({ after }) => after,
    ),
    ["192.0.2.1 on-link"],
  );
  const away = withTexts(after, { "network.lan.ipv4.gateway": "192.0.2.1" });
  t.deepEqual(settingsOf(away), before);
});

test("any router's text is split and joined again", (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.boolean(), (router, onLink) => {
      const text = withOnLink(router, onLink || undefined);
      const split = splitOnLink(text);
      return split.router === router && split.onLink === onLink;
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => splitOnLink(text).router.length <= text.length));
  t.pass();
});
