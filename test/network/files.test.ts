import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { OutriderError } from "../../src/base/messages/error.ts";
import { generateNetworkdFiles } from "../../src/network/generate.ts";
import { readNetworkdFiles, replaceNetworkdFiles } from "../../src/network/networkd-files.ts";

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "outrider-network-"));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

test("only files that differ are replaced, and those that vanished are removed", async (t) => {
  const path = await folder(t);
  const first = new Map([
    ["10-netplan-lan.network", "one"],
    ["10-netplan-wan.network", "two"],
    ["10-netplan-old.netdev", "three"],
  ]);
  await replaceNetworkdFiles(path, first, null);
  await writeFile(join(path, "80-container.network"), "somebody else's");
  const wan = await stat(join(path, "10-netplan-wan.network"), { bigint: true });
  const changed = await replaceNetworkdFiles(
    path,
    new Map([
      ["10-netplan-lan.network", "ONE"],
      ["10-netplan-wan.network", "two"],
    ]),
    null,
  );
  t.deepEqual(changed, {
    written: ["10-netplan-lan.network"],
    removed: ["10-netplan-old.netdev"],
    staleNetdevs: [],
    movedLinks: [],
  });
  const after = await stat(join(path, "10-netplan-wan.network"), { bigint: true });
  t.is(after.ino, wan.ino);
  t.is(after.mtimeNs, wan.mtimeNs);
  t.is(await readFile(join(path, "80-container.network"), "utf8"), "somebody else's");
  t.is((await stat(join(path, "10-netplan-lan.network"))).mode & 0o777, 0o640);
  t.deepEqual(
    [...(await readNetworkdFiles(path)).keys()],
    ["10-netplan-lan.network", "10-netplan-wan.network"],
  );
});

test.serial("networkd's folder is open to networkd under a strict umask", async (t) => {
  const path = join(await folder(t), "network");
  const before = process.umask(0o077);
  try {
    await replaceNetworkdFiles(path, new Map([["10-netplan-lan.network", "one"]]), null);
  } finally {
    process.umask(before);
  }
  t.is((await stat(path)).mode & 0o777, 0o755);
});

test("the generator's complaints are errors even when it ends with 0", async (t) => {
  const path = await folder(t);
  const program = join(path, "generate");
  const run = async (script: string) => {
    await writeFile(program, `#!/bin/sh\n${script}\n`);
    await chmod(program, 0o755);
    return generateNetworkdFiles("network: {}\n", { command: [program] });
  };
  const conflict = await t.throwsAsync(
    run('echo "Problem encountered: Conflicting default route declarations" >&2'),
    { instanceOf: OutriderError },
  );
  t.is(conflict?.code, "trial-failed");
  t.regex(conflict?.detail ?? "", /Conflicting/);
  t.regex((await t.throwsAsync(run("exit 78"), { instanceOf: OutriderError }))?.detail ?? "", /78/);
  const files = await run(
    'echo "Failed to send reload request" >&2; echo "Failed to start netplan-ovs-cleanup.service: Unit netplan-ovs-cleanup.service not found." >&2; mkdir -p $2/run/systemd/network; echo x > $2/run/systemd/network/10-netplan-lan.network; echo y > $2/run/systemd/network/10-netplan-lan.link',
  );
  t.deepEqual([...files], [["10-netplan-lan.network", "x\n"]]);
});

test("links that change over to another role or routing table are named, others are not", async (t) => {
  const path = await folder(t);
  const network = (device: string) => `[Match]\nName=${device}\n\n[Network]\nDHCP=ipv4\n`;
  const single = new Map([
    ["10-netplan-lan.network", network("eth0")],
    ["10-netplan-spare-eth1.network", network("eth1")],
  ]);
  const dropIn: [string, string] = [
    "10-netplan-lan.network.d/50-split.conf",
    "[DHCPv4]\nRouteTable=100\n",
  ];
  const split = new Map([
    ["10-netplan-lan.network", network("eth0")],
    ["10-netplan-wan.network", network("eth1")],
    dropIn,
  ]);
  const swapped = new Map([
    ["10-netplan-lan.network", network("eth1")],
    ["10-netplan-wan.network", network("eth0")],
    dropIn,
  ]);
  const moved = async (files: Map<string, string>) =>
    (await replaceNetworkdFiles(path, files, null)).movedLinks.sort();
  t.deepEqual(await moved(single), []);
  t.deepEqual(await moved(split), ["eth0", "eth1"]);
  const otherAddress = new Map([
    ...split,
    ["10-netplan-lan.network", `${network("eth0")}Address=192.0.2.5/24\n`],
  ]);
  t.deepEqual(await moved(otherAddress), []);
  const otherDropIn: [string, string] = [
    "10-netplan-lan.network.d/40-hostname.conf",
    "[DHCPv6]\nUseHostname=no\n",
  ];
  t.deepEqual(
    await moved(new Map([...split, otherDropIn])),
    [],
    "a lease is not dropped for what has nothing to do with routes",
  );
  t.deepEqual(await moved(swapped), ["eth0", "eth1"]);
  t.deepEqual(await moved(single), ["eth0", "eth1"]);
});

test("a VLAN's netdev is stale when its tag or its card is another one, or when it is gone; not when anything else changes", async (t) => {
  const files = (tag: number, card: string, more = "") =>
    new Map([
      [`10-netplan-card-${card}.network`, `[Match]\nName=${card}\n\n[Network]\nVLAN=lan\n`],
      [
        "10-netplan-lan.netdev",
        `[NetDev]\nName=lan\nMTUBytes=1500\nKind=vlan\n\n[VLAN]\nId=${tag}\n`,
      ],
      ["10-netplan-lan.network", `[Match]\nName=lan\n\n[Network]\nAddress=192.0.2.10/24\n${more}`],
    ]);
  const path = await folder(t);
  const steps: [ReturnType<typeof files>, string[]][] = [
    [files(10, "eth0"), []],
    [files(10, "eth0", "DNS=192.0.2.53\n"), []],
    [files(20, "eth0"), ["lan"]],
    [files(20, "eth1"), ["lan"]],
    [new Map([["10-netplan-lan.network", "[Match]\nName=eth1\n"]]), ["lan"]],
    [files(20, "eth1"), []],
  ];
  for (const [wanted, stale] of steps)
    t.deepEqual((await replaceNetworkdFiles(path, wanted, null)).staleNetdevs, stale);
});
