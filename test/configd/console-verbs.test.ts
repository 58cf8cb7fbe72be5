import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import test from "ava";
import fc from "fast-check";
import { volumePath } from "../../src/configd/api/tool-names.ts";
import { journalctlArguments, readJournal } from "../../src/configd/machine/journal.ts";
import { readVolumes } from "../../src/configd/machine/volumes.ts";
import { codeOf, testAppliance } from "../testkit/configd/test-appliance.ts";

test("a PIN unlocks the console, is stored only as a hash, and is needed to change it", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { console } = appliance;
  t.deepEqual(await console.call("unlock", { pin: "" }), { unlocked: true, retryAfterMs: 0 });
  await console.call("setPin", { current: null, pin: "4711-pin" });
  t.true((await console.call("status", {})).secrets.consolePin);
  t.deepEqual(await console.call("unlock", { pin: "4711" }), { unlocked: false, retryAfterMs: 0 });
  t.deepEqual(await console.call("unlock", { pin: "4711-pin" }), {
    unlocked: true,
    retryAfterMs: 0,
  });
  t.is(await codeOf(console.call("setPin", { current: "wrong", pin: null })), "pin-wrong");
  const file = await readFile(join(appliance.paths.secrets, "console-pin"), "utf8");
  t.false(file.includes("4711-pin"));
  // Still the same after a restart.
  await appliance.kill();
  await appliance.start();
  t.false((await console.call("unlock", { pin: "0000" })).unlocked);
  await console.call("setPin", { current: "4711-pin", pin: null });
  t.false((await console.call("status", {})).secrets.consolePin);
  t.true((await console.call("unlock", { pin: "anything" })).unlocked);
});

test("after three wrong PINs each further one has to wait longer, also the right one", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { console, clock } = appliance;
  await console.call("setPin", { current: null, pin: "4711" });
  const guess = async (pin: string) => console.call("unlock", { pin });
  t.deepEqual(
    [
      (await guess("1")).retryAfterMs,
      (await guess("2")).retryAfterMs,
      (await guess("3")).retryAfterMs,
    ],
    [0, 0, 5000],
  );
  t.deepEqual(await guess("4711"), { unlocked: false, retryAfterMs: 5000 });
  clock.advance(5000);
  t.is((await guess("4")).retryAfterMs, 10_000);
  clock.advance(10_000);
  t.deepEqual(await guess("4711"), { unlocked: true, retryAfterMs: 0 });
  t.is((await guess("5")).retryAfterMs, 0, "the right one forgives");
});

test("the PIN never reaches the agent's credentials", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  await appliance.console.call("setPin", { current: null, pin: "4711" });
  const agent = join(appliance.paths.credentials, "agent");
  t.is(await stat(join(agent, "console-pin")).catch(() => null), null);
});

test("logs first return the newest entries, then only new ones", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const entry = (number: number) => ({
    cursor: `s=a;i=${number}`,
    at: 1000 + number,
    priority: 6,
    from: "outrider-agent",
    text: `line ${number}`,
  });
  appliance.system.tools.entries.agent = [1, 2, 3].map(entry);
  const { entries } = await appliance.console.call("logs", { source: "agent", lines: 2 });
  t.deepEqual(
    entries.map(({ text }) => text),
    ["line 2", "line 3"],
  );
  appliance.system.tools.entries.agent.push(entry(4));
  const more = await appliance.console.call("logs", {
    source: "agent",
    lines: 10,
    after: "s=a;i=3",
  });
  t.deepEqual(
    more.entries.map(({ text }) => text),
    ["line 4"],
  );
});

test("journalctl's JSON is read, whatever was logged; nothing in it can act on a terminal", (t) => {
  const line = JSON.stringify({
    __CURSOR: "s=1;i=2",
    __REALTIME_TIMESTAMP: "1800000000000000",
    MESSAGE: "red \u001b[31m and a bell \u0007",
    PRIORITY: "3",
    SYSLOG_IDENTIFIER: "kernel",
  });
  const bytes = JSON.stringify({
    __CURSOR: "s=1;i=3",
    __REALTIME_TIMESTAMP: "1800000000000001",
    MESSAGE: [104, 105],
  });
  const [first, second] = readJournal(`${line}\nno json\n${bytes}\n{}\nnull\n`);
  t.deepEqual(first, {
    cursor: "s=1;i=2",
    at: 1_800_000_000_000,
    priority: 3,
    from: "kernel",
    text: "red  [31m and a bell",
  });
  t.is(second?.text, "hi");
  t.true(
    journalctlArguments({ source: "network", lines: 5, after: "s=1" }).includes(
      "--after-cursor=s=1",
    ),
  );
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      for (const entry of readJournal(text)) t.false(/[\u0000-\u001f\u007f]/.test(entry.text));
    }),
  );
});

test("certificates are read from a volume; a name that leads out of it is refused", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { console, system } = appliance;
  system.tools.volumesNow = [
    { id: "sdb1", label: "STICK", fileSystem: "vfat", sizeBytes: 1e9, writable: true },
  ];
  system.tools.files = { sdb1: { "ca.pem": "-----BEGIN CERTIFICATE-----", "notes.txt": "x" } };
  t.deepEqual((await console.call("certificateFiles", { volume: "sdb1" })).files, ["ca.pem"]);
  t.is(
    (await console.call("readVolume", { volume: "sdb1", file: "ca.pem" })).text,
    "-----BEGIN CERTIFICATE-----",
  );
  t.is(
    await codeOf(console.call("readVolume", { volume: "sdc1", file: "ca.pem" })),
    "volume-missing",
  );
  for (const file of ["../ca.pem", "/etc/shadow", "a/b/c.pem", ".hidden", "a/../b"]) {
    t.notRegex(file, volumePath);
    t.is(
      await codeOf(console.call("readVolume", { volume: "sdb1", file })),
      "request-invalid",
      file,
    );
  }
});

test("volumes of the appliance itself, and those that are in use, are not offered", (t) => {
  const volumes = readVolumes({
    blockdevices: [
      {
        name: "sda",
        fstype: null,
        mountpoints: [null],
        children: [
          { name: "sda5", fstype: "vfat", label: "OLD", size: 1, mountpoints: [null] },
          {
            name: "sda1",
            fstype: "vfat",
            label: "ESP",
            parttype: "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
            size: 1,
            mountpoints: [null],
          },
          { name: "sda2", fstype: "ext4", label: "data", size: 1, mountpoints: ["/data"] },
        ],
      },
      {
        name: "sdb",
        fstype: null,
        children: [
          {
            name: "sdb1",
            fstype: "vfat",
            label: "STICK",
            size: 8e9,
            ro: false,
            mountpoints: [null],
          },
        ],
      },
      { name: "sdc", fstype: "vfat", label: "BUSY", size: 8e9, mountpoints: ["/mnt"] },
      { name: "sdd", fstype: "ext4", label: "OTHER", size: 8e9, mountpoints: [null] },
      {
        name: "sde",
        fstype: null,
        children: [
          {
            name: "sde1",
            fstype: "vfat",
            label: "EFI",
            parttype: "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
            size: 2e8,
            ro: false,
            mountpoints: [null],
          },
          {
            name: "sde2",
            fstype: "exfat",
            label: "LARGE",
            parttype: "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7",
            size: 6e10,
            ro: false,
            mountpoints: [null],
          },
        ],
      },
      { name: "sr0", fstype: "iso9660", label: "CERTS", size: 4e6, ro: true, mountpoints: [null] },
    ],
  });
  t.deepEqual(
    volumes.map(({ id, writable }) => [id, writable]),
    [
      ["sdb1", true],
      ["sde2", true],
      ["sr0", false],
    ],
  );
  for (const value of [null, [], { blockdevices: 3 }, { blockdevices: [null, 1, {}] }])
    t.deepEqual(readVolumes(value), []);
});

test("the support bundle goes to a stick, and holds no secret", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { console, system } = appliance;
  system.tools.volumesNow = [
    { id: "sdb1", label: "STICK", fileSystem: "vfat", sizeBytes: 1e9, writable: true },
    { id: "sr0", label: "DISC", fileSystem: "iso9660", sizeBytes: 1e6, writable: false },
  ];
  await console.call("setPin", { current: null, pin: "wonderful" });
  t.is(await codeOf(console.call("supportBundle", { volume: "sr0" })), "volume-read-only");
  const { file, bytes } = await console.call("supportBundle", { volume: "sdb1" });
  t.regex(file, /^outrider-support-\d{8}T\d{4}\.tar\.gz$/);
  const content = Buffer.from(system.tools.files.sdb1?.[file] ?? "", "base64");
  t.is(content.length, bytes);
  const text = gunzipSync(content).toString("latin1");
  for (const name of ["status.json", "netplan.yaml", "checks.json", "firewall.txt", "journal.txt"])
    t.true(text.includes(`outrider-support/${name}`), name);
  t.false(text.includes("wonderful"));
});

test("the firewall's text is written to a volume, with line ends that every system reads", async (t) => {
  const { start, console, agent, system } = await testAppliance(t);
  await start();
  system.tools.volumesNow = [
    { id: "sdb1", label: "STICK", fileSystem: "vfat", sizeBytes: 8e9, writable: true },
    { id: "sr0", label: "DISC", fileSystem: "iso9660", sizeBytes: 1e6, writable: false },
  ];
  t.is(await codeOf(console.call("saveFirewallText", { volume: "sr0" })), "volume-read-only");
  t.is(await codeOf(console.call("saveFirewallText", { volume: "sdz9" })), "volume-missing");
  const { file, bytes } = await console.call("saveFirewallText", { volume: "sdb1" });
  t.regex(file, /^outrider-firewall-\d{8}T\d{4}\.txt$/);
  const content = Buffer.from(system.tools.files.sdb1?.[file] ?? "", "base64");
  t.is(content.length, bytes);
  t.regex(content.toString(), /^Firewall rules for the Outrider appliance outrider\r\n/);
  const { text } = await agent.call("firewallText", {});
  t.is(content.toString(), text.replaceAll("\n", "\r\n"), "the support bundle has the same");
});

test("the keyboard's layout is that of the settings, from the start and after each change", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  t.is(appliance.system.tools.keyboard, "us");
  const { settings } = await appliance.console.call("status", {});
  const trial = await appliance.console.call("try", {
    settings: { ...settings, console: { ...settings.console, keyboard: "de" } },
  });
  t.is(appliance.system.tools.keyboard, "de");
  await appliance.console.call("revert", { id: trial.id });
  t.is(appliance.system.tools.keyboard, "us");
});
