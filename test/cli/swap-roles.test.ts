import test from "ava";
import { applyOptions } from "../../src/cli/settings-options.ts";
import { withPresentCards } from "../../src/cli/swap-roles.ts";
import {
  defaultInterface,
  defaultSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";
import { fakeInterface } from "../testkit/configd/fake-system.ts";

const [first, second] = ["52:54:00:00:00:01", "52:54:00:00:00:02"];
const split: Settings = {
  ...defaultSettings,
  network: { mode: "split", lan: { ...defaultInterface, mtu: 1400 }, wan: defaultInterface },
};
const interfaces = [
  { ...fakeInterface("eth0", first), role: "lan" as const },
  { ...fakeInterface("eth1", second), role: "wan" as const },
];

test("roles that took their cards by themselves are swapped by name, and keep their own settings", (t) => {
  const swapped = applyOptions(
    withPresentCards({ settings: split, interfaces }),
    { "swap-roles": true },
    null,
  );
  t.like(swapped.network, {
    mode: "split",
    lan: { macAddress: second, mtu: 1400 },
    wan: { macAddress: first, mtu: null },
  });
});

test("without two roles or without a card there is nothing to swap, in words", (t) => {
  t.throws(() => withPresentCards({ settings: defaultSettings, interfaces }), {
    message: /single mode/,
  });
  t.throws(() => withPresentCards({ settings: split, interfaces: interfaces.slice(0, 1) }), {
    message: /not there/,
  });
});
