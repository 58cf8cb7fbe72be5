import test from "ava";
import { takeReply } from "../../src/agent/job-poll/jobs-reply.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { command, configdOf, life, newWorld } from "./command-lives.ts";

const never = new AbortController().signal;

test("on a full disk a command that cannot be stored does not prevent the stop of a scan", async (t) => {
  const world = newWorld();
  world.files.write = () => Promise.reject(new OutriderError("storage-full"));
  const { commands, end } = await life(world, configdOf({}).client);
  const stopped: string[] = [];
  const jobs = {
    take: async ({ stop }: { stop: readonly string[] }) => void stopped.push(...stop),
  };
  const scan = "00000000-0000-4000-8000-000000000005";
  const reply = {
    serverTime: 1,
    version: 1,
    jobs: [],
    stop: [scan],
    commands: [command("reboot")],
  };
  // The failure is thrown all the same, so that the agent asks for the list again.
  await t.throwsAsync(takeReply(reply, { commands, jobs }, never), { code: "storage-full" });
  t.deepEqual(stopped, [scan]);
  await end();
});
