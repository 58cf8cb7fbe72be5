import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { execa } from "execa";

const script = new URL("../../.ci/run", import.meta.url).pathname;

/** Runs it with stand-ins for npm's two commands. */
async function run(t: ExecutionContext, tests: string, image: string) {
  const folder = await mkdtemp(join(tmpdir(), "outrider-ci-"));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(
    join(folder, "npm"),
    `#!/bin/bash\necho "asked: $*"\nif [ "$1" = test ]; then ${tests}; else ${image}; fi\n`,
  );
  await chmod(join(folder, "npm"), 0o755);
  const { stdout, exitCode } = await execa(script, {
    env: { PATH: `${folder}${delimiter}${process.env.PATH}` },
    reject: false,
    stdin: "ignore",
  });
  return { lines: stdout.split("\n"), last: stdout.split("\n").at(-1), exitCode };
}

test("the last line sums up both runs", async (t) => {
  const { last, exitCode, lines } = await run(
    t,
    "echo 40 passed, 0 failed, 3 skipped",
    "echo 9 passed, 0 failed",
  );
  t.is(last, "49 passed, 0 failed");
  t.is(exitCode, 0);
  // The bound of 75 minutes holds on a machine of any speed.
  t.true(lines.includes("asked: test --silent -- --within=66"));
  // The rest of the hour.
  t.true(
    lines.some((line) =>
      /^asked: run --silent test:image -- --within=5[0-9] contents bios$/.test(line),
    ),
  );
});

test("a failure in either run is a failure of the whole", async (t) => {
  const first = await run(t, "echo 40 passed, 1 failed; exit 1", "echo 9 passed, 0 failed");
  t.is(first.last, "49 passed, 1 failed");
  t.is(first.exitCode, 1);
  const second = await run(t, "echo 40 passed, 0 failed", "echo 8 passed, 1 failed; exit 1");
  t.is(second.last, "48 passed, 1 failed");
  t.is(second.exitCode, 1);
});

test("tests of the image that were all skipped change nothing", async (t) => {
  const { last, exitCode } = await run(
    t,
    "echo 40 passed, 0 failed",
    "echo 0 passed, 0 failed, 8 skipped",
  );
  t.is(last, "40 passed, 0 failed");
  t.is(exitCode, 0);
});

test("a run that comes to no result is a failure, one whose time was up is not", async (t) => {
  t.is((await run(t, "exit 1", "echo 9 passed, 0 failed")).last, "9 passed, 1 failed");
  t.is((await run(t, "echo 40 passed, 0 failed", "exit 1")).last, "40 passed, 1 failed");
  // The code with which timeout(1) ends.
  const late = await run(t, "echo 40 passed, 0 failed", "exit 124");
  t.is(late.last, "40 passed, 0 failed");
  t.true(late.lines.includes("Skipped: the image's tests (the time was up)"));
});
