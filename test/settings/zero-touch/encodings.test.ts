import test from "ava";
import { defaultSettings } from "../../../src/settings/model/schema.ts";
import type { ZeroTouchFormat } from "../../../src/settings/zero-touch/document.ts";
import { readZeroTouch } from "../../../src/settings/zero-touch/read.ts";

const read = (format: ZeroTouchFormat, text: string) =>
  readZeroTouch([{ format, source: "a source", place: "a place", text }], defaultSettings, 5);
const base64 = (bytes: string, encoding: BufferEncoding) =>
  Buffer.from(bytes, encoding).toString("base64");

test("a value with U+FFFD, which another program has damaged, is never stored", (t) => {
  const damaged: [ZeroTouchFormat, string][] = [
    ["user-data", "proxy_url=http://proxy.example.org:80\nproxy_password=gr\ufffdn\n"],
    ["user-data", "#cloud-config\noutrider: {proxy_password: gr\ufffdn}"],
    ["meta-data", '{"meta": {"proxy_password": "gr\ufffdn"}}'],
    ["credentials", JSON.stringify({ proxy_password: "gr\ufffdn" })],
    ["settings-yaml", "values: {proxy_password: gr\ufffdn}"],
    [
      "ovf-environment",
      '<Environment><PropertySection><Property key="proxy_password" value="gr\ufffdn"/></PropertySection></Environment>',
    ],
  ];
  for (const [format, text] of damaged) {
    const { secrets, report } = read(format, text);
    t.deepEqual(secrets, {}, format);
    t.like(report.problems[0], { field: "proxy_password" }, format);
    t.regex(report.problems[0]?.message ?? "", /U\+FFFD/);
    t.false(JSON.stringify(report).includes("gr\ufffdn"));
  }
});

test("a settings file with U+FFFD in a value is not used; in a comment it harms nothing", (t) => {
  const { settings, report } = read(
    "settings-yaml",
    "hostname: scanner-1\nproxy: {kind: http, host: p, port: 80, user: j\ufffdrg}\n",
  );
  t.is(settings.hostname, "outrider");
  t.like(report.problems[0], { place: "a place, line 2" });
  t.is(read("settings-yaml", "# gr\ufffdn\nhostname: scanner-1").settings.hostname, "scanner-1");
});

test("USER_DATA in base64 is decoded like any other bytes", (t) => {
  const property = (value: string) =>
    read(
      "ovf-environment",
      `<Environment><PropertySection><Property key="USER_DATA" value="${value}"/></PropertySection></Environment>`,
    );
  t.is(property(base64("\ufeffhostname=scanner-1", "utf16le")).settings.hostname, "scanner-1");
  t.is(property(base64("\ufeffhostname=scanner-1", "utf8")).settings.hostname, "scanner-1");
  const { secrets, report } = property(
    base64("proxy_url=p:80\nproxy_password=gr\xfcn\n", "latin1"),
  );
  t.deepEqual(secrets, {});
  t.like(report.problems[0], { field: "USER_DATA", message: "Line 2 is not UTF-8 text." });
});
