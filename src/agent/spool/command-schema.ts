import { type Static, Type } from "@sinclair/typebox";
import { Command, CommandResult } from "../../protocol/schemas/commands.ts";
import { Uuid } from "../../protocol/schemas/common.ts";

const Instant = Type.Integer({ minimum: 0 });

/**
 * spool/commands/ID.json: how far a command is. It stays until the command has expired, so that
 * none is carried out twice.
 */
export const SpooledCommand = Type.Object({
  command: Command,
  /** Whom it was given to: once the appliance is somebody else, it is nobody's. */
  applianceId: Uuid,
  takenAt: Instant,
  /**
   * `reported`: the platform signed that it has the result. `unwanted`: it said that it knows no
   * such command.
   */
  state: Type.Union(
    (["taken", "started", "ended", "reported", "unwanted"] as const).map((state) =>
      Type.Literal(state),
    ),
  ),
  startedAt: Type.Union([Instant, Type.Null()]),
  /** The start of the machine in which it was begun. */
  startedIn: Type.Union([Type.String({ maxLength: 36 }), Type.Null()]),
  result: Type.Union([CommandResult, Type.Null()]),
});
export type SpooledCommand = Static<typeof SpooledCommand>;
