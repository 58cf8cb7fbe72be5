import { type Static, Type } from "@sinclair/typebox";
import { EngineName } from "../../protocol/schemas/jobs.ts";
import { HostObservation } from "../../protocol/schemas/results.ts";

const closed = { additionalProperties: false } as const;

/** The first line that the reader gets; the file's bytes follow. */
export const ReadOrder = Type.Object(
  {
    engine: EngineName,
    /** The engine's output file, or what its program printed. */
    what: Type.Union([Type.Literal("output"), Type.Literal("progress")]),
  },
  closed,
);
export type ReadOrder = Static<typeof ReadOrder>;

/**
 * A line that the reader writes: each host, then `run` once. The run is null for what a program
 * printed; else its engine checks it.
 */
export const ReadAnswer = Type.Union([
  Type.Object({ host: HostObservation }, closed),
  Type.Object({ run: Type.Unknown() }, closed),
]);
export type ReadAnswer = Static<typeof ReadAnswer>;
