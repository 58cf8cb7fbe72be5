import type { ProposedChange } from "../../../src/configd/api/shapes.ts";
import type { Context, Effect, TypedTest } from "../../contract/contract.ts";

/** Tests what is typed on a form; an untouched form has only what is active. */
export function testTyped(
  from: TypedTest["from"],
  change: ProposedChange,
  touched: boolean,
  { words }: Context,
): Effect[] {
  if (touched) return [{ type: "open", screen: { name: "diagnostics", typed: { change, from } } }];
  return [
    { type: "open", screen: { name: "diagnostics" } },
    { type: "message", text: words.say("diagnostics.typedSame"), style: "normal" },
  ];
}
