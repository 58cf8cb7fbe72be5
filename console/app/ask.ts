import { asOutriderError } from "../../src/base/messages/error.ts";
import type { ConfigdClient } from "../../src/configd/api/api.ts";
import type { Ask, CallFailure, Failed, Reply } from "../contract/contract.ts";

export type Answer = Reply | Failed;

/** Calls configd for a screen. Null when the console ended meanwhile. */
export async function ask(
  client: ConfigdClient,
  { verb, request }: Ask,
  signal: AbortSignal,
): Promise<Answer | null> {
  try {
    const reply = await client.call(verb, request, signal);
    // TypeScript does not see that the reply is the one of this very verb.
    return { type: "reply", verb, reply } as Reply;
  } catch (error) {
    return signal.aborted ? null : { type: "failed", verb, failure: failureOf(error) };
  }
}

function failureOf(thrown: unknown): CallFailure {
  const error = asOutriderError(thrown, "configd-unreachable");
  // An error that is no OutriderError is about the client's socket; its text helps no operator.
  return {
    code: error.code,
    detail: null,
    ...(error === thrown && error.detail !== undefined ? error.told : {}),
  };
}
