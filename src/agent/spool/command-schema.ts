import { type Static, Type } from "@sinclair/typebox";
import { Command, CommandResult } from "../../protocol/schemas/commands.ts";
import { Uuid } from "../../protocol/schemas/common.ts";

const Instant = Type.Integer({ minimum: 0 });

/**
 * spool/commands/ID.json: the state of a command. The file stays until the command has expired, so
 * that no command is carried out twice.
 */
export const SpooledCommand = Type.Object({
  command: Command,
  /** The appliance that got it: after another enrolment the command is dropped. */
  applianceId: Uuid,
  takenAt: Instant,
  /**
   * `reported`: the platform signed a receipt for the result. `unwanted`: the platform knows no such
   * command.
   */
  state: Type.Union(
    (["taken", "started", "ended", "reported", "unwanted"] as const).map((state) =>
      Type.Literal(state),
    ),
  ),
  startedAt: Type.Union([Instant, Type.Null()]),
  /** Boot id of the machine when it was begun. */
  startedIn: Type.Union([Type.String({ maxLength: 36 }), Type.Null()]),
  result: Type.Union([CommandResult, Type.Null()]),
});
export type SpooledCommand = Static<typeof SpooledCommand>;
