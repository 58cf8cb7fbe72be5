import { systemClock } from "../base/clock.ts";
import { asOutriderError, OutriderError } from "../base/messages/error.ts";
import { fact, quoted } from "../base/messages/facts.ts";
import { type OpenPath, openPath, type PathOptions, type Target } from "./path.ts";
import { directRoute, type Route } from "./routes/routes.ts";
import { defaultStageLimits } from "./stages/limits.ts";
import { type StageResult, stageRunner } from "./stages/stages.ts";

export interface OpenRoute extends OpenPath {
  route: Route;
}

/**
 * Opens the first route that works. All routes together have the time of one, so that a dead proxy
 * with a dead direct route is reported as soon as either alone. The time that is left is divided
 * evenly among the routes not tried yet.
 *
 * @throws the first route's failure, since that one was meant to work
 */
export async function openRoute(
  target: Target,
  options: PathOptions,
  stages: StageResult[],
  signal?: AbortSignal,
): Promise<OpenRoute> {
  const { routes } = options;
  const clock = options.clock ?? systemClock;
  const endMs = clock.monotonicMs() + (options.limits?.wholeMs ?? defaultStageLimits.wholeMs);
  if (!routes)
    return {
      ...(await openPath(target, options, stages, signal, endMs)),
      route: options.proxy ? { ...directRoute, proxy: options.proxy } : directRoute,
    };
  const open = await routes.to(target, stageRunner(stages, clock, signal, endMs));
  const failures: { route: Route; error: OutriderError }[] = [];
  for (const [index, route] of open.entries()) {
    const nowMs = clock.monotonicMs();
    const attempt: StageResult[] = [];
    try {
      const path = await openPath(
        target,
        { ...options, proxy: route.proxy },
        attempt,
        signal,
        nowMs + (endMs - nowMs) / (open.length - index),
      );
      stages.push(...attempt);
      routes.worked(route);
      return { ...path, route };
    } catch (thrown) {
      if (signal?.aborted) throw thrown;
      const error = asOutriderError(thrown);
      if (failures.length === 0) stages.push(...attempt);
      failures.push({ route, error });
      if (!isOfTheWay(attempt.at(-1), error)) break;
      routes.failed(target, route, error);
    }
  }
  const [first, ...others] = failures;
  if (!first)
    throw new OutriderError("internal-error", { detail: fact("no-way-to", { host: target.host }) });
  if (others.length === 0) throw first.error;
  const tried = others.map(({ route, error: { code } }) =>
    route.proxy === null
      ? fact("way-tried-directly", { code })
      : fact("way-tried", { way: route.name, code }),
  );
  const facts = [
    ...(first.error.facts ?? [quoted(first.error.detail ?? first.error.message)]),
    ...tried,
  ];
  throw new OutriderError(first.error.code, { detail: facts, cause: first.error });
}

/**
 * Whether another route may do better. What is wrong with the platform's own certificate is wrong
 * on every route.
 */
function isOfTheWay(last: StageResult | undefined, error: OutriderError): boolean {
  return last === undefined || last.stage !== "tls" || error.code === "tls-silent";
}
