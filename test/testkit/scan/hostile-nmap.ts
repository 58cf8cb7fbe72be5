import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * nmap's stand-in, taken over by the host 192.0.2.3: where that one's ports are asked for, the output
 * has more than anybody can take in.
 */
const args = process.argv.slice(2);
const after = (option: string) => args[args.indexOf(option) + 1] ?? "";
const standIn = fileURLToPath(new URL("../../../src/simulation/nmap.ts", import.meta.url));
const { status } = spawnSync(process.execPath, [standIn, ...args], { stdio: "inherit" });
process.exitCode = status ?? 1;

if (!args.includes("-sn") && /\b192\.0\.2\.(2\/31|3)\b/.test(readFileSync(after("-iL"), "utf8"))) {
  const output = after("-oX");
  const xml = readFileSync(output, "utf8");
  const at = xml.indexOf("</nmaprun>");
  writeFileSync(output, xml.slice(0, xml.indexOf("<runstats")));
  for (let host = 0; host < 6; host++) {
    const ports = Array.from(
      { length: 65_536 },
      (_, port) => `<port protocol="tcp" portid="${port}"><state state="open"/></port>`,
    );
    appendFileSync(
      output,
      `<host><status state="up"/><address addr="192.0.2.3" addrtype="ipv4"/><ports>${ports.join("")}</ports></host>`,
    );
  }
  appendFileSync(output, xml.slice(xml.indexOf("<runstats"), at) + xml.slice(at));
}
