import type { OutriderError } from "../../base/messages/error.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { asFacts, type Fact, quoted } from "../../base/messages/facts.ts";
import type { ToolAnswer } from "../../configd/api/tool-shapes.ts";

/** The bounds of the schema. */
const mostLines = 100;
const mostContacted = 16;

interface Found {
  /** A line may have several facts. */
  lines?: readonly (Fact | readonly Fact[])[] | undefined;
  contacted?: readonly string[] | undefined;
}

const answer = (
  outcome: ToolAnswer["outcome"],
  code: ErrorCode | null,
  verdict: Fact | readonly Fact[],
  { lines = [], contacted = [] }: Found,
): ToolAnswer => ({
  outcome,
  code,
  verdict: asFacts(verdict),
  lines: lines.slice(0, mostLines).map(asFacts),
  contacted: [...new Set(contacted)].slice(0, mostContacted),
});

export const good = (verdict: Fact | readonly Fact[], found: Found = {}): ToolAnswer =>
  answer("ok", null, verdict, found);

export const doubtful = (
  code: ErrorCode,
  verdict: Fact | readonly Fact[],
  found: Found = {},
): ToolAnswer => answer("warning", code, verdict, found);

export const bad = (
  code: ErrorCode,
  verdict: Fact | readonly Fact[],
  found: Found = {},
): ToolAnswer => answer("failed", code, verdict, found);

/** An error of a step as the answer. */
export function ofError(error: OutriderError, found: Found = {}): ToolAnswer {
  return bad(
    error.code,
    error.facts ?? (error.detail === undefined ? [] : [quoted(error.detail)]),
    found,
  );
}
