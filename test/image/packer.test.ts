import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import test from "ava";
import { missingTool, titled } from "../testkit/image/tools.ts";

const run = promisify(execFile);
const template = fileURLToPath(new URL("../../packer/outrider.pkr.hcl", import.meta.url));
const missing = missingTool("packer", "packer of Debian 12");

(missing ? test.skip : test)(titled("Packer finds the template good", missing), async (t) => {
  const variables = [
    "-var",
    "overlay=/nowhere/disk.qcow2",
    "-var",
    "work_folder=/nowhere",
    "-var",
    "publish=true",
  ];
  await t.notThrowsAsync(run("packer", ["validate", ...variables, template]));
  // The same check must be able to fail.
  await t.throwsAsync(run("packer", ["validate", ...variables, "-var", "unknown=1", template]));
});

/**
 * Read in Packer 1.6.6's builder and in hashicorp/packer-plugin-qemu 1.1's list of options
 * (builder/qemu/config.hcl2spec.go): both know these.
 */
const optionsOfBoth =
  "accelerator communicator cpus disable_vnc disk_cache disk_image disk_interface format headless iso_checksum iso_url memory net_device output_directory qemuargs shutdown_timeout skip_compaction vm_name".split(
    " ",
  );

test("the builder is given no option that either Packer 1.6.6 or current releases lack", async (t) => {
  const [, source = ""] =
    /^source "qemu" "outrider" \{\n(.*?)^\}/ms.exec(await readFile(template, "utf8")) ?? [];
  const options = [...source.matchAll(/^ {2}([a-z_]+) += /gm)].map(([, option]) => option ?? "");
  t.true(options.length > 10);
  t.deepEqual(
    options.filter((option) => !optionsOfBoth.includes(option)),
    [],
  );
});

test("the template has no block that Packer 1.6.6 does not know, and the plugins have a file of their own", async (t) => {
  t.false(
    /required_plugins|efi_boot|firmware|cpu_model|http_content|cd_content|boot_steps/.test(
      await readFile(template, "utf8"),
    ),
  );
  t.regex(
    await readFile(new URL("../../packer/plugins/plugins.pkr.hcl", import.meta.url), "utf8"),
    /required_plugins/,
  );
});
