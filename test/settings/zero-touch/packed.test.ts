import { gzipSync } from "node:zlib";
import test from "ava";
import fc from "fast-check";
import { unpackText } from "../../../src/base/packed-text.ts";
import { defaultSettings } from "../../../src/settings/model/schema.ts";
import { isMime, readMime } from "../../../src/settings/zero-touch/mime.ts";
import { readZeroTouch } from "../../../src/settings/zero-touch/read.ts";

const read = (text: string) =>
  readZeroTouch(
    [{ format: "user-data", source: "a source", place: "a place", text }],
    defaultSettings,
    5,
  );
const base64 = (content: string | Uint8Array) => Buffer.from(content).toString("base64");
const cloudConfig = "#cloud-config\nhostname: scanner-1\noutrider: {lan_vlan: 7}\n";
const property = (value: string) =>
  readZeroTouch(
    [
      {
        format: "ovf-environment",
        source: "s",
        place: "p",
        text: `<Environment><PropertySection><Property key="user-data" value="${value}"/></PropertySection></Environment>`,
      },
    ],
    defaultSettings,
    5,
  );

const mime = (...parts: string[]) =>
  [
    'Content-Type: multipart/mixed; boundary="===============2389=="',
    "MIME-Version: 1.0",
    "Number-Attachments: 1",
    "",
    ...parts.flatMap((part) => ["--===============2389==", part]),
    "--===============2389==--",
    "",
  ].join("\n");

test("user data packed by gzip and base64 is read, as by cloud-init", (t) => {
  const lines = base64(cloudConfig).replace(/(.{76})/g, "$1\n");
  for (const text of [
    base64(cloudConfig),
    `${base64(gzipSync(cloudConfig))}\n`,
    base64(base64(gzipSync(cloudConfig))),
    lines,
    base64(cloudConfig).replace(/=+$/, ""),
    base64("hostname=scanner-1\nlan_vlan=7\n"),
  ]) {
    const { settings, report } = read(text);
    t.deepEqual(report.problems, [], text);
    t.is(settings.hostname, "scanner-1");
    t.is(settings.network.lan.vlan, 7);
    t.is(property(text.replaceAll("\n", " ")).settings.hostname, "scanner-1");
  }
});

test("MIME: its cloud-config is read, and a part of another kind is named", (t) => {
  const part = `Content-Type: text/cloud-config; charset="us-ascii"\nMIME-Version: 1.0\nContent-Transfer-Encoding: 7bit\nContent-Disposition: attachment; filename="a.yaml"\n\n${cloudConfig}`;
  const packed = `Content-Type: text/cloud-config;\n charset="utf-8"\nContent-Transfer-Encoding: base64\n\n${base64(cloudConfig)}`;
  const zipped = `Content-Type: application/gzip\nContent-Transfer-Encoding: base64\n\n${base64(gzipSync(cloudConfig))}`;
  const quoted =
    "Content-Type: text/cloud-config\nContent-Transfer-Encoding: quoted-printable\n\n#cloud-config\nhostname: scan=\nner-1\noutrider: {lan_vlan: =37}";
  for (const each of [part, packed, zipped, quoted]) {
    const { settings, report } = read(mime(each));
    t.deepEqual(report.problems, [], each);
    t.is(settings.hostname, "scanner-1", each);
    t.is(settings.network.lan.vlan, 7);
  }
  t.is(read(mime(part).replaceAll("\n", "\r\n")).settings.hostname, "scanner-1");
  t.is(read(base64(gzipSync(mime(part)))).settings.hostname, "scanner-1", "Terraform's defaults");
  t.is(read(part).settings.hostname, "scanner-1", "one part alone");
  const { settings, report } = read(
    mime("Content-Type: text/x-shellscript\n\n#!/bin/sh\nreboot", part),
  );
  t.is(settings.hostname, "scanner-1");
  t.like(report.problems[0], {
    place: "a place, part 1",
    message: "Its part of type text/x-shellscript is not read; a text/cloud-config is.",
  });
  t.like(read(mime(part.replace("lan_vlan: 7", "lan_vlan: x"))).report.problems[0], {
    place: "a place, part 1, line 3",
  });
  t.like(read("MIME-Version: 1.0\nContent-Type: multipart/mixed\n\nx").report.problems[0], {
    message: "It is MIME, and its parts could not be told apart.",
  });
});

test("a template's header and blank lines before #cloud-config are passed over", (t) => {
  for (const start of ["## template: jinja\n", "\n", "\r\n\r\n", " \n## template:jinja\n\n"])
    t.is(read(`${start}${cloudConfig}`).settings.hostname, "scanner-1", JSON.stringify(start));
  t.like(read(`\n\n${cloudConfig.replace("7", "x")}`).report.problems[0], {
    place: "a place, line 5",
  });
  const template = `## template: jinja\n${cloudConfig.replace("scanner-1", "{{ v1.local_hostname }}")}`;
  t.like(read(template).report.problems[0], {
    place: "a place, line 3",
    message: "It is a Jinja template, and its expressions are not filled in here.",
  });
  for (const script of ["#!/bin/sh\nx=1", "\n#!/bin/sh", "#include\nhttps://x", "#cloud-boothook"])
    t.regex(read(script).report.problems[0]?.message ?? "", /script or an archive/, script);
});

test("what unfolds, is cut off or is packed too often is refused", (t) => {
  const problem = (text: string) => read(text).report.problems[0]?.message;
  t.regex(problem(base64(gzipSync("a".repeat(2 ** 24)))) ?? "", /longer than 65536 bytes/);
  t.regex(
    problem(base64(gzipSync(`x=${"ab".repeat(500)}`).subarray(0, 20))) ?? "",
    /damaged or cut off/,
  );
  let text = cloudConfig;
  for (let layer = 0; layer < 8; layer++) text = base64(text);
  t.regex(problem(text) ?? "", /several times/);
  t.like(read(base64(Buffer.from("proxy_password=gr\xfcn", "latin1"))).report.problems[0], {
    message: "Line 1 is not UTF-8 text.",
  });
});

test("any bytes are unpacked within the limit or refused", (t) => {
  const bytes = fc.uint8Array({ maxLength: 60 });
  const layers: ((content: Uint8Array) => Uint8Array)[] = [
    (content) => gzipSync(Buffer.from(content)),
    (content) => Buffer.from(base64(content)),
    (content) => gzipSync(Buffer.from(content)).subarray(0, 25),
  ];
  const layer = fc.constantFrom(...layers);
  fc.assert(
    fc.property(bytes, fc.array(layer, { maxLength: 6 }), (content, chosen) => {
      const result = unpackText(
        chosen.reduce<Uint8Array>((packed, pack) => pack(packed), content),
        1000,
      );
      return result.ok ? result.text.length <= 1000 : result.wrong.code.startsWith("given-");
    }),
    { numRuns: 500 },
  );
  const line = fc.constantFrom(
    "Content-Type: multipart/mixed; boundary=b",
    "Content-Type: text/cloud-config",
    "Content-Transfer-Encoding: base64",
    "Content-Transfer-Encoding: quoted-printable",
    "--b",
    "--b--",
    "",
    " x",
    "=3D=",
    "#cloud-config",
    "hostname: a",
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(line, fc.string({ maxLength: 20 })), { maxLength: 40 }),
      (all) => {
        const text = ["MIME-Version: 1.0", ...all].join("\n");
        const parts = readMime(text);
        read(text);
        return isMime(text) && (parts === null || parts.length <= 21);
      },
    ),
    { numRuns: 500 },
  );
  t.pass();
});

test("MIME in quoted-printable is decoded by the encoding that its part declares", (t) => {
  const part = (charset: string, user: string) =>
    mime(
      `Content-Type: text/cloud-config; charset="${charset}"\nContent-Transfer-Encoding: quoted-printable\n\n#cloud-config\noutrider:\n  proxy_url: http://p.example:8080\n  proxy_user: ${user}\n`,
    );
  for (const text of [
    part("iso-8859-1", "j=F6rg"),
    part("windows-1252", "j=F6rg"),
    part("utf-8", "j=C3=B6r=\ng"),
  ]) {
    const { settings, report } = read(text);
    t.deepEqual(report.problems, [], text);
    t.like(settings.proxy, { user: "j\u00f6rg" }, text);
  }
  const wrong = read(part("utf-8", "j=F6rg"));
  t.regex(wrong.report.problems.map(({ message }) => message).join(), /UTF-8/);
  t.deepEqual(wrong.settings.proxy, { kind: "none" });
});
