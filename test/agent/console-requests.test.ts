import test from "ava";
import { serveConsoleRequests } from "../../src/agent/start/console-requests.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { WakeUp } from "../../src/base/wake-up.ts";
import type { ConfigdClient, VerbReply, VerbRequest } from "../../src/configd/api/api.ts";
import { FakeClock } from "../testkit/clock.ts";

const nothing: VerbReply<"consoleRequests"> = {
  updates: false,
  supportBundle: false,
  stopScans: [],
};

test("the agent fetches console requests at the start and at every call, and does each once", async (t) => {
  const answers: (VerbReply<"consoleRequests"> | OutriderError)[] = [
    { ...nothing, updates: true },
    new OutriderError("configd-unreachable"),
    { ...nothing, stopScans: ["a", "b"] },
    { ...nothing, supportBundle: true },
  ];
  const wakeUp = new WakeUp();
  const stop = new AbortController();
  const done: string[] = [];
  const configd: ConfigdClient = {
    call: async (name) => {
      t.is<string, string>(name, "consoleRequests");
      const answer = answers.shift() ?? nothing;
      // A call that comes meanwhile is not lost.
      if (answers.length > 0) wakeUp.raise();
      if (answer instanceof OutriderError) throw answer;
      return answer as VerbReply<typeof name>;
    },
  };
  await serveConsoleRequests(
    {
      configd,
      clock: new FakeClock(),
      log: silentLog,
      wakeUp,
      lookForUpdates: () => void done.push("updates"),
      stopScans: async (jobIds) => void done.push(`stop ${jobIds.join(" ")}`),
      sendBundle: async () => {
        done.push("bundle");
        stop.abort();
      },
    },
    stop.signal,
  );
  t.deepEqual(done, ["updates", "stop a b", "bundle"]);
});

test("the agent reports a stopped scan as ended once it has, and not before", async (t) => {
  const wakeUp = new WakeUp();
  const stop = new AbortController();
  const reported: (readonly string[])[] = [];
  let tries = 0;
  const configd: ConfigdClient = {
    call: async (name, request) => {
      const { ended } = request as VerbRequest<"consoleRequests">;
      reported.push(ended);
      if (ended.length > 0) stop.abort();
      else wakeUp.raise();
      return { ...nothing, stopScans: ended.length > 0 ? [] : ["a"] } as VerbReply<typeof name>;
    },
  };
  await serveConsoleRequests(
    {
      configd,
      clock: new FakeClock(),
      log: silentLog,
      wakeUp,
      lookForUpdates: () => t.fail(),
      stopScans: async () => {
        tries++;
        if (tries === 1) throw new OutriderError("storage-full");
      },
      sendBundle: async () => t.fail(),
    },
    stop.signal,
  );
  t.deepEqual(reported, [[], [], ["a"]]);
});
