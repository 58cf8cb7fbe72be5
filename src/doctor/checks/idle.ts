import { type Fact, fact } from "../../base/messages/facts.ts";
import type { Check } from "../check/check.ts";
import { duration } from "../check/duration.ts";
import { ok } from "../check/findings.ts";
import type { KnownIdle } from "../path/known-idle.ts";

/**
 * How long a connection lives without traffic, by each route: proxies, firewalls and address
 * translators give up idle ones, some without a word. To find that out takes minutes of waiting, so
 * nothing is sent here: the agent's connections are idle from one heartbeat to the next, and it has
 * kept what it saw. It is no fault, since the agent opens another one at once.
 */
export const idle: Check = {
  id: "idle",
  needs: [],
  role: "management",
  // Before a connection was idle there is nothing to say.
  subjects: ({ surroundings }) =>
    surroundings.idle.map(({ route }, index) => ({
      id: index === 0 ? "idle" : `idle:${index + 1}`,
      subject: `idle connections, ${route}`.slice(0, 200),
      host: route,
    })),
  run: (subject, { surroundings }) =>
    surroundings.idle
      .filter(({ route }) => route === subject.host)
      .map((life) => ok(subject, factsOf(life))),
};

function factsOf({ livedMs, endedMs, forgottenMs }: KnownIdle[number]): Fact[] {
  const after = (ms: number) => ({ time: duration(ms / 1000) });
  return [
    ...(livedMs > 0 ? [fact("idle-lived", after(livedMs))] : []),
    ...(endedMs === null ? [] : [fact("idle-ended", after(endedMs))]),
    ...(forgottenMs === null ? [] : [fact("idle-forgotten", after(forgottenMs))]),
  ];
}
