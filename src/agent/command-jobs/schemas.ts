import { type Static, Type } from "@sinclair/typebox";
import { Command, CommandResult } from "../../protocol/schemas/commands.ts";

const Instant = Type.Integer({ minimum: 0 });

/** spool/commands/ID.json: how far a command is. It stays until the command has expired, so that none is carried out twice. */
export const SpooledCommand = Type.Object({
  command: Command,
  takenAt: Instant,
  state: Type.Union([Type.Literal("taken"), Type.Literal("started"), Type.Literal("ended"), Type.Literal("reported")]),
  startedAt: Type.Union([Instant, Type.Null()]),
  /** The start of the machine in which it was begun. */
  startedIn: Type.Union([Type.String({ maxLength: 36 }), Type.Null()]),
  result: Type.Union([CommandResult, Type.Null()]),
});
export type SpooledCommand = Static<typeof SpooledCommand>;
