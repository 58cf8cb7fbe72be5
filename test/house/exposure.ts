import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { platformUrl } from "../../image/lab/addresses.ts";
import { startLab } from "../../image/lab/lab.ts";
import { Operator } from "../../image/lab/operator.ts";
import { openTerminal } from "../../image/terminal/terminal.ts";
import { type ExposedUnit, exposedUnits, exposureOf } from "../testkit/image/exposed-units.ts";

/**
 * `npm run measures:exposure`: what the appliance offers to somebody who is on it, out of its units
 * and of an enrolled appliance of the lab. `--write` writes the page docs/measured/exposure.md.
 */
const [analyzer = ""] = spawnSync("systemd-analyze", ["--version"], { encoding: "utf8" })
  .stdout.trim()
  .split("\n");

function settingOf(lines: readonly string[], key: string): string {
  const values = lines
    .filter((line) => line.startsWith(`${key}=`))
    .map((line) => line.slice(key.length + 1));
  return values.join(" ") || "none";
}

function unitRow(unit: ExposedUnit): string {
  const { name, lines, kind, most } = unit;
  const of = (key: string) => settingOf(lines, key);
  const user = lines.includes("DynamicUser=yes") ? "its own" : of("User").replace("none", "root");
  const capabilities = of("CapabilityBoundingSet").replaceAll("CAP_", "").toLowerCase();
  const network = lines.includes("PrivateNetwork=yes") ? "none" : "the machine's";
  const cells = [kind === "image" ? `${name}.service` : name, user, capabilities];
  cells.push(of("ReadWritePaths"), network, exposureOf(unit).score.toFixed(1), most.toFixed(1));
  return `| ${cells.join(" | ")} |`;
}

const lab = await startLab({
  targets: false,
  openConsole: ([command, ...args]) => openTerminal({ command, args, cols: 80, rows: 24 }),
});
let page: string;
try {
  await lab.appliance.start();
  await lab.appliance.booted();
  const operator = new Operator(lab.platform);
  const { code } = await operator.makeActivationCode("exposure");
  await lab.appliance.exec(["outrider", "enrol", platformUrl], { input: `${code}\n` });
  await operator.waitForAppliance(({ heartbeatAt }) => heartbeatAt !== null, "the first heartbeat");
  const shell = async (script: string) => {
    const { stdout } = await lab.appliance.exec(["sh", "-c", script], { timeoutMs: 120_000 });
    return stdout.split("\n").filter(Boolean).sort();
  };
  const network = await shell("ss -Hlntu | awk '{print $1, $5}'");
  const unix = await shell(
    "ss -Hlx | awk '{print $5}' | grep ^/run/outrider | xargs -r stat -c '%a %U %n'",
  );
  const everywhere = "/ /data /run -xdev";
  const privileged = await shell(`find ${everywhere} -type f -perm /6000 2>/dev/null || true`);
  const writable = await shell(
    `find ${everywhere} ! -type l ! -type s -perm -0002 ! -path '/run/systemd/*' ! -path '*/systemd-private-*' 2>/dev/null || true`,
  );
  const owned: string[] = [];
  for (const user of ["outrider-agent", "outrider-scan", "outrider-console"])
    owned.push(
      ...(await shell(
        `find /data /run /var /etc -xdev -type d -user ${user} -prune -printf '%m %u %g %p\\n' 2>/dev/null || true`,
      )),
    );
  page = `# Exposure

Written by \`npm run measures:exposure\`. The units are those of the image and those that configd makes; the rest was seen on
an enrolled appliance of the lab. \`test/configd/sandbox.test.ts\` holds the bounds.

## Units

The score is that of \`systemd-analyze security --offline=true\`, 0 to 10: the lower, the less a program that was taken over
can do. It was ${analyzer}. *Writable* are folders of a file system that is read-only otherwise.

| unit | user | capabilities | writable | network | score | bound |
|---|---|---|---|---|---:|---:|
${exposedUnits().map(unitRow).join("\n")}

## Listening sockets of the network

${list(network)}

## Sockets on the appliance

${list(unix)}

## Files that run as another user or group

${list(privileged)}

## Files and folders that everybody may write

${list(writable)}

## Folders of the appliance's own users

Mode, user, group, path; what is inside of one is not listed.

${list(owned)}
`;
} finally {
  await lab.stop();
}
process.stdout.write(page);
if (process.argv.includes("--write"))
  await writeFile(new URL("../../docs/measured/exposure.md", import.meta.url), page);

function list(lines: readonly string[]): string {
  return lines.length === 0 ? "None." : lines.map((line) => `* \`${line}\``).join("\n");
}
