import type { CheckResult } from "../protocol/schemas/check-result.ts";
import type { TypedSettings } from "../settings/typed-settings.ts";
import type { Surroundings } from "./path/surroundings.ts";
import { runChecks, type Side } from "./run-checks.ts";
import { proxyAlone } from "./typed/proxy-alone.ts";
import { type IsTaken, typedNetworkChecks, typedSurroundings } from "./typed/typed-network.ts";

export interface DoctorOptions {
  /** The only check or result that is wanted. */
  only: string | null;
  side: Side;
  /** Settings that are tested in place of the active ones; the surroundings have them too. */
  typed: TypedSettings | null;
  /** For what is typed. */
  isTaken: IsTaken;
}

/** One run of the doctor: over the active settings, or over what is typed. */
export async function* runDoctor(
  surroundings: Surroundings,
  signal: AbortSignal,
  { only, side, typed, isTaken }: DoctorOptions,
): AsyncGenerator<CheckResult> {
  if (typed === null) {
    yield* runChecks(surroundings, signal, only, undefined, side);
    return;
  }
  if (typed.interfaces.length > 0)
    yield* runChecks(
      typedSurroundings(surroundings, typed),
      signal,
      only,
      typedNetworkChecks(typed, isTaken),
    );
  if (!typed.testsPath) return;
  const alone = proxyAlone(surroundings);
  if (alone === null) yield* runChecks(surroundings, signal, only, undefined, side);
  else yield* runChecks(alone.surroundings, signal, only, alone.checks);
}
