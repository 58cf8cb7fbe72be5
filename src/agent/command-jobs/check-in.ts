import { readConfiguration } from "../services/enrolment.ts";
import { reachResults } from "../services/results.ts";
import type { Session } from "../session/session.ts";

export interface CheckInParts {
  session: Pick<Session, "call" | "useConfiguration">;
  codeOf(error: unknown): string;
  sendInventory(): Promise<void>;
}

/** Calls those services that have no loop which can be told to, and says in words how that went. */
export async function callEveryService(
  { session, codeOf, sendInventory }: CheckInParts,
  signal: AbortSignal,
): Promise<string> {
  const calls: [string, () => Promise<unknown>][] = [
    ["health", sendInventory],
    [
      "enrolment",
      async () =>
        session.useConfiguration(
          (
            await session.call("enrolment", signal, (client, url) =>
              readConfiguration(client, url, signal),
            )
          ).configuration,
        ),
    ],
    [
      "results",
      () => session.call("results", signal, (client, url) => reachResults(client, url, signal)),
    ],
  ];
  const words: string[] = [];
  for (const [name, call] of calls) {
    const code = await call().then(() => "reached", codeOf);
    signal.throwIfAborted();
    words.push(`${name}: ${code}`);
  }
  return `${words.join(", ")}; jobs: reached; updates: being looked for.`;
}
