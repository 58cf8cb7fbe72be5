import { type Static, Type } from "@sinclair/typebox";
import { Facts } from "../../base/messages/fact-schema.ts";
import { captureKinds, captureSeconds, recordTypes } from "./tool-names.ts";

const closed = { additionalProperties: false } as const;
const Role = Type.Union([Type.Literal("lan"), Type.Literal("wan")]);
const Port = Type.Integer({ minimum: 1, maximum: 65_535 });
/**
 * A name or a single address. The pattern keeps it from being read as an option of a program;
 * `settings/values/tool-inputs.ts` judges the rest.
 */
const Host = Type.String({ pattern: "^[A-Za-z0-9_:][A-Za-z0-9._:-]{0,252}$" });
const Address = Type.String({ pattern: "^[0-9A-Fa-f.:]{2,45}$" });

/** What an operator asks a tool for; `role` is the side whose packets are tried. */
export const ToolRequest = Type.Union([
  Type.Object({ tool: Type.Literal("ping"), role: Role, target: Host }, closed),
  Type.Object(
    {
      tool: Type.Literal("look-up"),
      role: Role,
      /** An address is looked up backwards. */
      target: Host,
      type: Type.Union(recordTypes.map((type) => Type.Literal(type))),
      /** Absent: each DNS server of the side. */
      server: Type.Optional(Address),
    },
    closed,
  ),
  Type.Object({ tool: Type.Literal("trace"), role: Role, target: Host, port: Port }, closed),
  Type.Object(
    {
      tool: Type.Literal("tls"),
      role: Role,
      target: Host,
      port: Port,
      /** Not through the proxy of the settings. */
      direct: Type.Boolean(),
    },
    closed,
  ),
  Type.Object(
    {
      tool: Type.Literal("capture"),
      role: Role,
      kind: Type.Union(captureKinds.map((kind) => Type.Literal(kind))),
      /** Only packets from and to this address. */
      host: Type.Optional(Address),
      seconds: Type.Integer({ minimum: captureSeconds.least, maximum: captureSeconds.most }),
    },
    closed,
  ),
]);
export type ToolRequest = Static<typeof ToolRequest>;
export type RequestOf<Name extends ToolRequest["tool"]> = Extract<ToolRequest, { tool: Name }>;

/** What a tool found out. */
export const ToolAnswer = Type.Object({
  outcome: Type.Union([Type.Literal("ok"), Type.Literal("warning"), Type.Literal("failed")]),
  /** Code of error-codes.ts, for the cause and the remedy; null when all is well. */
  code: Type.Union([Type.String({ maxLength: 60 }), Type.Null()]),
  /** The verdict: one sentence, or the particulars of the code's. */
  verdict: Facts,
  /** What it is taken from, a line each. */
  lines: Type.Array(Facts, { maxItems: 100 }),
  /** The addresses that it sent packets to. */
  contacted: Type.Array(Type.String({ maxLength: 60 }), { maxItems: 16 }),
});
export type ToolAnswer = Static<typeof ToolAnswer>;

/** As capture-lan-20260101T120000Z.pcap. */
export const CaptureName = Type.String({ pattern: "^capture-(?:lan|wan)-[0-9TZ]{16}\\.pcap$" });
