import test from "ava";
import { makeActivationCode } from "../../../src/base/activation-code.ts";
import {
  defaultInterface,
  defaultSettings,
  type Settings,
} from "../../../src/settings/model/schema.ts";
import type {
  ZeroTouchDocument,
  ZeroTouchFormat,
} from "../../../src/settings/zero-touch/document.ts";
import { readZeroTouch, type ZeroTouchReading } from "../../../src/settings/zero-touch/read.ts";

const code = makeActivationCode(new Uint8Array(18).fill(9)).text;

const read = (
  format: ZeroTouchFormat,
  text: string,
  present: Settings = defaultSettings,
): ZeroTouchReading =>
  readZeroTouch([{ format, source: "a source", place: "a place", text }], present, 5);

const ovf = (properties: Record<string, string>) =>
  [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:oe="http://schemas.dmtf.org/ovf/environment/1" oe:id="">',
    "  <PlatformSection><Kind>VMware ESXi</Kind></PlatformSection>",
    "  <PropertySection>",
    ...Object.entries(properties).map(
      ([key, value]) =>
        `    <Property oe:key="${key}" oe:value="${value.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"/>`,
    ),
    "  </PropertySection>",
    '  <Entity oe:id="neighbour"><PropertySection><Property oe:key="hostname" oe:value="neighbour"/></PropertySection></Entity>',
    "</Environment>",
  ].join("\n");

const lines = (values: Record<string, string>) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");

test("our own names in an OVF environment become settings and secrets", (t) => {
  const { settings, secrets, report } = read(
    "ovf-environment",
    ovf({
      platform_url: "platform.outrider.test",
      activation_code: code,
      hostname: "scanner-7",
      lan_address: "192.0.2.10/24",
      lan_gateway: "192.0.2.1",
      lan_dns: "192.0.2.53, 192.0.2.54",
      wan_enabled: "True",
      wan_address: "198.51.100.9 255.255.255.0",
      wan_gateway: "198.51.100.1",
      wan_dns: "198.51.100.53",
      proxy_url: "http://proxy.outrider.test:8080",
      proxy_user: "anna",
      proxy_password: 'p"a&ss',
      ntp_servers: "time.outrider.test",
    }),
  );
  t.deepEqual(report.problems, []);
  t.is(settings.platform.url, "https://platform.outrider.test");
  t.is(settings.hostname, "scanner-7");
  if (settings.network.mode !== "split") return t.fail("it is not split");
  t.deepEqual(settings.network.lan.ipv4, {
    method: "static",
    address: "192.0.2.10/24",
    gateway: "192.0.2.1",
  });
  t.deepEqual(settings.network.lan.dns.servers, ["192.0.2.53", "192.0.2.54"]);
  t.deepEqual(settings.network.wan.ipv4, {
    method: "static",
    address: "198.51.100.9/24",
    gateway: "198.51.100.1",
  });
  t.like(settings.proxy, {
    kind: "http",
    host: "proxy.outrider.test",
    port: 8080,
    user: "anna",
    authentication: "automatic",
  });
  t.deepEqual(settings.time.servers, ["time.outrider.test"]);
  t.deepEqual(secrets, { "activation-code": code, "proxy-password": 'p"a&ss' });
  t.deepEqual(report.sources, [
    { source: "a source", place: "a place", fields: report.sources[0]?.fields ?? [] },
  ]);
  t.false(JSON.stringify(report).includes(code), "no secret is in the report");
  t.false(JSON.stringify([settings, report]).includes("a&ss"));
});

test("Qualys' names mean the same, however they are written", (t) => {
  const { settings, secrets, report } = read(
    "ovf-environment",
    ovf({
      Personalization_Code: code,
      LAN_IP: "192.0.2.10",
      LAN_Netmask: "255.255.255.0",
      LAN_Gateway: "192.0.2.1",
      LAN_DNS_Servers: "192.0.2.53",
      LAN_Default_VLAN: "0",
      Enable_WAN_Interface: "False",
      WAN_IP: "",
      HTTP_Proxy: "corp\\\\anna:s3cr@t@proxy.outrider.test:8080",
      IPV6_ONLY: "False",
      WINS_1: "192.0.2.5",
      WINS_2: "",
      PREFER_USERDATA: "False",
      USER_DATA: Buffer.from("LAN_IP=192.0.2.99\nhostname=from-user-data").toString("base64"),
    }),
  );
  t.deepEqual(settings.network, {
    mode: "single",
    lan: {
      ...defaultInterface,
      ipv4: { method: "static", address: "192.0.2.10/24", gateway: "192.0.2.1" },
      dns: { servers: ["192.0.2.53"], search: [] },
    },
  });
  t.is(settings.hostname, "from-user-data");
  t.like(settings.proxy, {
    kind: "http",
    host: "proxy.outrider.test",
    port: 8080,
    user: "corp\\anna",
  });
  t.deepEqual(secrets, { "activation-code": code, "proxy-password": "s3cr@t" });
  t.is(report.problems.length, 1);
  t.like(report.problems[0], { field: "LAN_IP" });
  t.regex(report.problems[0]?.message ?? "", /another value first/);
  t.deepEqual(report.notes, [
    "WINS_1 is not used: WINS is not used.",
    "An activation code was given, but no platform address: type it at the console.",
  ]);

  const lower = read(
    "user-data",
    lines({ perscode: code, proxy_url: "proxy://proxy.outrider.test:8080" }),
  );
  t.is(lower.secrets["activation-code"], code);
  t.like(lower.settings.proxy, {
    kind: "http",
    host: "proxy.outrider.test",
    port: 8080,
    authentication: "none",
  });
  const preferred = read(
    "ovf-environment",
    ovf({
      hostname: "from-property",
      PREFER_USERDATA: "True",
      USER_DATA: Buffer.from("hostname=from-user-data").toString("base64"),
    }),
  );
  t.is(preferred.settings.hostname, "from-user-data");
});

test("a blank LAN_IP means DHCP, and the report notes it", (t) => {
  const { settings, report } = read(
    "ovf-environment",
    ovf({ LAN_IP: "", LAN_Netmask: "", Enable_WAN_Interface: "True", WAN_IP: " " }),
  );
  t.is(settings.network.lan.ipv4.method, "dhcp");
  t.is(settings.network.mode, "split");
  t.deepEqual(report.notes, [
    "LAN_IP is blank: the address of LAN comes by DHCP.",
    "WAN_IP is blank: the address of WAN comes by DHCP.",
  ]);
  t.deepEqual(report.problems, []);
});

test("a bad value is named with its source and place; the others are used", (t) => {
  const { settings, secrets, report } = read(
    "user-data",
    lines({
      hostname: "-bad-",
      lan_address: "192.0.2.10/24",
      lan_gateway: "198.51.100.1",
      lan_dns: "192.0.2.53",
      ntp_servers: "time.outrider.test",
      PERSCODE: "12345678901234",
    }),
  );
  t.is(settings.hostname, "outrider");
  t.deepEqual(settings.time.servers, ["time.outrider.test"]);
  t.is(
    settings.network.lan.ipv4.method,
    "dhcp",
    "an address whose gateway is wrong cannot be used alone",
  );
  t.deepEqual(secrets, {});
  const found = Object.fromEntries(
    report.problems.map(({ field, source, place, message }) => [field, [source, place, message]]),
  );
  t.deepEqual(Object.keys(found).sort(), ["PERSCODE", "hostname", "lan_address", "lan_gateway"]);
  t.is(found.hostname?.[1], "a place, line 1");
  t.regex(found.lan_gateway?.[2] ?? "", /not in the network 192\.0\.2\.0\/24/);
  t.false(JSON.stringify(report).includes("12345678901234"), "not even a wrong code is repeated");
  for (const { example, field } of report.problems) t.not(example, "", field);
});

test("WAN values are only used when WAN is", (t) => {
  const { settings, report } = read(
    "user-data",
    lines({ WAN_IP: "198.51.100.9", WAN_Netmask: "255.255.255.0" }),
  );
  t.is(settings.network.mode, "single");
  t.deepEqual(report.notes, ["WAN_IP, WAN_Netmask: not used, since wan_enabled is off."]);
  t.like(read("user-data", "wan_enabled=perhaps").report.problems[0], {
    field: "wan_enabled",
    place: "a place, line 1",
  });
});

test("values that have no effect are named, with the reason", (t) => {
  const notes = (values: Record<string, string>, present?: Settings) => {
    const { problems, notes } = read("user-data", lines(values), present).report;
    t.deepEqual(problems, []);
    return notes;
  };
  t.deepEqual(
    notes({ proxy_user: "anna", proxy_authentication: "ntlm", proxy_bypass: "*.example.org" }),
    ["proxy_user, proxy_authentication, proxy_bypass: not used, since there is no proxy."],
  );
  t.deepEqual(notes({ proxy_url: "none", proxy_user: "anna" }), [
    "proxy_user: not used, since there is no proxy.",
  ]);
  t.deepEqual(
    notes({
      proxy_url: "socks5://proxy.example.org:8080",
      proxy_user: "anna",
      proxy_authentication: "basic",
    }),
    ["proxy_authentication: not used with this proxy."],
  );
  t.deepEqual(
    notes({
      proxy_url: "http://proxy.example.org:8080",
      proxy_user: "anna",
      proxy_authentication: "none",
    }),
    ["proxy_user: not used with this proxy."],
  );
  t.deepEqual(
    notes({
      proxy_url: "http://proxy.example.org:8080",
      proxy_user: "anna",
      proxy_authentication: "basic",
      proxy_bypass: "*.example.org",
    }),
    [],
  );

  const dhcp = "LAN_IP is blank: the address of LAN comes by DHCP.";
  t.deepEqual(notes({ LAN_IP: "", LAN_Netmask: "255.255.255.0", lan_gateway: "192.0.2.1" }), [
    "LAN_Netmask, lan_gateway: not used, since LAN is given no static IPv4 address.",
    dhcp,
  ]);
  t.deepEqual(notes({ LAN_IP: "", LAN_Netmask: "", lan_gateway: "" }), [dhcp]);
  t.deepEqual(notes({ lan_ipv6_gateway: "2001:db8::1" }), [
    "lan_ipv6_gateway: not used, since LAN is given no static IPv6 address.",
  ]);
  t.deepEqual(
    notes({
      wan_enabled: "true",
      wan_gateway: "198.51.100.1",
      wan_ipv6: "automatic",
      wan_ipv6_gateway: "2001:db8::1",
    }),
    [
      "wan_gateway: not used, since WAN is given no static IPv4 address.",
      "wan_ipv6_gateway: not used, since WAN is given no static IPv6 address.",
    ],
  );
  const fixed = {
    lan_address: "192.0.2.10",
    lan_netmask: "255.255.255.0",
    lan_gateway: "192.0.2.1",
    lan_dns: "192.0.2.53",
  };
  t.deepEqual(notes(fixed), []);
  const { settings } = read("user-data", lines(fixed));
  t.deepEqual(notes({ lan_gateway: "192.0.2.2" }, settings), [], "the address is there");
  t.deepEqual(notes({ lan_netmask: "255.255.0.0" }, settings), [
    "lan_netmask: not used, since LAN is given no static IPv4 address.",
  ]);
});

test("user data: quotes, comments, other line ends and other people's lines", (t) => {
  const text =
    "\ufeff# made by hand\r\nexport hostname=\"scanner-1\"\r\n\r\nFOO=bar\r\nPROXY_URL='http://a%40b:c%2Fd@proxy.outrider.test'\r\nwhat is this\r\n";
  const { settings, secrets, report } = read("user-data", text);
  t.is(settings.hostname, "scanner-1");
  t.like(settings.proxy, { kind: "http", host: "proxy.outrider.test", port: 80, user: "a@b" });
  t.is(secrets["proxy-password"], "c/d");
  t.deepEqual(report.notes, [
    "FOO is not a name that is known here; it was passed over.",
    "PROXY_URL names no port: 80 is used.",
  ]);
  t.like(report.problems[0], { place: "a place, line 6", message: "This line is not NAME=value." });
  t.is(read("user-data", "#!/bin/sh\nhostname=x").settings.hostname, "outrider");
  t.like(read("user-data", "Content-Type: multipart/mixed").report.problems[0], {
    place: "a place, line 1",
  });
});

test("a proxy's address without a port has that of its scheme, and that is noted", (t) => {
  const ports: [address: string, port: number | null][] = [
    ["http://proxy.example.org", 80],
    ["HTTP://anna:x@proxy.example.org/", 80],
    ["https://proxy.example.org", 443],
    ["socks5://[2001:db8::1]", 1080],
    ["proxy.example.org", 3128],
    ["proxy://proxy.example.org", 3128],
    ["http://proxy.example.org:80", null],
    ["http://proxy.example.org:3128", null],
    ["none", null],
  ];
  for (const [address, port] of ports) {
    const { settings, report } = read("user-data", `HTTP_PROXY=${address}`);
    t.deepEqual(report.problems, [], address);
    t.deepEqual(
      report.notes,
      port === null ? [] : [`HTTP_PROXY names no port: ${port} is used.`],
      address,
    );
    if (port !== null) t.like(settings.proxy, { port }, address);
  }
});

test("cloud-config: its host name, and our names in a section of their own", (t) => {
  const text =
    "#cloud-config\nhostname: scanner-2\nusers: [root]\noutrider:\n  lan_address: 192.0.2.10/24\n  lan_gateway: 192.0.2.1\n  lan_dns: [192.0.2.53, 192.0.2.54]\n  wan_vlan: {}\n";
  const { settings, report } = read("user-data", text);
  t.is(settings.hostname, "scanner-2");
  t.deepEqual(settings.network.lan.dns.servers, ["192.0.2.53", "192.0.2.54"]);
  t.like(report.problems[0], {
    place: "a place, line 8",
    message: "wan_vlan is neither a text nor a list.",
  });
  t.regex(
    read("user-data", "#cloud-config\na: [").report.problems[0]?.place ?? "",
    /^a place, line 2/,
  );
  t.is(read("user-data", "#cloud-config\n- a").settings.hostname, "outrider");
});

test("a value of YAML is used as it is written, not as the number that it looks like", (t) => {
  const proxy = "proxy_url: proxy.outrider.test:3128\n";
  for (const written of ["0123456", "1e5", "0x1F", "1.50", "True", "+7"]) {
    t.is(
      read("user-data", `#cloud-config\noutrider:\n  ${proxy}  proxy_password: ${written}`).secrets[
        "proxy-password"
      ],
      written,
    );
    t.is(
      read("meta-data", `meta:\n  ${proxy}  proxy_password: ${written}`).secrets["proxy-password"],
      written,
    );
    t.is(
      read("settings-yaml", `values:\n  ${proxy}  proxy_password: ${written}`).secrets[
        "proxy-password"
      ],
      written,
    );
  }
  t.is(read("user-data", "#cloud-config\nhostname: 0123").settings.hostname, "0123");
  t.is(read("meta-data", "local-hostname:\nhostname: 007.example.org").settings.hostname, "007");
  t.is(
    read("user-data", "#cloud-config\noutrider: {wan_enabled: true}").settings.network.mode,
    "split",
  );
  t.is(
    read("meta-data", '{"meta": {"wan_enabled": true, "lan_vlan": 17, "proxy_url": null}}').settings
      .network.lan.vlan,
    17,
  );
});

test("a value that YAML takes for a tag or an anchor is reported, not dropped", (t) => {
  const message = "proxy_password has a tag or an anchor of YAML.";
  for (const written of ["!S3kret", "&S3kret", "!S3kret x", "&S3kret x", "[a, &S3kret]"]) {
    const { report, secrets } = read(
      "user-data",
      `#cloud-config\noutrider:\n  hostname: a\n  proxy_password: ${written}`,
    );
    t.deepEqual(secrets, {});
    t.like(
      report.problems[0],
      {
        place: "a place, line 4",
        message,
        example: "A value that begins with ! or & stands in quotes.",
      },
      written,
    );
    t.is(
      read("meta-data", `meta: {proxy_password: ${written}}`).report.problems[0]?.message,
      message,
      written,
    );
    t.is(
      read("settings-yaml", `values: {proxy_password: ${written}}`).report.problems[0]?.message,
      message,
      written,
    );
  }
  t.regex(
    read("user-data", "#cloud-config\nhostname: !a").report.problems[0]?.message ?? "",
    /^hostname has a tag/,
  );
  t.regex(
    read("meta-data", "hostname: &a").report.problems[0]?.message ?? "",
    /^hostname has a tag/,
  );
  t.regex(
    read("user-data", "#cloud-config\noutrider: &a {hostname: b}").report.problems[0]?.message ??
      "",
    /^The names and values have a tag/,
  );
  const file = read(
    "settings-yaml",
    "hostname: scanner-6\nplatform: {url: !a}\nvalues: {lan_vlan: 9, lan_mtu: {}}",
  );
  t.is(file.settings.hostname, "outrider", "all of it or nothing");
  t.is(file.settings.network.lan.vlan, 9);
  t.deepEqual(
    file.report.problems.map(({ message }) => message),
    ["lan_mtu is neither a text nor a list.", "platform has a tag or an anchor of YAML."],
  );
});

test("metadata of ConfigDrive and NoCloud: the machine's name, and what is attached to it", (t) => {
  const openstack = read(
    "meta-data",
    JSON.stringify({
      uuid: "x",
      hostname: "scanner-3.novalocal",
      meta: { lan_vlan: "17", other: "x" },
      keys: [],
    }),
  );
  t.is(openstack.settings.hostname, "scanner-3");
  t.is(openstack.settings.network.lan.vlan, 17);
  t.is(
    read("meta-data", "instance-id: 1\nlocal-hostname: scanner-4\n").settings.hostname,
    "scanner-4",
  );
  t.deepEqual(read("meta-data", "").report.problems, []);
  t.is(read("meta-data", "{").report.problems.length, 1);
});

test("a settings file is used in whole or in part, or refused with the line", (t) => {
  const part = read(
    "settings-yaml",
    `hostname: scanner-5\nproxy: {kind: socks5, host: proxy.outrider.test, port: 1080, user: "", bypass: [], fallbackToDirect: false}\nvalues:\n  activation_code: ${code}\n`,
  );
  t.deepEqual(part.report.problems, []);
  t.is(part.settings.hostname, "scanner-5");
  t.is(part.settings.proxy.kind, "socks5");
  t.is(part.secrets["activation-code"], code);
  t.deepEqual(part.report.sources[0]?.fields, ["hostname", "proxy", "activation_code"]);

  const nested = read(
    "settings-yaml",
    "network:\n  lan:\n    ipv4: {method: static, address: 192.0.2.10/24, gateway: 192.0.2.1}\n    dns: {servers: [192.0.2.53]}\n",
  );
  t.deepEqual(nested.settings.network.lan.ipv4, {
    method: "static",
    address: "192.0.2.10/24",
    gateway: "192.0.2.1",
  });

  const wrong = read(
    "settings-yaml",
    "hostname: scanner-6\nnetwork:\n  lan:\n    ipv4: {method: static, address: 192.0.2.0/24, gateway: 192.0.2.1}\n    dns: {servers: [192.0.2.53]}\n",
  );
  t.is(wrong.settings.hostname, "outrider", "all of it or nothing");
  t.regex(wrong.report.problems[0]?.place ?? "", /line 4/);
  t.regex(read("settings-yaml", "nonsense: 1").report.problems[0]?.message ?? "", /nonsense/);
  t.is(read("settings-yaml", "- 1").report.problems.length, 1);
  t.is(read("settings-yaml", "version: 99").report.problems.length, 1);
});

test("the first source that names a value decides it; unreadable sources are reported", (t) => {
  const document = (source: string, text: string): ZeroTouchDocument => ({
    format: "user-data",
    source,
    place: source,
    text,
  });
  const { settings, report } = readZeroTouch(
    [
      document("first", "hostname=one"),
      document("second", "hostname=two\nlan_vlan=9"),
      { ...document("third", ""), failure: "It could not be mounted." },
    ],
    defaultSettings,
    5,
  );
  t.is(settings.hostname, "one");
  t.is(settings.network.lan.vlan, 9);
  t.deepEqual(
    report.problems.map(({ source }) => source),
    ["second", "third"],
  );
  t.is(report.sources.length, 3);
});

test("certificates come as PEM, with its line ends written out, or in base64", (t) => {
  const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  for (const value of [pem.replaceAll("\n", "\\n"), Buffer.from(pem).toString("base64")]) {
    const { settings, report } = read(
      "credentials",
      JSON.stringify({ trusted_certificates: value }),
    );
    // Other tests check the certificate's content; this one checks that the text arrived whole.
    t.true(
      settings.trust.certificates.length === 1 ||
        report.problems[0]?.field === "trusted_certificates",
      value,
    );
  }
});

test("nothing changes when nothing is given", (t) => {
  const { settings, secrets, report } = readZeroTouch([], defaultSettings, 5);
  t.is(settings, defaultSettings);
  t.deepEqual(secrets, {});
  t.deepEqual(report, { readAt: 5, sources: [], problems: [], notes: [] });
});
