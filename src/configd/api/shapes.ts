import { type Static, Type } from "@sinclair/typebox";
import { Fact, Facts } from "../../base/messages/fact-schema.ts";
import { CallerOrigin, ChangeOrigin } from "../../settings/model/origin.ts";
import { Network, ProxySettings, Settings } from "../../settings/model/schema.ts";
import { SettingChange } from "./status.ts";

const closed = { additionalProperties: false } as const;

/** Id of a trial or a job. */
export const Id = Type.String({ pattern: "^[0-9a-f-]{1,36}$" });
const ProxyPassword = Type.Optional(Type.Union([Type.String({ maxLength: 200 }), Type.Null()]));
/** The caller: user and terminal; absent when the console cannot name its terminal. */
export const By = Type.Optional(CallerOrigin);

/** New settings to try. A secret that is absent stays as it is; null removes it. */
export const ProposedChange = Type.Object(
  { settings: Settings, proxyPassword: ProxyPassword, by: By },
  closed,
);
export type ProposedChange = Static<typeof ProposedChange>;

export const FieldProblemReport = Type.Object({
  field: Type.String(),
  code: Type.String(),
  values: Type.Optional(Type.Record(Type.String(), Type.String())),
  reason: Type.Optional(Fact),
});

/**
 * A change that the platform asks for. It may change the path to the platform and the time; parts
 * that are absent stay as they are.
 */
export const RemoteChange = Type.Object(
  {
    jobId: Id,
    why: Type.String({ maxLength: 300 }),
    network: Type.Optional(Network),
    proxy: Type.Optional(ProxySettings),
    time: Type.Optional(Settings.properties.time),
    /** Given only when the platform moves; absent, the address stays, as the password does. */
    platformUrl: Type.Optional(Type.String({ maxLength: 300 })),
    proxyPassword: ProxyPassword,
  },
  closed,
);
export type RemoteChange = Static<typeof RemoteChange>;

/** An entry of the history: settings that were kept. */
export const KeptConfiguration = Type.Object({
  /** Grows by one with each entry; `restore` takes it. */
  number: Type.Integer({ minimum: 1 }),
  keptAt: Type.Integer({ minimum: 0 }),
  by: ChangeOrigin,
  /** Changes against the entry before. */
  changes: Type.Array(SettingChange, { maxItems: 100 }),
  settings: Settings,
});
export type KeptConfiguration = Static<typeof KeptConfiguration>;

/** The effect that a change would have. */
export const Review = Type.Object({
  problems: Type.Array(FieldProblemReport),
  changes: Type.Array(SettingChange),
  /** The netplan YAML that would be written. */
  netplan: Type.String(),
  /** True when it changes the path to the platform: it must be tried before it is kept. */
  needsTrial: Type.Boolean(),
});
export type Review = Static<typeof Review>;

/**
 * An error of configd's API: HTTP status 4xx or 5xx with this body. `problems` when the settings
 * are not valid.
 */
export const ApiFailure = Type.Object({
  code: Type.String(),
  detail: Type.Optional(Type.String()),
  facts: Type.Optional(Facts),
  problems: Type.Optional(Type.Array(FieldProblemReport)),
});
export type ApiFailure = Static<typeof ApiFailure>;
