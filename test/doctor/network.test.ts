import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { readCardMode } from "../../src/doctor/ask/card-mode.ts";
import { ownersIn } from "../../src/doctor/ask/owners.ts";
import { refuserIn } from "../../src/doctor/ask/who-refuses.ts";
import { canMakeNetworks, openLink } from "./namespaces.ts";

const networkTest = canMakeNetworks ? test : test.skip;

networkTest("the machine that uses the own IPv4 address answers with its MAC", async (t) => {
  const link = await openLink(t);
  await link.on("own", "ip", "address", "add", "192.0.2.10/24", "dev", "eth0");
  await link.on("other", "ip", "address", "add", "192.0.2.11/24", "dev", "eth0");
  const owners = () => link.ask("owners.ts", "askOwners", "eth0", "192.0.2.10", "signal");
  t.deepEqual(await owners(), [], "nobody else has it");
  await link.on("other", "ip", "address", "add", "192.0.2.10/32", "dev", "eth0");
  t.deepEqual(await owners(), [await link.otherMac()]);
});

networkTest("asking for an address changes nobody's neighbour table", async (t) => {
  const link = await openLink(t);
  await link.on("own", "ip", "address", "add", "192.0.2.10/24", "dev", "eth0");
  await link.on("other", "ip", "address", "add", "192.0.2.11/24", "dev", "eth0");
  await link.ask("owners.ts", "askOwners", "eth0", "192.0.2.10", "signal");
  t.is(await link.on("other", "ip", "-4", "neighbour", "show", "dev", "eth0"), "");
});

networkTest("a device that is not there cannot be asked through, and says why", async (t) => {
  const link = await openLink(t);
  await t.throwsAsync(link.ask("owners.ts", "askOwners", "eth9", "192.0.2.10", "signal"), {
    message: /OutriderError.*nping/s,
  });
});

networkTest("an IPv6 address that another machine has is known as failed", async (t) => {
  const link = await openLink(t);
  await link.on("other", "ip", "address", "add", "2001:db8::10/64", "dev", "eth0", "nodad");
  await link.on("own", "ip", "address", "add", "2001:db8::10/64", "dev", "eth0");
  await link.on("own", "timeout", "20", "sh", "-c", untilFailed);
  t.deepEqual(await link.ask("addresses.ts", "readDuplicates6", "eth0"), ["2001:db8::10"]);
});

const untilFailed =
  "until ip -6 address show dev eth0 | grep --quiet dadfailed; do sleep 0.1; done";
networkTest("the route is the one of the user that sends", async (t) => {
  const link = await openLink(t);
  await link.on("own", "ip", "address", "add", "192.0.2.10/24", "dev", "eth0");
  await link.on("own", "ip", "route", "add", "default", "via", "192.0.2.1");
  await link.on("own", "ip", "rule", "add", "priority", "1001", "uidrange", "821-821", "prohibit");
  const route = (address: string, sender: object) =>
    link.ask("addresses.ts", "findRoute", address, sender);
  t.deepEqual(await route("203.0.113.1", { user: 820 }), {
    device: "eth0",
    source: "192.0.2.10",
    gateway: "192.0.2.1",
  });
  t.deepEqual(await route("192.0.2.7", { user: 820 }), {
    device: "eth0",
    source: "192.0.2.10",
    gateway: null,
  });
  t.is(await route("203.0.113.1", { user: 821 }), null, "a rule forbids it");
  t.is(await route("2001:db8:9::1", { user: 820 }), null, "there is no IPv6");
  await link.on("own", "ip", "rule", "add", "priority", "950", "fwmark", "0x64", "prohibit");
  t.is(await route("203.0.113.1", { user: 820, mark: 0x64 }), null, "by its mark");
});

for (const [name, kind] of [
  ["unreachable", "unreachable"],
  ["prohibited", "prohibit"],
] as const)
  networkTest(`the router that says ${name} is named`, async (t) => {
    const link = await openLink(t);
    await link.on("own", "ip", "address", "add", "192.0.2.10/24", "dev", "eth0");
    await link.on("own", "ip", "route", "add", "default", "via", "192.0.2.1");
    await link.on("other", "ip", "address", "add", "192.0.2.1/24", "dev", "eth0");
    await link.on("other", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
    await link.on("other", "ip", "route", "add", kind, "203.0.113.0/24");
    const who = (address: string, port: number) =>
      link.ask("who-refuses.ts", "whoRefuses", address, port, "signal");
    t.is(await who("203.0.113.80", 443), "192.0.2.1");
    t.is(await who("192.0.2.1", 443), null, "a reset of the host itself is nobody else's word");
  });

networkTest("speed and duplex are what the driver says", async (t) => {
  const link = await openLink(t);
  t.deepEqual(await link.ask("card-mode.ts", "readCardMode", "eth0"), {
    speedMbps: 10_000,
    duplex: "full",
  });
});

test("speed and duplex that the kernel does not know are none", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const card = async (speed: string, duplex: string) => {
    await mkdir(join(folder, "eth0"), { recursive: true });
    await writeFile(join(folder, "eth0/speed"), `${speed}\n`);
    await writeFile(join(folder, "eth0/duplex"), `${duplex}\n`);
    return readCardMode("eth0", folder);
  };
  const none = { speedMbps: null, duplex: null };
  t.deepEqual(await card("-1", "unknown"), none, "as virtio_net says without a negotiated speed");
  t.deepEqual(await card("65535", "unknown"), none, "as kernels before 4.8 say");
  t.deepEqual(await card("4294967295", "unknown"), none);
  t.deepEqual(await card("", ""), none, "without a link the read fails");
  t.deepEqual(await readCardMode("eth9", folder), none);
  t.deepEqual(await card("100", "half"), { speedMbps: 100, duplex: "half" });
  t.deepEqual(await card("10", "full"), { speedMbps: 10, duplex: "full" });
  t.deepEqual(await card("400000", "full"), { speedMbps: 400_000, duplex: "full" });
});

test("answers are taken from whole lines of the address that was asked for", (t) => {
  const line = (address: string) =>
    `RCVD (0.8566s) ARP reply ${address} is at 62:F9:5C:55:33:53 \n`;
  t.deepEqual(ownersIn(line("192.0.2.10"), "192.0.2.10"), ["62:f9:5c:55:33:53"]);
  t.deepEqual(ownersIn(line("192.0.2.10").repeat(3), "192.0.2.10"), ["62:f9:5c:55:33:53"]);
  t.deepEqual(ownersIn(line("192.0.2.1"), "192.0.2.10"), [], "another's answer");
  t.deepEqual(ownersIn(`SENT ${line("192.0.2.10")}`, "192.0.2.10"), []);
  t.deepEqual(ownersIn("", "192.0.2.10"), []);
  const state = (rest: string) => `<port><state state="filtered" reason="host-unreach" ${rest}/>`;
  t.is(refuserIn(state('reason_ttl="63" reason_ip="192.0.2.1"')), "192.0.2.1");
  t.is(refuserIn(state('reason_ttl="63" reason_ip="2001:db8::1"')), "2001:db8::1");
  t.is(refuserIn(state('reason_ttl="63"')), null);
  t.is(refuserIn(state('reason_ip="1.2.3"')), null);
});
