import { type Static, Type } from "@sinclair/typebox";

const Bytes = Type.Array(Type.Integer({ minimum: 0, maximum: 255 }), { maxItems: 32 });

const Routes = Type.Array(
  Type.Object({
    Family: Type.Integer(),
    DestinationPrefixLength: Type.Integer(),
    Destination: Type.Optional(Bytes),
    ConfigSource: Type.Optional(Type.String()),
    Gateway: Type.Optional(Bytes),
    /** Instead of a gateway, for routes of router advertisements (systemd 256 and later). */
    NextHopID: Type.Optional(Type.Integer()),
    Priority: Type.Integer(),
    Table: Type.Integer(),
  }),
  { maxItems: 4096 },
);

/**
 * The parts of `networkctl --json=short list` that are read here (systemd 257, network.varlink's
 * Describe).
 */
export const NetworkctlList = Type.Object({
  Interfaces: Type.Array(
    Type.Object({
      Name: Type.String({ maxLength: 15 }),
      AdministrativeState: Type.String({ maxLength: 40 }),
      CarrierState: Type.String({ maxLength: 40 }),
      /**
       * A lease's servers are listed only with UseNTP=yes; these are the servers that timesyncd
       * asks. Each is a name or an address.
       */
      NTP: Type.Optional(
        Type.Array(
          Type.Object({
            Address: Type.Optional(Bytes),
            Server: Type.Optional(Type.String({ maxLength: 1024 })),
          }),
          { maxItems: 64 },
        ),
      ),
      DNS: Type.Optional(Type.Array(Type.Object({ Address: Bytes }), { maxItems: 64 })),
      Addresses: Type.Optional(
        Type.Array(
          Type.Object({
            Family: Type.Integer(),
            Address: Bytes,
            PrefixLength: Type.Integer(),
            ConfigSource: Type.String(),
            ScopeString: Type.Optional(Type.String()),
          }),
          { maxItems: 256 },
        ),
      ),
      NextHops: Type.Optional(
        Type.Array(Type.Object({ ID: Type.Integer(), Gateway: Type.Optional(Bytes) }), {
          maxItems: 4096,
        }),
      ),
      Routes: Type.Optional(Routes),
    }),
    { maxItems: 256 },
  ),
  /** Those of no one interface: their next hop is named by its number. */
  Routes: Type.Optional(Routes),
});
export type NetworkctlList = Static<typeof NetworkctlList>;
