import { type Static, Type } from "@sinclair/typebox";

const Duration = Type.Number({ minimum: 0 });

/** What the agent has learnt of idle connections, by route (transport/idle-connections.ts). */
export const KnownIdle = Type.Array(
  Type.Object({
    route: Type.String({ maxLength: 300 }),
    livedMs: Duration,
    endedMs: Type.Union([Duration, Type.Null()]),
    forgottenMs: Type.Union([Duration, Type.Null()]),
  }),
  { maxItems: 50 },
);
export type KnownIdle = Static<typeof KnownIdle>;
