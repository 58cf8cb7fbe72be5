import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { appliancePaths } from "../../src/configd/api/paths.ts";
import type { ToolRequest } from "../../src/configd/api/tool-shapes.ts";
import { doctorProperties, scanProperties } from "../../src/configd/machine/real-doctor.ts";
import { volumeProperties } from "../../src/configd/machine/real-tools.ts";
import { toolProperties } from "../../src/configd/machine/tool-unit.ts";

const requests: readonly ToolRequest[] = [
  { tool: "ping", role: "lan", target: "a.example" },
  { tool: "look-up", role: "lan", target: "a.example", type: "A" },
  { tool: "trace", role: "lan", target: "a.example", port: 443 },
  { tool: "tls", role: "lan", target: "a.example", port: 443, direct: true },
  { tool: "capture", role: "lan", kind: "all", seconds: 5 },
];

/** Properties of each transient unit, and the exposure that it may have, 0 to 10. */
const units: Readonly<Record<string, { properties: readonly string[]; most: number }>> = {
  ...Object.fromEntries(
    requests.map((request) => [
      request.tool,
      { properties: toolProperties({ request, device: "eth0", callsHome: false }, []), most: 1.8 },
    ]),
  ),
  doctor: { properties: doctorProperties(appliancePaths("")), most: 1.9 },
  "doctor of what is typed": { properties: doctorProperties(appliancePaths(""), true), most: 1.9 },
  "doctor of the scan side": { properties: scanProperties(appliancePaths("")), most: 1.9 },
  // It mounts, as root.
  volumes: { properties: volumeProperties, most: 2.5 },
};

const there = spawnSync("systemd-analyze", ["--version"]).status === 0 ? test : test.skip;

for (const [name, { properties, most }] of Object.entries(units))
  there(
    `systemd finds the unit of ${name} little exposed (skipped without systemd-analyze)`,
    async (t) => {
      const folder = await mkdtemp(join(tmpdir(), "outrider-unit-"));
      t.teardown(() => rm(folder, { recursive: true }));
      const file = join(folder, `${name.replaceAll(" ", "-")}.service`);
      await writeFile(file, `[Service]\nExecStart=/bin/true\n${properties.join("\n")}\n`);
      const { stdout } = spawnSync(
        "systemd-analyze",
        ["security", "--offline=true", "--no-pager", file],
        { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } },
      );
      const exposure = /Overall exposure level for \S+: (\d+\.\d)/.exec(stdout)?.[1];
      t.true(Number(exposure) <= most, `${name}: ${exposure}\n${stdout}`);
      t.notRegex(stdout, /Unknown key|Failed to parse|ignoring/i);
    },
  );
