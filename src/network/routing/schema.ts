import { type Static, Type } from "@sinclair/typebox";

/** The parts of `ip -json rule show` that are read here (iproute2 6.15, iprule.c). */
export const RuleList = Type.Array(
  Type.Object({
    priority: Type.Integer({ minimum: 0 }),
    oif: Type.Optional(Type.String({ maxLength: 15 })),
    fwmark: Type.Optional(Type.String({ maxLength: 20 })),
    uid_start: Type.Optional(Type.Integer({ minimum: 0 })),
    uid_end: Type.Optional(Type.Integer({ minimum: 0 })),
    table: Type.Optional(Type.String({ maxLength: 40 })),
    action: Type.Optional(Type.String({ maxLength: 40 })),
  }),
  { maxItems: 4096 },
);
export type RuleList = Static<typeof RuleList>;

/** The parts of `nft --json list counters` that are read here (libnftables-json(5)). */
export const CounterList = Type.Object({
  nftables: Type.Array(
    Type.Object({
      counter: Type.Optional(
        Type.Object({
          family: Type.String(),
          name: Type.String(),
          table: Type.String(),
          packets: Type.Integer({ minimum: 0 }),
          bytes: Type.Integer({ minimum: 0 }),
        }),
      ),
    }),
    { maxItems: 4096 },
  ),
});
export type CounterList = Static<typeof CounterList>;
