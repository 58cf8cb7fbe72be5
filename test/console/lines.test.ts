import { spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";
import test from "ava";
import { lineInput } from "../../console/plain/lines.ts";

const never = new AbortController().signal;

test("a last line without its line feed is read once, then there is nothing more", async (t) => {
  const { line } = lineInput(Readable.from(["4\r\n", "le", "ave"]), () => undefined);
  t.is(await line(never), "4");
  t.is(await line(never), "leave");
  t.is(await line(never), null);
  t.is(await line(never), null);
});

test("any amount of a script's input is read line by line", async (t) => {
  const lines = Array.from({ length: 5000 }, (_, index) => `line ${index}`);
  const { line } = lineInput(
    Readable.from([`${lines.join("\n")}\n`, "x".repeat(50_000), "\nlast\n"]),
    () => undefined,
  );
  for (const each of lines) t.is(await line(never), each);
  t.is(await line(never), "x".repeat(20_000));
  t.is(await line(never), "last");
  t.is(await line(never), null);
});

test("a pending question ends with its signal", async (t) => {
  const stop = new AbortController();
  const { line } = lineInput(new PassThrough(), () => undefined);
  const answer = line(stop.signal);
  stop.abort();
  t.is(await answer, null);
});

function plainConsole() {
  const child = spawn(
    process.execPath,
    ["console/main.ts", "--dry-run", "--machine", "one-nic", "--plain"],
    { stdio: ["pipe", "pipe", "ignore"] },
  );
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const prompted = async () => {
    while (!said.endsWith("Number: ")) await once(child.stdout, "data");
  };
  return { child, said: () => said, prompted, ended: once(child, "exit") };
}

test("the process ends after a last line without a line feed, and prints each screen once", async (t) => {
  const { child, said, ended } = plainConsole();
  t.teardown(() => child.kill("SIGKILL"));
  child.stdin.end("9\n1");
  t.deepEqual(await ended, [0, null]);
  t.is(said().split("== Outrider - Certificates ==").length, 2);
});

test("the process ends when it is asked to by SIGTERM", async (t) => {
  const { child, prompted, ended } = plainConsole();
  t.teardown(() => child.kill("SIGKILL"));
  await prompted();
  child.kill("SIGTERM");
  t.deepEqual(await ended, [0, null]);
});
