import test from "ava";
import { isErrorCode } from "../../src/base/messages/error-codes.ts";
import { describeFacts } from "../../src/base/messages/facts.ts";
import type { InterfaceStatus } from "../../src/configd/api/status.ts";
import { networkReports } from "../../src/configd/status/network-reports.ts";
import {
  defaultHttpProxy,
  defaultInterface,
  defaultSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";
import { fakeInterface } from "../testkit/configd/fake-system.ts";

const nic = (role: "lan" | "wan", addresses: string[]): InterfaceStatus => {
  const {
    index: _,
    mayTake: __,
    leasedRoutes: ___,
    ...facts
  } = fakeInterface(role === "lan" ? "eth0" : "eth1", `52:54:00:00:00:0${role === "lan" ? 1 : 2}`, {
    addresses,
  });
  return { ...facts, role };
};
const split: Settings = {
  ...defaultSettings,
  network: { mode: "split", lan: defaultInterface, wan: defaultInterface },
};
const quiet = {
  lan: { packets: 0, bytes: 0, kernelPackets: 0 },
  wan: { packets: 0, bytes: 0, kernelPackets: 0 },
};
const codes = (...parameters: Parameters<typeof networkReports>) => {
  const reports = networkReports(...parameters);
  for (const { code } of reports) if (!isErrorCode(code)) throw new Error(code);
  for (const { detail, facts } of reports)
    if (describeFacts(facts ?? []) !== detail) throw new Error(detail);
  return reports.map(({ code, detail }) => `${code}: ${detail}`);
};

test("two different networks give no report", (t) => {
  t.deepEqual(
    codes(
      split,
      [
        nic("lan", ["192.0.2.10/24", "2001:db8:0:1::10/64"]),
        nic("wan", ["198.51.100.10/24", "2001:db8:0:2::10/64"]),
      ],
      [],
      quiet,
    ),
    [],
  );
});

test("leases that put both cards into one network are reported, of either family", (t) => {
  t.deepEqual(
    codes(split, [nic("lan", ["192.0.2.10/24"]), nic("wan", ["192.0.2.11/24"])], [], quiet),
    ["same-network: LAN 192.0.2.10/24; WAN 192.0.2.11/24"],
  );
  t.regex(
    codes(split, [nic("lan", ["10.0.0.5/8"]), nic("wan", ["10.1.0.5/16"])], [], quiet)[0] ?? "",
    /^same-network/,
  );
  t.regex(
    codes(split, [nic("lan", ["2001:db8::5/64"]), nic("wan", ["2001:db8::6/64"])], [], quiet)[0] ??
      "",
    /^same-network/,
  );
});

test("a platform or proxy that the LAN's lease covers is reported, in split mode only", (t) => {
  const interfaces = [nic("lan", ["192.0.2.10/24"]), nic("wan", ["198.51.100.10/24"])];
  const settings: Settings = {
    ...split,
    platform: { url: "https://192.0.2.99" },
    proxy: { ...defaultHttpProxy, host: "192.0.2.98" },
  };
  t.deepEqual(codes(settings, interfaces, [], quiet), [
    "in-lan-network: 192.0.2.99",
    "in-lan-network: 192.0.2.98",
  ]);
  t.deepEqual(codes({ ...settings, network: defaultSettings.network }, interfaces, [], null), []);
});

test("a role without a card, a card without a role, and what the guards stopped", (t) => {
  const lan = nic("lan", ["192.0.2.10/24"]);
  t.deepEqual(codes(split, [lan], [], quiet), ["interface-missing: WAN"]);
  t.deepEqual(
    codes(
      split,
      [lan],
      [{ code: "interface-missing", macAddress: "52:54:00:00:00:02", role: "wan" }],
      quiet,
    ),
    ["interface-missing: WAN, 52:54:00:00:00:02"],
  );
  const wan = nic("wan", ["198.51.100.10/24"]);
  t.deepEqual(
    codes(
      split,
      [lan, wan],
      [{ code: "interface-added", macAddress: wan.macAddress, role: null }],
      { ...quiet, wan: { packets: 3, bytes: 126, kernelPackets: 2 } },
    ),
    [
      "interface-added: 52:54:00:00:00:02, eth1",
      "packets-stopped: 1 on WAN",
      "answers-stopped: 2 on WAN",
    ],
  );
});
