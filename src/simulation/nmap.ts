import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { addressesOf } from "../base/addresses/ranges.ts";
import { plannedRanges } from "../base/addresses/scan-targets.ts";
import { portRanges } from "../scan/ports.ts";

/**
 * The program that stands in for nmap in a simulated run: takes nmap's arguments and writes nmap's
 * XML for the `scanTargets` of the described machine in the file OUTRIDER_DESCRIBED_MACHINE. While
 * the file OUTRIDER_DESCRIBED_GATE exists, scans of ports wait.
 */
interface DescribedTarget {
  address: string;
  hostname?: string;
  mac?: string;
  ports: { number: number; service: string; product?: string; version?: string }[];
}

if (process.argv.includes("--version")) {
  process.stdout.write("Nmap version described\n");
  process.exit(0);
}

const { values } = parseArgs({
  args: process.argv
    .slice(2)
    .map((argument) => (/^-[a-z][A-Za-z]$/.test(argument) ? `-${argument}` : argument)),
  strict: false,
  options: {
    iL: { type: "string" },
    oX: { type: "string" },
    excludefile: { type: "string" },
    sn: { type: "boolean" },
    sU: { type: "boolean" },
    sV: { type: "boolean" },
    p: { type: "string", short: "p" },
  },
});

const entriesOf = (path: unknown) =>
  typeof path === "string" && path !== ""
    ? readFileSync(path, "utf8").split(/\s+/).filter(Boolean)
    : [];
const quote = (text: string) =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

function describedTargets(): DescribedTarget[] {
  const path = process.env.OUTRIDER_DESCRIBED_MACHINE;
  if (path === undefined) return [];
  const machine: { scanTargets?: DescribedTarget[] } = JSON.parse(readFileSync(path, "utf8"));
  return machine.scanTargets ?? [];
}

/** An element without content; attributes without a value are left out. */
function tag(name: string, attributes: Record<string, string | number | undefined>): string {
  const texts = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${quote(String(value))}"`],
  );
  return `<${name}${texts.join("")}/>`;
}

function portXml({ number, service, product, version }: DescribedTarget["ports"][number]): string {
  return [
    `<port protocol="tcp" portid="${number}">`,
    tag("state", { state: "open", reason: "syn-ack", reason_ttl: 64 }),
    values.sV === true
      ? tag("service", { name: service, product, version, method: "probed", conf: 10 })
      : tag("service", { name: service, method: "table", conf: 3 }),
    "</port>",
  ].join("");
}

/** Described ports are of TCP, and all of them are among those that are used most. */
function isAsked({ number }: DescribedTarget["ports"][number]): boolean {
  if (values.sU === true) return false;
  return (
    typeof values.p !== "string" ||
    portRanges(values.p).some(({ first, last }) => first <= number && number <= last)
  );
}

function hostXml(address: string, target: DescribedTarget | undefined, withPorts: boolean): string {
  const status = target
    ? { state: "up", reason: "arp-response" }
    : { state: "down", reason: "no-response" };
  const { mac, hostname, ports = [] } = target ?? {};
  return [
    '<host starttime="1" endtime="2">',
    tag("status", { ...status, reason_ttl: 0 }),
    tag("address", { addr: address, addrtype: address.includes(":") ? "ipv6" : "ipv4" }),
    mac ? tag("address", { addr: mac, addrtype: "mac" }) : "",
    `<hostnames>${hostname ? tag("hostname", { name: hostname, type: "PTR" }) : ""}</hostnames>`,
    withPorts ? `<ports>${ports.filter(isAsked).map(portXml).join("")}</ports>` : "",
    "</host>",
  ].join("");
}

const discovering = values.sn === true;
const gate = process.env.OUTRIDER_DESCRIBED_GATE;
while (!discovering && gate !== undefined && existsSync(gate)) await delay(20);

const targets = new Map(describedTargets().map((target) => [target.address, target]));
const lines = [
  '<?xml version="1.0"?>',
  '<nmaprun scanner="nmap" version="described" xmloutputversion="1.05">',
];
let up = 0;
let total = 0;
const asked = plannedRanges(entriesOf(values.iL), entriesOf(values.excludefile));
for (const text of addressesOf(asked)) {
  const target = targets.get(text);
  total++;
  if (target) up++;
  lines.push(hostXml(text, target, !discovering));
}
lines.push(
  "<runstats>",
  tag("finished", { time: 2, timestr: "", summary: "", elapsed: "0.1", exit: "success" }),
  tag("hosts", { up, down: total - up, total }),
  "</runstats>",
  "</nmaprun>",
);
if (typeof values.oX === "string") writeFileSync(values.oX, `${lines.join("\n")}\n`);
