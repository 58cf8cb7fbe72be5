import { describeFacts, type Fact } from "../../base/messages/facts.ts";
import type { CommandResult } from "../../protocol/schemas/commands.ts";

/** The result of a command, without its times. */
export type Outcome = Omit<CommandResult, "startedAt" | "endedAt">;

export function done(what: Fact): Outcome {
  return { end: "done", code: null, detail: describeFacts([what]) ?? "" };
}

/** @param why a fact, or a text from another program; "" when the code is enough */
export function failed(code: string, why: Fact | string): Outcome {
  return {
    end: "failed",
    code,
    detail: typeof why === "string" ? why : (describeFacts([why]) ?? ""),
  };
}
