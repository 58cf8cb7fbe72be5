import { once } from "node:events";
import { join } from "node:path";
import test from "ava";
import { execa } from "execa";

const base = join(import.meta.dirname, "../../src/base/stop-signals.ts");

/** A program with a child that runs, which ends as it wishes at a signal. */
const program = `
  import { execa } from "execa";
  import { onStopSignals } from ${JSON.stringify(base)};
  let child = null;
  onStopSignals(["SIGTERM", "SIGINT"], (signal) => {
    setTimeout(() => {
      process.stdout.write("ended by " + signal + "\\n");
      child.kill();
    }, 50);
  });
  child = execa("sleep", ["60"], { reject: false });
  process.stdout.write("ready\\n");
`;

for (const signal of ["SIGTERM", "SIGINT"] as const)
  test(`a program with a child that runs ends in its own way at ${signal}, also when it comes twice`, async (t) => {
    const running = execa(process.execPath, ["--input-type=module-typescript", "-e", program], {
      cwd: join(import.meta.dirname, "../.."),
      reject: false,
    });
    await once(running.stdout, "data");
    running.kill(signal);
    running.kill(signal);
    const { exitCode, stdout, stderr } = await running;
    t.is(exitCode, 0, stderr);
    t.is(stdout, `ready\nended by ${signal}`);
  });
