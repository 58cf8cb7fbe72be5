import { spawnSync } from "node:child_process";
import { networkInterfaces } from "node:os";
import test from "ava";
import { byFamily, type Family, pathArguments } from "../../src/configd/machine/path-arguments.ts";
import { answerOf } from "../../src/configd/machine/real-tools.ts";
import { runCommand } from "../../src/configd/machine/systemctl.ts";

/** Messages of Debian's nping and nmap (7.93). */
const nobodyOfIpv4 = `
Starting Nping 0.7.93 ( https://nmap.org/nping ) at 2026-11-23 04:13 UTC
Failed to resolve given hostname/IP: six.example.org.  Note that you can't use '/mask' AND '1-4,7,100-' style IP ranges
Execution aborted. Nping needs at least one valid target to operate.
`;
const nobodyOfIpv6 = `Starting Nmap 7.93 ( https://nmap.org ) at 2026-11-23 04:13 UTC
Warning: Hostname four.example.org resolves, but not to any IPv6 address. Try scanning without -6
Failed to resolve "four.example.org".
WARNING: No targets were specified, so 0 hosts scanned.
Nmap done: 0 IP addresses (0 hosts up) scanned in 0.00 seconds
`;
const tracedByIpv6 = `Starting Nmap 7.93 ( https://nmap.org ) at 2026-11-23 04:14 UTC
Nmap scan report for six.example.org (2001:db8:1::1)
Host is up (0.000024s latency).

TRACEROUTE (using proto 58/ipv6-icmp)
HOP RTT     ADDRESS
1   0.01 ms 2001:db8:1::1

Nmap done: 1 IP address (1 host up) scanned in 0.07 seconds
`;

async function tried(
  target: string,
  says: Partial<Record<Family, string>>,
): Promise<{ families: Family[]; lines: string[] }> {
  const families: Family[] = [];
  const said = await byFamily(target, async (family) => {
    families.push(family);
    return says[family] ?? "";
  });
  return { families, lines: answerOf(said).lines };
}

test("an address of IPv6 is tried by IPv6, and one of IPv4 by IPv4 alone", async (t) => {
  t.deepEqual(await tried("2001:db8::1", { 6: "Host is up." }), {
    families: [6],
    lines: ["Host is up."],
  });
  t.deepEqual(
    (await tried("192.0.2.300", { 4: 'Failed to resolve "192.0.2.300".' })).families,
    [4],
  );
});

test("a name without an address of IPv4 is tried by IPv6", async (t) => {
  const { families, lines } = await tried("six.example.org", { 4: nobodyOfIpv4, 6: tracedByIpv6 });
  t.deepEqual(families, [4, 6]);
  t.is(lines[0], "Nmap scan report for six.example.org (2001:db8:1::1)");
  t.is(lines.at(-1), "1   0.01 ms 2001:db8:1::1");
  t.deepEqual((await tried("both.example.org", { 4: "Host is up." })).families, [4]);
});

test("a name without any address is reported once", async (t) => {
  const { lines } = await tried("nobody.example.org", { 4: nobodyOfIpv4, 6: nobodyOfIpv6 });
  t.is(lines.length, 1);
  t.regex(lines[0] ?? "", /^Failed to resolve given hostname/);
});

test("the answer of a program that fails includes its standard error", async (t) => {
  const said = await runCommand("sh", ["-c", "echo one; echo two >&2; exit 3"], {
    anyAnswer: true,
  });
  t.deepEqual(said.toString("utf8").trim().split("\n").sort(), ["one", "two"]);
  await t.throwsAsync(runCommand("sh", ["-c", "kill -9 $$"], { anyAnswer: true }));
  await t.throwsAsync(runCommand("/nonexistent/program", [], { anyAnswer: true }));
});

const raw =
  process.getuid?.() === 0 &&
  spawnSync("nmap", ["--version"]).status === 0 &&
  Object.values(networkInterfaces())
    .flat()
    .some((each) => each?.address === "::1");
const rawTest = raw ? test : test.skip;

rawTest(
  "nmap answers a ping and a trace by IPv6 (skipped without root, nmap or IPv6)",
  async (t) => {
    for (const tool of ["ping", "trace"] as const) {
      const [program = "", ...words] = pathArguments(tool, 6, "lo", "::1");
      const { lines } = answerOf(
        (await runCommand(program, words, { anyAnswer: true })).toString("utf8"),
      );
      t.deepEqual(lines, ["Nmap scan report for ::1", "Host is up."], tool);
    }
  },
);
