import { type Static, Type } from "@sinclair/typebox";
import { Network, ProxySettings, Settings } from "../../settings/model/schema.ts";
import { CheckResult } from "./check-result.ts";
import { HttpsUrl, Instant, Sha256, Uuid } from "./common.ts";

/** The commands that a platform may give an appliance: a closed list. */
export const commandKinds = [
  "reboot",
  "update",
  "doctor",
  "support-bundle",
  "network",
  "check-in",
  "decommission",
] as const;
export type CommandKind = (typeof commandKinds)[number];

/**
 * A change of the route to the platform, or of the time servers. It carries no secrets, since a
 * TLS-inspecting proxy can read it.
 */
export const NetworkChange = Type.Object(
  {
    why: Type.String({ maxLength: 300 }),
    network: Type.Optional(Network),
    proxy: Type.Optional(ProxySettings),
    time: Type.Optional(Settings.properties.time),
    platformUrl: Type.Optional(HttpsUrl),
  },
  { additionalProperties: false },
);
export type NetworkChange = Static<typeof NetworkChange>;

/**
 * A command, listed with the jobs until the platform has its result. It is carried out at most once:
 * the appliance remembers its id until it expires, and refuses an expired one.
 */
export const Command = Type.Object({
  id: Uuid,
  kind: Type.Union(commandKinds.map((kind) => Type.Literal(kind))),
  createdAt: Instant,
  /** By the platform's clock. The appliance does not begin it after that. */
  expiresAt: Instant,
  /** Only for kind `network`. */
  network: Type.Optional(NetworkChange),
});
export type Command = Static<typeof Command>;

export const commandEnds = ["done", "failed", "refused", "expired"] as const;
export type CommandEnd = (typeof commandEnds)[number];

/** POST {results}/commands/{id}/result. Idempotent: the first one counts. */
export const CommandResult = Type.Object({
  end: Type.Union(commandEnds.map((end) => Type.Literal(end))),
  /** Code of error-codes.ts when it was not done. */
  code: Type.Union([Type.String({ maxLength: 60 }), Type.Null()]),
  /** What happened, in English; never a secret. */
  detail: Type.String({ maxLength: 1000 }),
  startedAt: Type.Union([Instant, Type.Null()]),
  endedAt: Instant,
  /** Only for kind `doctor`. */
  checks: Type.Optional(Type.Array(CheckResult, { maxItems: 100 })),
  /** Only for kind `support-bundle`: the number of uploaded parts, and the bundle's digest. */
  bundle: Type.Optional(
    Type.Object({ partCount: Type.Integer({ minimum: 1, maximum: 100 }), sha256: Sha256 }),
  ),
});
export type CommandResult = Static<typeof CommandResult>;

export const CommandReceipt = Type.Object({ commandId: Uuid, receivedAt: Instant });
export type CommandReceipt = Static<typeof CommandReceipt>;

/**
 * POST {results}/support-bundles, without content: an operator at the appliance wants to send a
 * support bundle. The reply is the Command that the appliance then carries out: the open one if
 * there is one, otherwise a new one.
 *
 * PUT {results}/commands/{id}/bundle/{number}: one part of the support bundle, as raw bytes,
 * numbered from 0. Idempotent.
 */
export const bundlePartBytes = 512 * 1024;
export const mostBundleParts = 40;
export const BundlePartReceipt = Type.Object({
  commandId: Uuid,
  number: Type.Integer({ minimum: 0 }),
  sha256: Sha256,
});
export type BundlePartReceipt = Static<typeof BundlePartReceipt>;
