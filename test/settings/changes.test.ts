import { isDeepStrictEqual } from "node:util";
import test from "ava";
import fc from "fast-check";
import { describeChanges, touchesPath } from "../../src/settings/changes.ts";
import {
  defaultInterface,
  defaultSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";
import { validSettings } from "../testkit/configd/valid-settings.ts";

const unchanged = { before: false, after: false, replaced: false };

test("a review shows each change, and nothing where nothing changes", (t) => {
  fc.assert(
    fc.property(validSettings, validSettings, (before, after) => {
      t.deepEqual(describeChanges(before, before, unchanged), []);
      for (const part of [
        "hostname",
        "network",
        "proxy",
        "platform",
        "trust",
        "time",
        "scan",
        "console",
      ] as const) {
        const mixed: Settings = { ...before, [part]: after[part] };
        if (!isDeepStrictEqual(mixed, before))
          t.not(describeChanges(before, mixed, unchanged).length, 0, part);
      }
    }),
    { numRuns: 40 },
  );
});

test("what can cut the way to the platform is tried first", (t) => {
  const { network } = defaultSettings;
  const changes: [Partial<Settings>, boolean][] = [
    [{ network: { mode: "split", lan: network.lan, wan: defaultInterface } }, true],
    [{ network: { mode: "single", lan: { ...network.lan, mtu: 1400 } } }, true],
    [
      {
        proxy: {
          kind: "pac",
          url: "http://wpad.example.org/proxy.pac",
          authentication: "none",
          user: "",
          bypass: [],
          fallbackToDirect: false,
        },
      },
      true,
    ],
    [{ platform: { url: "https://platform.example.org" } }, true],
    [{ trust: { certificates: ["PEM"] } }, true],
    [{ time: { servers: ["ntp.example.org"] } }, true],
    [{ hostname: "other" }, false],
    [{ scan: { exclusions: ["192.0.2.1"], timeZone: "UTC" } }, false],
    [{ console: { language: "en", keyboard: "de", lockAfterMinutes: null } }, false],
  ];
  for (const [change, expected] of changes)
    t.is(
      touchesPath(defaultSettings, { ...defaultSettings, ...change }, false),
      expected,
      JSON.stringify(change),
    );
  t.true(touchesPath(defaultSettings, defaultSettings, true));
});
