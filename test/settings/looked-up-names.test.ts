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

test("the full stops of East Asian keyboards separate labels (RFC 3490, section 3.1)", (t) => {
  for (const stop of ["\u3002", "\uff0e", "\uff61"]) {
    t.is(host(`proxy${stop}example${stop}org`), "proxy.example.org");
    t.is(taken(parsePlatformUrl(`https://scan${stop}example`)), "https://scan.example");
  }
});

test("what a URL would read as another host, or not at all, is no name", (t) => {
  for (const name of ["0x7f.1", "a.09", "scan.1", "scan.0x10", "scan.0x", "1.2.0x3"]) {
    t.is(taken(parsePlatformUrl(`https://${name}`)), "url-malformed", name);
    t.is(taken(parsePacUrl(`http://${name}/proxy.pac`)), "pac-url-malformed", name);
    t.is(host(name), "proxy-host-malformed", name);
  }
  for (const name of ["scan1", "scan.0x1g", "1.example", "0x7f.example", "a.b1"])
    t.is(host(name), name);
});

test("any platform's address that is taken leads to the host that it shows", (t) => {
  const label = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 6 }),
    fc.constantFrom("0x7f", "1", "09", "xn--a", "xn--mnchen-3ya", "scan", "\u00fc", "_a", "\u3002"),
  );
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 4 }), (labels) => {
      const parsed = parsePlatformUrl(labels.join("."));
      if (!parsed.ok) return;
      t.true(URL.canParse(parsed.value), parsed.value);
      t.is(new URL(parsed.value).origin, parsed.value);
    }),
    { numRuns: 3000 },
  );
});

test("this machine's own name keeps to RFC 1123", (t) => {
  for (const name of ["scan_1", "_scan", "münchen", "scan-", ".", ".a", "-a.b"])
    t.is(taken(parseHostname(name)), "hostname-malformed", name);
  for (const name of ["a.b", "scan.example.com.", "SCAN.", "scan..b"])
    t.is(taken(parseHostname(name)), "hostname-dotted", name);
});

test("what is no name stays refused", (t) => {
  for (const text of ["a..b", "-a", "a-", "a b", "http://a", "a/b", "a\u200b", "ü ü", "ü/x"])
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
