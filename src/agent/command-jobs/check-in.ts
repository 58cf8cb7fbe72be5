import { type Fact, fact } from "../../base/messages/facts.ts";
import { readConfiguration } from "../services/enrolment.ts";
import { reachResults } from "../services/results.ts";
import type { Session } from "../session/session.ts";

export interface CheckInParts {
  session: Pick<Session, "call" | "useConfiguration">;
  codeOf(error: unknown): string;
  sendInventory(): Promise<void>;
}

/** Calls the services that have no loop which could be woken; returns how each call ended. */
export async function callEveryService(
  { session, codeOf, sendInventory }: CheckInParts,
  signal: AbortSignal,
): Promise<Fact> {
  const calls: [string, () => Promise<unknown>][] = [
    ["health", sendInventory],
    [
      "enrolment",
      async () => {
        const { configuration } = await session.call("enrolment", signal, (client, url) =>
          readConfiguration(client, url, signal),
        );
        await session.useConfiguration(configuration);
      },
    ],
    [
      "results",
      () => session.call("results", signal, (client, url) => reachResults(client, url, signal)),
    ],
  ];
  const services: string[] = [];
  for (const [name, call] of calls) {
    const result = await call().then(() => "reached", codeOf);
    signal.throwIfAborted();
    services.push(`${name}: ${result}`);
  }
  return fact("command-checked-in", { services: services.join(", ") });
}
