import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { appliancePaths } from "../../../src/configd/api/paths.ts";
import type { ToolRequest } from "../../../src/configd/api/tool-shapes.ts";
import { doctorProperties, scanProperties } from "../../../src/configd/machine/real-doctor.ts";
import { volumeProperties } from "../../../src/configd/machine/real-tools.ts";
import { reverterProperties } from "../../../src/configd/machine/reverter-properties.ts";
import { toolProperties } from "../../../src/configd/machine/tool-unit.ts";

const folder = fileURLToPath(
  new URL("../../../image/root/overlay/usr/lib/systemd/system/", import.meta.url),
);

/** The exposure that each unit may have, 0 to 10. */
const most: Readonly<Record<string, number>> = {
  "outrider-agent": 1.8,
  "outrider-boot": 3.4,
  "outrider-configd": 3.3,
  "outrider-console@": 0.9,
  "outrider-keyboard": 1.7,
  "outrider-reader@": 0.5,
  "outrider-scan@": 2,
  "outrider-zero-touch": 3.6,
  doctor: 1.9,
  "doctor of what is typed": 1.9,
  "doctor of the scan side": 1.9,
  "taking back a change of the network": 3.3,
  // It mounts, as root.
  volumes: 2.5,
};
const mostOfTools = 1.8;

const requests: readonly ToolRequest[] = [
  { tool: "ping", role: "lan", target: "a.example" },
  { tool: "look-up", role: "lan", target: "a.example", type: "A" },
  { tool: "trace", role: "lan", target: "a.example", port: 443 },
  { tool: "tls", role: "lan", target: "a.example", port: 443, direct: true },
  { tool: "capture", role: "lan", kind: "all", seconds: 5 },
];

export interface ExposedUnit {
  name: string;
  /** Its file's name, and all that is in it. */
  file: string;
  text: string;
  /** Lines of its [Service] section. */
  lines: readonly string[];
  /** Of the image, or made by configd with systemd-run. */
  kind: "image" | "transient";
  most: number;
}

function ofImage(): ExposedUnit[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".service"))
    .map((file) => {
      const name = file.replace(/\.service$/, "");
      const bound = most[name];
      if (bound === undefined) throw new Error(`${file} has no bound in exposed-units.ts`);
      const text = readFileSync(join(folder, file), "utf8");
      return { name, file, text, lines: serviceLines(file), kind: "image", most: bound };
    });
}

/** The [Service] section of a unit of the image. */
export function serviceLines(file: string): string[] {
  const text = readFileSync(join(folder, file), "utf8");
  const section = /\[Service\]\n([\s\S]*?)(?:\n\[|$)/.exec(text)?.[1] ?? "";
  return section.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

function transient(): ExposedUnit[] {
  const paths = appliancePaths("");
  const properties: Readonly<Record<string, readonly string[]>> = {
    doctor: doctorProperties(paths),
    "doctor of what is typed": doctorProperties(paths, true),
    "doctor of the scan side": scanProperties(paths),
    "taking back a change of the network": reverterProperties,
    volumes: volumeProperties,
  };
  return [
    ...Object.entries(properties).map(([name, lines]) => unit(name, lines, most[name] ?? 0)),
    ...requests.map((request) =>
      unit(
        `tool ${request.tool}`,
        toolProperties({ request, device: "eth0", callsHome: false }, []),
        mostOfTools,
      ),
    ),
  ];
}

function unit(name: string, properties: readonly string[], bound: number): ExposedUnit {
  const lines = ["ExecStart=/bin/true", ...properties];
  const text = `[Service]\n${lines.join("\n")}\n`;
  const file = `${name.replaceAll(" ", "-")}.service`;
  return { name, file, text, lines, kind: "transient", most: bound };
}

/** Every unit that the project starts, with what it may do. */
export function exposedUnits(): ExposedUnit[] {
  return [...ofImage(), ...transient()];
}

export const hasAnalyzer = spawnSync("systemd-analyze", ["--version"]).status === 0;

/** What `systemd-analyze security` says of a unit: its score, and its text. */
export function exposureOf(given: Pick<ExposedUnit, "file" | "text">): {
  score: number;
  text: string;
} {
  const made = mkdtempSync(join(tmpdir(), "outrider-unit-"));
  try {
    const file = join(made, given.file);
    writeFileSync(file, given.text);
    const { stdout, stderr } = spawnSync(
      "systemd-analyze",
      ["security", "--offline=true", "--no-pager", file],
      { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } },
    );
    const score = /Overall exposure level for \S+: (\d+\.\d)/.exec(stdout)?.[1];
    return { score: Number(score), text: `${stdout}${stderr}` };
  } finally {
    rmSync(made, { recursive: true });
  }
}
