import { type Static, Type } from "@sinclair/typebox";
import { Network, ProxySettings, Settings } from "../../settings/model/schema.ts";
import { CheckResult } from "./check-result.ts";
import { HttpsUrl, Instant, Sha256, Uuid } from "./common.ts";

/** What the platform may have an appliance do, besides scanning: a closed list. */
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
 * A change of the way to the platform, or of the time servers. Never a secret: what is read on the
 * way must not be one.
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
 * A command, in the list of jobs until its result came. It is carried out once at most: the
 * appliance remembers its id until it has expired, and an expired one is refused.
 */
export const Command = Type.Object({
  id: Uuid,
  kind: Type.Union(commandKinds.map((kind) => Type.Literal(kind))),
  createdAt: Instant,
  /** By the platform's clock: what has not begun by then is not begun. */
  expiresAt: Instant,
  /** Of kind `network` only. */
  network: Type.Optional(NetworkChange),
});
export type Command = Static<typeof Command>;

export const commandEnds = ["done", "failed", "refused", "expired"] as const;
export type CommandEnd = (typeof commandEnds)[number];

/** POST {results}/commands/{id}/result. Idempotent: the first one counts. */
export const CommandResult = Type.Object({
  end: Type.Union(commandEnds.map((end) => Type.Literal(end))),
  /** Code of error-codes.ts where it was not done. */
  code: Type.Union([Type.String({ maxLength: 60 }), Type.Null()]),
  /** What happened, in words; never a secret. */
  detail: Type.String({ maxLength: 1000 }),
  startedAt: Type.Union([Instant, Type.Null()]),
  endedAt: Instant,
  /** Of `doctor`. */
  checks: Type.Optional(Type.Array(CheckResult, { maxItems: 100 })),
  /** Of `support-bundle`: what was uploaded before, and its digest as a whole. */
  bundle: Type.Optional(
    Type.Object({ partCount: Type.Integer({ minimum: 1, maximum: 100 }), sha256: Sha256 }),
  ),
});
export type CommandResult = Static<typeof CommandResult>;

export const CommandReceipt = Type.Object({ commandId: Uuid, receivedAt: Instant });
export type CommandReceipt = Static<typeof CommandReceipt>;

/**
 * POST {results}/support-bundles, without content: somebody at the appliance wants its bundle at
 * the platform. The reply is the Command that it carries out then; the one that is open already, if
 * there is one.
 *
 * PUT {results}/commands/{id}/bundle/{number}: a part of the support bundle, bytes as they are,
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
