import { fact } from "../../src/base/messages/facts.ts";
import type { EgressFile } from "../../src/configd/api/egress.ts";
import { because, described } from "../../src/configd/api/egress-reason.ts";
import { defaultHttpProxy } from "../../src/settings/model/schema.ts";
import type { Scene, SceneStep } from "./scene.ts";
import { sceneTimeMs } from "./scene.ts";
import {
  change,
  failed,
  longHost,
  longText,
  minuteMs,
  more,
  wait,
  withSettings,
} from "./scene-steps.ts";
import { inSplitMode } from "./scenes-settings.ts";

const ledger: EgressFile = {
  dropped: 0,
  entries: [
    {
      by: "agent" as const,
      host: "platform.example.test",
      port: 443,
      protocol: "tcp" as const,
      ...because(fact("for-platform")),
      addresses: ["198.51.100.10"],
      count: 412,
    },
    {
      by: "resolver" as const,
      host: "192.0.2.53",
      port: 53,
      protocol: "any" as const,
      ...because(fact("for-names", { device: "eth0" })),
      addresses: [],
      count: null,
    },
    {
      by: "time" as const,
      host: "0.debian.pool.ntp.org",
      port: 123,
      protocol: "udp" as const,
      ...because(fact("for-time-unset")),
      addresses: [],
      count: null,
    },
    {
      by: "scan" as const,
      host: "192.0.2.0/24",
      port: 0,
      protocol: "any" as const,
      ...because(fact("for-scan", { name: "Office network" })),
      addresses: [],
      count: 3,
    },
    {
      by: "scan" as const,
      ...described(fact("place-more-targets", { count: 70 })),
      port: 0,
      protocol: "any" as const,
      ...because(fact("for-scan", { name: "Office network" })),
      addresses: [],
      count: 1,
    },
    {
      by: "doctor" as const,
      host: "192.0.2.1",
      port: 0,
      protocol: "any" as const,
      ...because(fact("for-gateway", { device: "eth0" })),
      addresses: [],
      count: null,
    },
    {
      by: "console" as const,
      host: "198.51.100.1",
      port: 0,
      protocol: "icmp" as const,
      ...because(fact("for-ping")),
      addresses: ["198.51.100.1"],
      count: 2,
    },
    {
      by: "dhcp" as const,
      host: "255.255.255.255",
      port: 67,
      protocol: "udp" as const,
      ...because(fact("for-address", { device: "eth0" })),
      addresses: [],
      count: null,
    },
  ].map((entry, index) => ({
    ...entry,
    firstAt: sceneTimeMs - 86_400_000,
    lastAt: sceneTimeMs - index * 7 * minuteMs,
  })),
};
const longLedger: EgressFile = {
  dropped: 17,
  entries: Array.from({ length: 60 }, (_, index) => ({
    by: "agent",
    host: `${index}.${longHost}`,
    port: 65_535,
    protocol: "tcp",
    ...because(fact("for-scan", { name: longText })),
    addresses: [
      "198.51.100.10",
      "198.51.100.11",
      "2001:db8:1234:5678:9abc:def0:1234:5678",
      "198.51.100.12",
      "198.51.100.13",
    ],
    firstAt: sceneTimeMs - 86_400_000,
    lastAt: sceneTimeMs - index * minuteMs,
    count: 123_456,
  })),
};
const told = (reply: EgressFile): SceneStep => wait({ type: "reply", verb: "egress", reply });

const throughProxy = withSettings({
  proxy: {
    ...defaultHttpProxy,
    host: "proxy.example.test",
    authentication: "none",
    bypass: ["results.example.test"],
  },
});
const resultsElsewhere = change((status) =>
  status.agent === null
    ? status
    : {
        ...status,
        agent: {
          ...status.agent,
          services: {
            ...status.agent.services,
            results: {
              ...status.agent.services.results,
              url: "https://results.example.test:8443/results/v1",
            },
          },
        },
      },
);

/** Contacts, and the firewall rules that follow from them. */
export const contactScenes: readonly Scene[] = [
  { name: "firewall", machine: "update-waiting", steps: ["=3", "f4", told(ledger)] },
  {
    name: "firewall-empty",
    machine: "not-enrolled",
    steps: ["=3", "f4", told({ entries: [], dropped: 0 })],
  },
  {
    name: "firewall-proxy",
    machine: "update-waiting",
    steps: [throughProxy, resultsElsewhere, "=3", "f4", told(ledger)],
  },
  {
    name: "firewall-split",
    machine: "two-nics",
    steps: [change(inSplitMode), ...more(8), told({ entries: [], dropped: 0 })],
  },
  {
    name: "firewall-error",
    machine: "update-waiting",
    steps: [...more(8), failed("egress", "configd-unreachable")],
  },
  {
    name: "firewall-long",
    machine: "long-values",
    steps: [...more(8), told(longLedger), "down", "down", "down"],
  },
  { name: "egress", machine: "update-waiting", steps: ["=4", "f7", told(ledger)] },
  {
    name: "egress-older",
    machine: "update-waiting",
    // Entries of earlier versions are in English only.
    steps: [
      "=4",
      "f7",
      told({
        ...ledger,
        entries: ledger.entries.map(({ reason: _, place: __, ...entry }) => entry),
      }),
    ],
  },
  { name: "egress-waiting", machine: "one-nic", steps: more(9) },
  {
    name: "egress-none",
    machine: "one-nic",
    steps: [...more(9), told({ entries: [], dropped: 0 })],
  },
  {
    name: "egress-error",
    machine: "one-nic",
    steps: [...more(9), failed("egress", "configd-unreachable")],
  },
  {
    name: "egress-long",
    machine: "one-nic",
    steps: [...more(9), told(longLedger), "page-down", "page-down"],
  },
];
