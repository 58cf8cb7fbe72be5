import test from "ava";
import fc from "fast-check";
import { type SettingsOptions, settingsOptions } from "../../src/cli/known-options.ts";
import { UsageError } from "../../src/cli/output.ts";
import { applyOptions } from "../../src/cli/settings-options.ts";
import { SettingsRefused } from "../../src/configd/api/settings-refused.ts";
import { validateSettings } from "../../src/settings/checks/validate.ts";
import {
  defaultInterface,
  defaultSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";

const apply = (options: SettingsOptions, settings: Settings = defaultSettings) =>
  applyOptions(settings, options);

test("every field of both roles can be set, and the modes changed", (t) => {
  const split = apply({
    mode: "split",
    hostname: "scanner-1",
    "lan-nic": "52:54:00:00:00:01",
    "lan-address": "192.0.2.10 255.255.255.0",
    "lan-dns": "192.0.2.53",
    "lan-vlan": "7",
    "lan-mtu": "1400",
    "lan-routes": "203.0.113.0/24 via 192.0.2.254 metric 50",
    "wan-nic": "52-54-00-00-00-02",
    "wan-address": "198.51.100.9/24",
    "wan-gateway": "198.51.100.1",
    "wan-dns": "198.51.100.53 198.51.100.54",
    "wan-search": "outrider.test",
    "wan-ipv6": "automatic",
  });
  if (split.network.mode !== "split") return t.fail();
  t.deepEqual(split.network.lan, {
    ...defaultInterface,
    macAddress: "52:54:00:00:00:01",
    vlan: 7,
    mtu: 1400,
    ipv4: { method: "static", address: "192.0.2.10/24", gateway: null },
    dns: { servers: ["192.0.2.53"], search: [] },
    routes: [{ to: "203.0.113.0/24", via: "192.0.2.254", metric: 50 }],
  });
  t.deepEqual(split.network.wan, {
    ...defaultInterface,
    macAddress: "52:54:00:00:00:02",
    ipv4: { method: "static", address: "198.51.100.9/24", gateway: "198.51.100.1" },
    ipv6: { method: "automatic" },
    dns: { servers: ["198.51.100.53", "198.51.100.54"], search: ["outrider.test"] },
  });
  const back = apply(
    { mode: "single", dhcp: true, vlan: "none", mtu: "automatic", routes: "", dns: "" },
    split,
  );
  t.deepEqual(back.network, {
    mode: "single",
    lan: { ...defaultInterface, macAddress: "52:54:00:00:00:01" },
  });
  const swapped = apply({ "swap-roles": true }, split);
  t.is(swapped.network.lan.macAddress, "52:54:00:00:00:02");
  t.is(swapped.network.mode === "split" && swapped.network.wan.macAddress, "52:54:00:00:00:01");
});

test("every kind of proxy can be set; a password has no place in its address", (t) => {
  t.like(
    apply({
      proxy: "https://proxy.outrider.test",
      "proxy-user": "CORP\\anna",
      "proxy-authentication": "ntlm",
    }).proxy,
    {
      kind: "http",
      tls: true,
      port: 443,
      user: "CORP\\anna",
      authentication: "ntlm",
    },
  );
  t.like(apply({ proxy: "proxy.outrider.test:8080" }).proxy, {
    kind: "http",
    port: 8080,
    authentication: "none",
  });
  t.like(apply({ proxy: "socks5://proxy.outrider.test" }).proxy, {
    kind: "socks5",
    port: 1080,
    user: "",
  });
  t.like(
    apply({
      proxy: "pac+http://wpad.outrider.test/proxy.pac",
      "proxy-bypass": "192.0.2.0/24 .outrider.test",
      "proxy-fallback": "yes",
    }).proxy,
    {
      kind: "pac",
      url: "http://wpad.outrider.test/proxy.pac",
      bypass: ["192.0.2.0/24", ".outrider.test"],
      fallbackToDirect: true,
    },
  );
  t.is(apply({ proxy: "none" }, apply({ proxy: "proxy.outrider.test" })).proxy.kind, "none");
  t.throws(() => apply({ proxy: "http://anna:s3cret@proxy.outrider.test" }), {
    instanceOf: UsageError,
    message: /--proxy-password/,
  });
  t.throws(() => apply({ "proxy-user": "anna" }), { instanceOf: UsageError });
  t.throws(() => apply({ proxy: "proxy.outrider.test", "proxy-authentication": "x" }), {
    instanceOf: UsageError,
  });
});

test("all problems are reported at once, each with its field", (t) => {
  const error = t.throws(
    () => apply({ address: "192.0.2.0/24", gateway: "x", proxy: "a b", ntp: "-", exclude: "y" }),
    { instanceOf: SettingsRefused },
  );
  const fields = (error?.problems ?? []).map(({ field }) => field);
  for (const field of [
    "network.lan.ipv4.address",
    "proxy.host",
    "time.servers.0",
    "scan.exclusions.0",
  ])
    t.true(fields.includes(field), `${field} in ${fields.join()}`);
  t.throws(() => apply({ "wan-dhcp": true }), { instanceOf: UsageError, message: /--mode split/ });
  t.throws(() => apply({ dhcp: true, address: "192.0.2.1/24" }), { instanceOf: UsageError });
  t.throws(() => apply({ mode: "triple" }), { instanceOf: UsageError });
});

test("the rest can be set too", (t) => {
  const settings = apply({
    "platform-url": "platform.outrider.test",
    ntp: "time.outrider.test",
    exclude: "192.0.2.5",
    "time-zone": "Europe/Berlin",
    keyboard: "de",
    "lock-after": "never",
  });
  t.is(settings.platform.url, "https://platform.outrider.test");
  t.deepEqual(settings.time.servers, ["time.outrider.test"]);
  t.deepEqual(settings.scan, { exclusions: ["192.0.2.5"], timeZone: "Europe/Berlin" });
  t.deepEqual(settings.console, { language: "en", keyboard: "de", lockAfterMinutes: null });
});

test("any options give valid settings or are refused", (t) => {
  const value = fc.oneof(
    fc.constantFrom(
      "",
      "192.0.2.10/24",
      "192.0.2.1",
      "split",
      "none",
      "7",
      "yes",
      "automatic",
      "2001:db8::1/64",
      "a b",
      "proxy:1",
    ),
    fc.string({ maxLength: 8 }),
  );
  const options = fc
    .dictionary(fc.constantFrom(...Object.keys(settingsOptions)), value, { maxKeys: 8 })
    .map((given) =>
      Object.fromEntries(
        Object.entries(given).map(([name, text]) => [
          name,
          Reflect.get(settingsOptions, name)?.type === "boolean" ? true : text,
        ]),
      ),
    );
  fc.assert(
    fc.property(options, (given) => {
      try {
        return validateSettings(apply(given)).ok;
      } catch (error) {
        return error instanceof UsageError || error instanceof SettingsRefused;
      }
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test("what is no certificate is not trusted", (t) => {
  t.throws(() => applyOptions(defaultSettings, {}, "no certificate"), {
    instanceOf: SettingsRefused,
  });
  t.deepEqual(applyOptions(defaultSettings, { "no-trust": true }).trust.certificates, []);
});
