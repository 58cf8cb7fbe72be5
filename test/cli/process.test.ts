import { join } from "node:path";
import test from "ava";
import { execa } from "execa";
import { makeActivationCode } from "../../src/base/activation-code.ts";
import { testAppliance } from "../testkit/configd/test-appliance.ts";

const entry = join(import.meta.dirname, "../../src/cli/main.ts");
const code = makeActivationCode(new Uint8Array(18).fill(3)).text;

test("the program finds configd below OUTRIDER_ROOT, reads the code from standard input and ends with the right code", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const env = { OUTRIDER_ROOT: appliance.paths.run.replace(/\/run\/outrider$/, "") };
  const run = (words: string[], input = "") =>
    execa(process.execPath, [entry, ...words], { env, input, reject: false });
  const status = await run(["status"]);
  t.is(status.exitCode, 0, status.stderr);
  t.regex(status.stdout, /^outrider, Outrider 0\.0\.0-test/);
  const enrolled = await run(["enrol", "platform.outrider.test"], `${code}\n`);
  t.is(enrolled.exitCode, 0, enrolled.stderr);
  t.true((await appliance.console.call("status", {})).secrets.activationCode);
  const version = await run(["version"]);
  t.regex(version.stdout, /^outrider \d+\.\d+\.\d+/);
});
