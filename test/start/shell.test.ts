import test from "ava";
import { execa } from "execa";

const files = [
  ".ci/run",
  "image/start/bootstrap.sh",
  "image/lab/holder.sh",
  "image/lab/janitor.sh",
  "image/root/keymaps.sh",
  "image/root/guest-info.sh",
];
const project = new URL("../../", import.meta.url).pathname;
const { exitCode } = await execa("sh", ["-c", "command -v shellcheck"], { reject: false });
const check = exitCode === 0 ? test : test.skip;

check("the shell files are clean for shellcheck", async (t) => {
  const { stdout } = await execa("shellcheck", files, { cwd: project, reject: false });
  t.is(stdout, "");
});
