import { type Static, Type } from "@sinclair/typebox";

/**
 * Ports that one run of an engine looks at: the TCP ports that the engine's own statistics put
 * first, or a list of numbers and ranges.
 */
export const PortSlice = Type.Union([
  Type.Object(
    { protocol: Type.Literal("tcp"), top: Type.Integer({ minimum: 1, maximum: 8000 }) },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      protocol: Type.Union([Type.Literal("tcp"), Type.Literal("udp")]),
      list: Type.String({
        pattern: "^[1-9]\\d{0,4}(?:-[1-9]\\d{0,4})?(?:,[1-9]\\d{0,4}(?:-[1-9]\\d{0,4})?)*$",
        maxLength: 8000,
      }),
    },
    { additionalProperties: false },
  ),
]);
export type PortSlice = Static<typeof PortSlice>;
