import { type Fact, fact } from "../../base/messages/facts.ts";
import type { FieldProblem } from "../model/problems.ts";
import type { Settings } from "../model/schema.ts";
import { problemAt } from "../values/field-value.ts";
import { parseLoginText } from "../values/login.ts";

/** What becomes of the proxy's password that was given; nothing without one. */
export function judgePassword(
  password: string | undefined,
  { proxy }: Settings,
): { password: string } | { note: Fact } | { problem: FieldProblem } | { none: true } {
  if (password === undefined) return { none: true };
  if (proxy.kind === "none") return { note: fact("note-password-alone") };
  const read = parseLoginText(password);
  if (read.ok) return { password };
  return read.code === "too-long"
    ? { note: fact("note-password-long") }
    : { problem: problemAt("proxy.password", read) };
}
