import { Type } from "@sinclair/typebox";

const Address = Type.String({ maxLength: 60 });
const Device = Type.String({ maxLength: 15 });

/** The parts of `ip -json route get` that are read here (iproute2 6.15, iproute.c). */
export const RouteAnswer = Type.Array(
  Type.Object({
    dev: Type.Optional(Device),
    prefsrc: Type.Optional(Address),
    gateway: Type.Optional(Address),
    via: Type.Optional(Type.Object({ host: Address })),
    /** As "unreachable" or "prohibit"; absent for a usual route. */
    type: Type.Optional(Type.String({ maxLength: 20 })),
  }),
  { maxItems: 16 },
);

/** The parts of `ip -json -6 address show` that are read here (iproute2 6.15, ipaddress.c). */
export const AddressAnswer = Type.Array(
  Type.Object({
    addr_info: Type.Optional(
      Type.Array(
        Type.Object({
          local: Type.Optional(Address),
          dadfailed: Type.Optional(Type.Boolean()),
        }),
        { maxItems: 256 },
      ),
    ),
  }),
  { maxItems: 16 },
);

/** The parts of `ip -json neighbour show` that are read here (iproute2 6.15, ipneigh.c). */
export const NeighbourAnswer = Type.Array(
  Type.Object({
    dst: Type.Optional(Address),
    lladdr: Type.Optional(Type.String({ maxLength: 60 })),
  }),
  { maxItems: 4096 },
);

const Bytes = Type.Array(Type.Integer({ minimum: 0, maximum: 255 }), { maxItems: 16 });

/**
 * The parts of `networkctl --json=short status` that are read here (systemd 257,
 * network/networkd-json.c). Moments are of CLOCK_BOOTTIME.
 */
export const LinkAnswer = Type.Object({
  Addresses: Type.Optional(
    Type.Array(
      Type.Object({
        Family: Type.Integer(),
        ConfigSource: Type.String(),
        ConfigProvider: Type.Optional(Bytes),
        ValidLifetimeUSec: Type.Optional(Type.Integer({ minimum: 0 })),
      }),
      { maxItems: 256 },
    ),
  ),
  DHCPv4Client: Type.Optional(
    Type.Object({
      Lease: Type.Optional(
        Type.Object({
          LeaseTimestampUSec: Type.Optional(Type.Integer({ minimum: 0 })),
          Timeout1USec: Type.Optional(Type.Integer({ minimum: 0 })),
          Timeout2USec: Type.Optional(Type.Integer({ minimum: 0 })),
        }),
      ),
    }),
  ),
});
