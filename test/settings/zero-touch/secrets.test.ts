import test from "ava";
import fc from "fast-check";
import { describeFacts } from "../../../src/base/messages/facts.ts";
import { defaultSettings } from "../../../src/settings/model/schema.ts";
import type { ZeroTouchFormat } from "../../../src/settings/zero-touch/document.ts";
import { readZeroTouch } from "../../../src/settings/zero-touch/read.ts";

const read = (format: ZeroTouchFormat, text: string) =>
  readZeroTouch([{ format, source: "a source", place: "a place", text }], defaultSettings, 5);

/** Everything that is stored and shown after reading the text. */
function shown(format: ZeroTouchFormat, text: string): string {
  const { report, settings } = read(format, text);
  const english = [
    ...(report.noteFacts ?? []),
    ...report.problems.flatMap(({ facts, problem }) =>
      [...(facts ?? []), problem?.reason ?? []].flat(),
    ),
  ];
  return JSON.stringify([report, settings, english.map((each) => describeFacts([each]))]);
}

test("an address with a login is quoted without it", (t) => {
  const quotedOf = (format: ZeroTouchFormat, text: string) =>
    read(format, text).report.problems.map(({ message }) => message);
  t.deepEqual(quotedOf("user-data", "proxy_url=pac+http://anna:S3kret@wpad.example/x.pac"), [
    "http://***@wpad.example/x.pac is not the address of a proxy configuration file.",
  ]);
  for (const url of [
    "https://x:S3kret@platform.outrider.test",
    "x:S3kret@platform.outrider.test",
    "https://x:S3@kret%40platform.outrider.test",
  ])
    t.regex(
      quotedOf("user-data", `platform_url=${url}`).join(),
      /^(?:https?:\/\/)?\*\*\*@platform\.outrider\.test /,
      url,
    );
  t.deepEqual(
    quotedOf("settings-yaml", "platform: {url: 'https://anna:S3kret@platform.outrider.test'}"),
    ["platform.url: https://***@platform.outrider.test is not the address of a platform."],
  );
});

test("unreadable YAML or XML is reported with line and kind of the mistake, and with nothing of its text", (t) => {
  const { problems } = read(
    "user-data",
    "#cloud-config\noutrider:\n  proxy_password: |S3kret",
  ).report;
  t.like(problems[0], {
    place: "a place, line 3, column 20",
    message: "It is no cloud-config: unexpected token.",
  });
  const xml =
    '<Environment><PropertySection><Property key="proxy_password" value="a" S3:kret="b" S3:kret="c"/></PropertySection></Environment>';
  t.regex(
    read("ovf-environment", xml).report.problems[0]?.message ?? "",
    /^It is no OVF environment: [a-z ]+\.$/,
  );
});

test("a password that YAML takes for a part of a name is in no list of names", (t) => {
  const { sources, problems } = read(
    "user-data",
    "#cloud-config\noutrider: {proxy_password:S3kret, hostname: a, lan_vlan: x,S3kret}",
  ).report;
  t.deepEqual(sources[0]?.fields, ["hostname", "lan_vlan"]);
  t.is(
    problems[0]?.message,
    "proxy_password... is not parted from its value by a colon and a blank.",
  );
});

const marker = "S3kretPW";

/** A password around the marker, with characters that are special in YAML, XML, URLs and lines. */
const password = fc
  .tuple(
    fc.constantFrom(
      "",
      "!",
      "&",
      "*",
      "|",
      ">",
      "%",
      "@",
      "`",
      "'",
      '"',
      "#",
      "{",
      "[",
      "- ",
      "? ",
      ": ",
      ":",
      "\\",
      "$",
      "=",
      "a: ",
      "a, ",
      "a,",
      "a#",
      "<",
      "/",
    ),
    fc.constantFrom(
      "",
      ":",
      ": ",
      "'",
      '"',
      " x",
      "#",
      "}",
      "]",
      ",",
      "@",
      "%40",
      "%",
      "/",
      "&x;",
      ">",
      " &y",
      "=",
      ": b: c",
    ),
  )
  .map(([before, after]) => `${before}${marker}${after}`);

const given: readonly ((secret: string) => [name: string, value: string])[] = [
  (secret) => ["proxy_password", secret],
  (secret) => ["activation_code", secret],
  (secret) => ["proxy_url", `http://anna:${secret}@proxy.outrider.test`],
  (secret) => ["proxy_url", `anna:${secret}@proxy.outrider.test:99999`],
  (secret) => ["HTTP_Proxy", `socks5://anna:${secret}@bad host`],
  (secret) => ["proxy_url", `pac+http://anna:${secret}@wpad.outrider.test/x.pac`],
  (secret) => ["platform_url", `https://anna:${secret}@platform.outrider.test`],
  (secret) => ["platform_url", `http://anna:${secret}@${"long".repeat(20)}`],
];

const withLogin = (secret: string) => `https://anna:${secret}@platform.outrider.test`;
const proxyHost = "proxy: {kind: http, host: proxy.outrider.test, port: 3128}";

/** Each way to write a name and its value down, right or wrong. */
const written: readonly ((name: string, value: string) => [ZeroTouchFormat, string])[] = [
  (name, value) => ["user-data", `${name}=${value}`],
  (name, value) => ["user-data", `${name} ${value}`],
  (name, value) => ["user-data", `${name}: ${value}`],
  (name, value) => ["user-data", `USER_DATA=${Buffer.from(`${name}=${value}`).toString("base64")}`],
  (name, value) => ["user-data", `#cloud-config\noutrider:\n  ${name}: ${value}\n  hostname: a`],
  (name, value) => ["user-data", `#cloud-config\noutrider:\n  ${name}:${value}\n  hostname: a`],
  (name, value) => ["user-data", `#cloud-config\noutrider: {${name}: ${value}, hostname: a}`],
  (name, value) => ["user-data", `#cloud-config\noutrider: {${name}:${value}}`],
  (name, value) => ["user-data", `#cloud-config\noutrider: ${name}: ${value}`],
  (name, value) => ["user-data", `#cloud-config\noutrider:\n  ${name}: "${value}"`],
  (name, value) => ["meta-data", `meta:\n  ${name}: ${value}`],
  (name, value) => ["meta-data", JSON.stringify({ meta: { [name]: value } })],
  (name, value) => ["meta-data", `{"meta": {"${name}": "${value}}}`],
  (name, value) => ["settings-yaml", `values:\n  ${name}: ${value}`],
  (name, value) => ["settings-yaml", `hostname: a\nvalues: {${name}: ${value}}`],
  (name, value) => ["settings-yaml", `${name}: ${value}`],
  (name, value) => ["settings-yaml", `${proxyHost}\nvalues:\n  ${name}: ${JSON.stringify(value)}`],
  (_, value) => ["settings-yaml", `platform: {url: ${JSON.stringify(withLogin(value))}}`],
  (_, value) => ["settings-yaml", `platform:\n  url: ${withLogin(value)}`],
  (_, value) => [
    "settings-yaml",
    `proxy: {kind: pac, url: ${JSON.stringify(withLogin(value))}, authentication: automatic, user: "", bypass: [], fallbackToDirect: false}`,
  ],
  (name, value) => ["credentials", JSON.stringify({ [name]: value })],
  (name, value) => ["credentials", `{"${name}": "${value}}`],
  (name, value) => [
    "ovf-environment",
    ovf(name, value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;")),
  ],
  (name, value) => ["ovf-environment", ovf(name, value)],
];

function ovf(name: string, value: string): string {
  return `<Environment><PropertySection><Property key="${name}" value="${value}"/></PropertySection></Environment>`;
}

test("a password, wherever and however it is given, stands neither in the report nor in the settings", (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom(...given),
      password,
      fc.constantFrom(...written),
      (make, secret, write) => {
        const [name, value] = make(secret);
        return !shown(...write(name, value)).includes(marker);
      },
    ),
    { numRuns: 4000 },
  );
  t.pass();
});

test("a password in square brackets is not stored without them", (t) => {
  const config = (password: string) =>
    `#cloud-config\noutrider: {proxy_url: "http://p.example:1", proxy_user: anna, proxy_password: ${password}}\n`;
  for (const password of ["[S3kret]", "[S3kret, x]", "[[S3kret]]", "[]"]) {
    const { secrets, report } = read("user-data", config(password));
    t.is(secrets["proxy-password"], undefined, password);
    t.regex(report.problems.map(({ message }) => message).join(), /square brackets/, password);
    t.notRegex(shown("user-data", config(password)), /S3kret/);
  }
  t.is(read("user-data", config('"[S3kret]"')).secrets["proxy-password"], "[S3kret]");
});

test("a password with a control character is not stored", (t) => {
  const lines = "proxy_url=http://p.example:1\nproxy_user=anna\nproxy_password=a\0b\n";
  const { secrets, report } = read("user-data", lines);
  t.is(secrets["proxy-password"], undefined);
  t.deepEqual(
    report.problems.map(({ field }) => field),
    ["proxy_password"],
  );
});
