import test from "ava";
import fc from "fast-check";
import {
  parseBypassEntry,
  parseDomain,
  parseHost,
  parseHostname,
  parsePacUrl,
  parsePlatformUrl,
} from "../../src/settings/values/names.ts";

const host = (text: string) => {
  const parsed = parseHost(text, "proxy-host-malformed");
  return parsed.ok ? parsed.value : parsed.code;
};
const taken = (parsed: ReturnType<typeof parseDomain>) => (parsed.ok ? parsed.value : parsed.code);

test("names that are looked up can have underscores (RFC 2181, section 11)", (t) => {
  for (const name of ["web_proxy01.corp.example", "_proxy", "a__b.corp", "proxy_.corp.example"])
    t.is(host(name), name);
  t.is(host("WEB_Proxy01"), "web_proxy01");
  t.is(taken(parseDomain("ad_corp.example")), "ad_corp.example");
  t.is(taken(parseBypassEntry("app_srv.corp.example:8443")), "app_srv.corp.example:8443");
  t.is(taken(parseBypassEntry("*.ad_corp.example")), "*.ad_corp.example");
  t.is(taken(parsePlatformUrl("https://scan_01.corp.example/")), "https://scan_01.corp.example");
  t.is(
    taken(parsePacUrl("http://wpad_1.corp.example/proxy.pac")),
    "http://wpad_1.corp.example/proxy.pac",
  );
});

test("other letters become A-labels (RFC 5891)", (t) => {
  t.is(host("proxy.münchen.example"), "proxy.xn--mnchen-3ya.example");
  t.is(host("PROXY.MÜNCHEN.example"), "proxy.xn--mnchen-3ya.example");
  t.is(host("пример.example"), "xn--e1afmkfd.example");
  t.is(host("例え.example"), "xn--r8jz45g.example");
  t.is(host("xn--mnchen-3ya.example"), "xn--mnchen-3ya.example");
  t.is(
    taken(parsePlatformUrl("https://scan.bücher.example:8443")),
    "https://scan.xn--bcher-kva.example:8443",
  );
  t.is(taken(parseBypassEntry(".bücher.example")), ".xn--bcher-kva.example");
  t.is(taken(parseDomain("bücher.example")), "xn--bcher-kva.example");
});

test("this machine's own name keeps to RFC 1123", (t) => {
  for (const name of ["scan_1", "_scan", "münchen", "scan-", "a.b"])
    t.is(taken(parseHostname(name)), "hostname-malformed", name);
});

test("what is no name stays refused", (t) => {
  for (const text of ["a..b", "-a", "a-", "a b", "http://a", "a/b", "a@b", "a\u200b", "ü ü", "ü/x"])
    t.is(host(text), "proxy-host-malformed", text);
  t.is(host(`${"a".repeat(64)}.example`), "proxy-host-malformed");
  t.is(host(`${"ü".repeat(60)}.example`), "proxy-host-malformed", "too long as an A-label");
});

test("any name that is taken is ASCII, and is taken again as it is", (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "grapheme", maxLength: 30 }), fc.domain()), (text) => {
      const parsed = parseHost(text, "proxy-host-malformed");
      if (!parsed.ok) return true;
      return /^[!-~]+$/.test(parsed.value) && host(parsed.value) === parsed.value;
    }),
    { numRuns: 2000 },
  );
  t.pass();
});
