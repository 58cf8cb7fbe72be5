import { describeFacts, type Fact, fact } from "../base/messages/facts.ts";
import { currentVersion } from "./model/schema.ts";

/** Steps from one version of the settings to the next, by the version that a step starts from. */
export type Migrations = Readonly<
  Record<number, (settings: Record<string, unknown>) => Record<string, unknown>>
>;

const migrations: Migrations = { 1: addSplitMode };

/**
 * Version 2 adds a second interface, IPv6, VLAN, MTU and routes, more kinds of proxy, and four
 * sections.
 */
function addSplitMode(settings: Record<string, unknown>): Record<string, unknown> {
  const { network, proxy } = settings;
  const lan = isRecord(network) && isRecord(network.lan) ? network.lan : {};
  return {
    ...settings,
    network: {
      ...(isRecord(network) ? network : {}),
      lan: { vlan: null, mtu: null, ipv6: { method: "off" }, routes: [], ...lan },
    },
    proxy:
      isRecord(proxy) && proxy.kind === "http"
        ? { tls: false, bypass: [], fallbackToDirect: false, ...proxy }
        : proxy,
    trust: { certificates: [] },
    time: { servers: [] },
    scan: { exclusions: [], timeZone: "UTC" },
    console: { language: "en", keyboard: "us", lockAfterMinutes: 15 },
  };
}

export type Migrated = { ok: true; value: unknown } | { ok: false; reason: string; wrong: Fact };

/**
 * Brings settings of an older version forward, step by step. Settings of newer software are refused:
 * their meaning is not known here.
 */
export function migrate(
  value: unknown,
  steps: Migrations = migrations,
  target = currentVersion,
): Migrated {
  if (!isRecord(value)) return refused(fact("settings-nothing"));
  const { version } = value;
  if (typeof version !== "number" || !Number.isInteger(version) || version < 1)
    return refused(fact("settings-unversioned"));
  if (version > target) return refused(fact("settings-newer", { version, known: target }));
  let settings = value;
  for (let from = version; from < target; from++) {
    const step = steps[from];
    if (!step) return refused(fact("settings-old", { version: from }));
    settings = { ...step(settings), version: from + 1 };
  }
  return { ok: true, value: settings };
}

/** The reason becomes part of a longer text, so it has no full stop. */
function refused(wrong: Fact): Migrated {
  return { ok: false, reason: (describeFacts([wrong]) ?? "").replace(/\.$/, ""), wrong };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
