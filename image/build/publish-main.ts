import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readDisk } from "../disk/disk.ts";
import { lineProgress } from "../run/progress.ts";
import { publish, readLicence } from "./publish.ts";
import { inWords, renderReport } from "./report.ts";
import { checkRequest } from "./request.ts";
import { parseSelfTest } from "./self-test-log.ts";

// Started by Packer (packer/outrider.pkr.hcl) when the machine has powered off; its argument is the
// request's file.

const projectFolder = join(fileURLToPath(import.meta.url), "../../..");
const checked = checkRequest(JSON.parse(await readFile(process.argv[2] ?? "", "utf8")));
if (!checked.valid) throw new Error("the request is damaged");
const request = checked.value;

const selfTest = parseSelfTest(await readFile(request.selfTestLog, "latin1"));
if (!selfTest?.passed) {
  const failures = selfTest?.failures.map((failure) => `  ${failure}`) ?? [
    "  the appliance powered off without finishing its self-test",
  ];
  process.stdout.write(`The self-test failed, so nothing is published:\n${failures.join("\n")}\n`);
  process.exit(1);
}
process.stdout.write(`The self-test passed ${selfTest.checks} checks.\n`);

const files = await publish(
  {
    disk: await readDisk(request.diskFolder, request.diskKey),
    version: request.version,
    folder: request.outputFolder,
    licenceText: await readLicence(projectFolder),
    components: request.components,
  },
  lineProgress(process.stdout),
);
const report = renderReport({
  version: request.version,
  files: files.map(({ path, sizeBytes, digest }) => ({ name: basename(path), sizeBytes, digest })),
  parts: request.parts,
  selfTestChecks: selfTest.checks,
  accelerator: request.accelerator,
});
await writeFile(join(request.outputFolder, "image-build.md"), report);
for (const { path, sizeBytes, digest } of files)
  process.stdout.write(`${basename(path)}: ${inWords(sizeBytes)}, SHA-256 ${digest}\n`);
