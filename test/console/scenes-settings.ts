import type { Status } from "../../src/configd/api/status.ts";
import { defaultInterface, type Settings } from "../../src/settings/model/schema.ts";
import { type Scene, type SceneStep, sceneTimeMs } from "./scene.ts";

const hourMs = 3_600_000;

/** The status of a machine in split mode: LAN static with routes, WAN by DHCP. */
export function inSplitMode(status: Status): Status {
  const [first, second] = status.interfaces;
  const settings: Settings = {
    ...status.settings,
    network: {
      mode: "split",
      lan: {
        ...defaultInterface,
        macAddress: first?.macAddress ?? null,
        ipv4: { method: "static", address: "192.0.2.50/24", gateway: "192.0.2.1" },
        dns: { servers: ["192.0.2.53"], search: [] },
        routes: [{ to: "10.0.0.0/8", via: "192.0.2.2", metric: null }],
      },
      wan: {
        ...defaultInterface,
        macAddress: second?.macAddress ?? null,
        ipv6: { method: "automatic" },
      },
    },
  };
  const interfaces = status.interfaces.map((nic, index) =>
    index === 1
      ? {
          ...nic,
          role: "wan" as const,
          addresses: ["198.51.100.50/24", "2001:db8::50/64"],
          origins: ["dhcp" as const, "router" as const],
          gateways: ["198.51.100.1"],
          gateway: "198.51.100.1",
          dns: ["198.51.100.1"],
          dhcp: true,
        }
      : nic,
  );
  return {
    ...status,
    settings,
    interfaces,
    guards: {
      lan: { packets: 0, bytes: 0, kernelPackets: 0 },
      wan: { packets: 0, bytes: 0, kernelPackets: 0 },
    },
  };
}

/** The status of a machine whose LAN is a VLAN on its first card. */
export function onVlan(status: Status): Status {
  const interfaces = status.interfaces.flatMap((nic, index) =>
    index === 0
      ? [
          {
            ...nic,
            role: null,
            addresses: [],
            origins: [],
            gateways: [],
            gateway: null,
            dns: [],
            dhcp: false,
          },
          { ...nic, name: "lan" },
        ]
      : [nic],
  );
  return { ...status, interfaces };
}

export const splitMode: SceneStep = { change: inSplitMode };
const tabs = (count: number): SceneStep[] => Array.from({ length: count }, () => "tab" as const);

export const settingsOfNoInterest: Settings = {
  version: 2,
  hostname: "scanner-1",
  network: { mode: "single", lan: defaultInterface },
  proxy: { kind: "none" },
  platform: { url: null },
  trust: { certificates: [] },
  time: { servers: [] },
  scan: { exclusions: [], timeZone: "UTC" },
  console: { language: "en", keyboard: "us", lockAfterMinutes: 15 },
};

const earlier: SceneStep = {
  answer: {
    type: "reply",
    verb: "history",
    reply: {
      entries: [
        {
          number: 3,
          keptAt: sceneTimeMs - 2 * hourMs,
          by: { how: "console", who: "tty1", why: "" },
          changes: [{ field: "Proxy", before: "none", after: "proxy.example.test:3128" }],
        },
        {
          number: 2,
          keptAt: sceneTimeMs - 26 * hourMs,
          by: { how: "platform", who: "job 4711", why: "The branch office got another router." },
          changes: [
            { field: "IPv4", before: "DHCP", after: "static" },
            { field: "Address", before: "by DHCP", after: "192.0.2.60/24" },
            { field: "Gateway", before: "by DHCP", after: "192.0.2.1" },
          ],
        },
        {
          number: 1,
          keptAt: sceneTimeMs - 200 * hourMs,
          by: { how: "zero-touch", who: "OVF environment", why: "" },
          changes: [],
        },
      ].map((entry) => ({
        ...entry,
        by: { ...entry.by, how: entry.by.how as "console" | "platform" | "zero-touch" },
        settings: settingsOfNoInterest,
      })),
    },
  },
};

/** Screens of settings: Network in both modes, the history, every kind of proxy. */
export const settingsScenes: readonly Scene[] = [
  { name: "home-split", machine: "two-nics", steps: [splitMode] },
  {
    name: "home-guards",
    machine: "two-nics",
    steps: [
      {
        change: (status) => ({
          ...inSplitMode(status),
          guards: {
            lan: { packets: 0, bytes: 0, kernelPackets: 0 },
            wan: { packets: 17, bytes: 1020, kernelPackets: 0 },
          },
          networkReports: [{ code: "interface-missing", detail: "52:54:00:99:99:99" }],
        }),
      },
    ],
  },
  {
    name: "home-zero-touch",
    machine: "not-enrolled",
    steps: [
      {
        change: (status) => ({
          ...status,
          zeroTouch: {
            readAt: sceneTimeMs,
            sources: [],
            problems: [
              {
                source: "OVF environment",
                place: "guestinfo.ovfEnv, line 4",
                field: "WAN_IP",
                message: "192.0.2.300 is not an IPv4 address.",
                example: "Write it as 192.0.2.10/24.",
              },
              {
                source: "NoCloud",
                place: "/dev/sr0 cidata: user-data, line 2",
                field: "",
                message: "This line is not NAME=value.",
                example: "",
              },
              {
                source: "QEMU fw_cfg",
                place: "opt/outrider",
                field: "hostname",
                message: "It is no host name.",
                example: "",
              },
            ],
            notes: ["LAN_IP is blank: the address of LAN comes by DHCP."],
          },
        }),
      },
    ],
  },
  { name: "network-cards", machine: "two-nics", steps: ["=1", "tab"] },
  {
    name: "network-more",
    machine: "one-nic",
    steps: ["=1", "tab", "tab", "tab", "tab", "right", "shift-tab"],
  },
  { name: "network-split", machine: "two-nics", steps: [splitMode, "=1"] },
  { name: "network-split-wan", machine: "two-nics", steps: [splitMode, "=1", ...tabs(13)] },
  { name: "network-split-swapped", machine: "two-nics", steps: [splitMode, "=1", "f4", "tab"] },
  {
    name: "network-split-error",
    machine: "two-nics",
    steps: [splitMode, "=1", ...tabs(3), "ctrl-u", "=198.51.100.7/24", "tab"],
  },
  { name: "history-waiting", machine: "one-nic", steps: ["=1", "f8"] },
  { name: "history", machine: "update-waiting", steps: ["=1", "f8", earlier] },
  {
    name: "history-none",
    machine: "one-nic",
    steps: ["=1", "f8", { answer: { type: "reply", verb: "history", reply: { entries: [] } } }],
  },
  {
    name: "proxy-http",
    machine: "one-nic",
    steps: ["=2", "right", "tab", "=proxy.example.org", "tab", "tab", "tab", "left", "tab"],
  },
  { name: "proxy-socks", machine: "one-nic", steps: ["=2", "right", "right", "tab"] },
  {
    name: "proxy-pac",
    machine: "one-nic",
    steps: ["=2", "left", "tab", "=http://proxy.example.org/proxy.pac", "tab"],
  },
];
