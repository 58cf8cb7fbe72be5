import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { silentLog } from "../../src/base/log.ts";
import { readCollected } from "../../src/configd/machine/zero-touch-documents.ts";
import { collectZeroTouch } from "../../src/configd/zero-touch/collect.ts";
import { collectGuestInfo } from "../../src/configd/zero-touch/guest-info.ts";
import type { CollectorPlaces } from "../../src/configd/zero-touch/places.ts";
import { defaultSettings } from "../../src/settings/model/schema.ts";
import { readZeroTouch } from "../../src/settings/zero-touch/read.ts";

interface Machine {
  places: CollectorPlaces;
  folder: string;
  root: string;
  put(path: string, text: string | Uint8Array): Promise<void>;
}

async function machine(t: ExecutionContext): Promise<Machine> {
  const root = await mkdtemp(join(tmpdir(), "outrider-collect-"));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const places = {
    credentials: join(root, "credentials"),
    firmwareConfiguration: join(root, "fw_cfg"),
    dmi: join(root, "dmi"),
    blockDevices: join(root, "block"),
    mounted: join(root, "volumes"),
  };
  const put = async (path: string, text: string | Uint8Array) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  return { places, folder: join(root, "collected"), root, put };
}

test("credentials of the machine and fw_cfg become values, and whole texts by their names", async (t) => {
  const { places, folder, put } = await machine(t);
  await put("credentials/outrider.hostname", "scanner-1\n");
  await put("credentials/outrider.lan_vlan", "7");
  await put("credentials/outrider.selftest", "poweroff");
  await put("credentials/network.dns", "192.0.2.9");
  await put("credentials/outrider.user-data", "lan_mtu=1400\n");
  await put("fw_cfg/opt/outrider/hostname/raw", "scanner-2");
  await put("fw_cfg/opt/outrider/settings/raw", "time: {servers: [time.outrider.test]}\n");
  await collectZeroTouch(folder, places, silentLog);
  const documents = await readCollected(folder);
  t.deepEqual(
    documents.map(({ format, source }) => [format, source]),
    [
      ["credentials", "machine credentials"],
      ["credentials", "QEMU fw_cfg"],
      ["user-data", "machine credentials"],
      ["settings-yaml", "QEMU fw_cfg"],
    ],
  );
  const { settings, report } = readZeroTouch(documents, defaultSettings, 1);
  t.is(settings.hostname, "scanner-1");
  t.is(settings.network.lan.vlan, 7);
  t.is(settings.network.lan.mtu, 1400);
  t.deepEqual(settings.time.servers, ["time.outrider.test"]);
  t.deepEqual(
    report.problems.map(({ source, field }) => [source, field]),
    [["QEMU fw_cfg", "hostname"]],
  );
  t.is((await stat(folder)).mode & 0o777, 0o700, "there are secrets in it");
  for (const name of await readdir(folder))
    t.is((await stat(join(folder, name))).mode & 0o777, 0o600);
});

test("volumes are read by their labels: NoCloud, ConfigDrive, a disc with the OVF environment, a stick with settings", async (t) => {
  const { places, folder, put } = await machine(t);
  await put("volumes/cidata/user-data", "hostname=scanner-1\n");
  await put("volumes/cidata/meta-data", "local-hostname: other\n");
  await put("volumes/config-2/openstack/latest/meta_data.json", '{"meta": {"lan_vlan": "9"}}');
  await put(
    "volumes/OVF ENV/ovf-env.xml",
    '<Environment><PropertySection><Property key="ntp_servers" value="time.outrider.test"/></PropertySection></Environment>',
  );
  await put("volumes/STICK/outrider.yaml", "scan: {timeZone: Europe/Berlin}\n");
  await put("volumes/STICK/user-data", "hostname=not-of-a-cidata-volume\n");
  await collectZeroTouch(folder, places, silentLog);
  const { settings } = readZeroTouch(await readCollected(folder), defaultSettings, 1);
  t.is(settings.hostname, "scanner-1");
  t.is(settings.network.lan.vlan, 9);
  t.deepEqual(settings.time.servers, ["time.outrider.test"]);
  t.is(settings.scan.timeZone, "Europe/Berlin");
});

test("a file that leads out of its volume or is too long is not read, and reported", async (t) => {
  const { places, folder, root, put } = await machine(t);
  await put("secret", "hostname=from-elsewhere\n");
  await mkdir(join(root, "volumes/cidata"), { recursive: true });
  await symlink(join(root, "secret"), join(root, "volumes/cidata/user-data"));
  await put("volumes/cidata/meta-data", "x".repeat(100_000));
  await put("volumes/x/outrider.yaml/folder", "");
  const documents = await collectZeroTouch(folder, places, silentLog);
  t.is(documents.length, 3);
  for (const { text, failure } of documents) {
    t.is(text, "");
    t.regex(failure ?? "", /It could not be read/);
  }
  t.is(
    readZeroTouch(await readCollected(folder), defaultSettings, 1).settings.hostname,
    "outrider",
  );
});

test("VMware's variables are asked for on VMware only, and unpacked", async (t) => {
  const { places, put } = await machine(t);
  const asked: string[] = [];
  const variables: Record<string, string> = {
    "guestinfo.outrider.user-data": Buffer.from("hostname=scanner-1").toString("base64"),
    "guestinfo.outrider.user-data.encoding": "base64",
    "guestinfo.ovfEnv":
      '<Environment><PropertySection><Property key="LAN_IP" value=""/></PropertySection></Environment>',
    "guestinfo.userdata": "x".repeat(100_000),
  };
  const run = async (key: string) => {
    asked.push(key);
    const value = variables[key];
    return value === undefined ? null : Buffer.from(value);
  };
  t.deepEqual(await collectGuestInfo(places, run), []);
  await put("dmi/sys_vendor", "QEMU\n");
  t.deepEqual(await collectGuestInfo(places, run), []);
  t.deepEqual(asked, []);
  await put("dmi/sys_vendor", "VMware, Inc.\n");
  const documents = await collectGuestInfo(places, run);
  const { settings, report } = readZeroTouch(documents, defaultSettings, 1);
  t.is(settings.hostname, "scanner-1");
  t.deepEqual(report.notes, ["LAN_IP is blank: the address of LAN comes by DHCP."]);
  t.like(report.problems[0], {
    place: "guestinfo.userdata",
    message: "It is longer than 65536 characters.",
  });
});

test("a new collection replaces the one before", async (t) => {
  const { places, folder, put, root } = await machine(t);
  await put("credentials/outrider.hostname", "scanner-1");
  await collectZeroTouch(folder, places, silentLog);
  await rm(join(root, "credentials"), { recursive: true });
  await collectZeroTouch(folder, places, silentLog);
  t.deepEqual(await readCollected(folder), []);
});

test("an interrupted collector does not count as an empty answer", async (t) => {
  const { places, folder, put } = await machine(t);
  await t.throwsAsync(readCollected(folder), { message: /not wholly read/ });
  await put("credentials/outrider.hostname", "scanner-1");
  await collectZeroTouch(folder, places, silentLog);
  t.is((await readCollected(folder)).length, 1);
  await rm(join(folder, "complete"));
  await t.throwsAsync(readCollected(folder), { message: /not wholly read/ });
});

test("texts as Windows writes them are read, and those that are not UTF-8 are reported", async (t) => {
  const { places, folder, put } = await machine(t);
  const wide = (text: string) => Buffer.from(`\ufeff${text}`, "utf16le");
  await put("volumes/A/outrider.txt", wide("lan_vlan=7\r\n"));
  await put("volumes/B/outrider.yaml", wide("hostname: scanner-1\r\n"));
  await put(
    "volumes/C/ovf-env.xml",
    Buffer.from(
      '<?xml version="1.0" encoding="ISO-8859-1"?><Environment><PropertySection><Property key="proxy_password" value="gr\xfcn"/><Property key="proxy_url" value="http://proxy.example.org:80"/></PropertySection></Environment>',
      "latin1",
    ),
  );
  await put("volumes/cidata/user-data", wide("#cloud-config\noutrider: {lan_mtu: 1400}\n"));
  await put("volumes/cidata/meta-data", Buffer.from("local-hostname: gr\xfcn\n", "latin1"));
  await put(
    "volumes/D/outrider.txt",
    Buffer.from("# by Notepad\nproxy_user=CORP\\j\xf6rg\n", "latin1"),
  );
  await collectZeroTouch(folder, places, silentLog);
  const { settings, secrets, report } = readZeroTouch(
    await readCollected(folder),
    defaultSettings,
    1,
  );
  t.is(settings.hostname, "scanner-1");
  t.is(settings.network.lan.vlan, 7);
  t.is(settings.network.lan.mtu, 1400);
  t.is(secrets["proxy-password"], "grün");
  t.deepEqual(
    report.problems.map(({ place, message }) => [place, message]),
    [
      ["volume D: outrider.txt", "Line 2 is not UTF-8 text."],
      ["volume cidata: meta-data", "Line 1 is not UTF-8 text."],
    ],
  );
  for (const { example } of report.problems) t.regex(example, /^Save it as UTF-8/);
});

test("VMware's variables are decoded as bytes", async (t) => {
  const { places, put } = await machine(t);
  await put("dmi/sys_vendor", "VMware, Inc.\n");
  const one = (value: Uint8Array) =>
    collectGuestInfo(places, async (key) => (key === "guestinfo.userdata" ? value : null));
  t.like((await one(Buffer.from("\ufeffhostname=a", "utf16le")))[0], { text: "hostname=a" });
  const [damaged] = await one(Buffer.from("hostname=a\nproxy_password=gr\xfcn", "latin1"));
  t.like(damaged, { text: "", failure: "Line 2 is not UTF-8 text." });
});

test("the network that a hypervisor describes is collected: NoCloud, ConfigDrive, guestinfo.metadata", async (t) => {
  const { places, folder, put } = await machine(t);
  const netplan =
    "version: 2\nethernets: {a: {addresses: [192.0.2.10/24], gateway4: 192.0.2.1, nameservers: {addresses: [192.0.2.53]}}}\n";
  await put("volumes/cidata/network-config", netplan);
  await put("volumes/cidata/vendor-data", "");
  await put("volumes/config-2/openstack/latest/network_data.json", '{"links": [], "networks": []}');
  await collectZeroTouch(folder, places, silentLog);
  const documents = await readCollected(folder);
  t.deepEqual(
    documents.map(({ format }) => format),
    ["network-config", "network-data"],
  );
  t.like(readZeroTouch(documents, defaultSettings, 1).settings.network.lan.ipv4, {
    address: "192.0.2.10/24",
  });
  await put("dmi/sys_vendor", "VMware, Inc.\n");
  const guest = await collectGuestInfo(places, async (key) =>
    key === "guestinfo.metadata" ? Buffer.from(`network: {${"config: disabled"}}\n`) : null,
  );
  t.like(guest, [{ format: "meta-data", place: "guestinfo.metadata" }]);
});

test("files of nearly the right name, and on a volume of another label, are named", async (t) => {
  const { places, folder, put } = await machine(t);
  await put("volumes/A/outrider.yml", "hostname: a");
  await put("volumes/B/outrider.txt.txt", "hostname=a");
  await put("volumes/C/Outrider.yaml.txt", "hostname: a");
  await put("volumes/D/outrider.yaml", "hostname: scanner-1");
  await put("volumes/D/outrider.yml", "hostname: b");
  await put("volumes/E/ovf_env.xml", "<Environment/>");
  await put("volumes/SEED/user-data", "hostname=a");
  await put("volumes/cidata/user-data.txt", "hostname=a");
  await put("volumes/cidata/meta_data", "x");
  await put("volumes/cidata/vendor-data", "#cloud-config\n");
  await put("volumes/config-2/openstack/latest/user-data", "hostname=a");
  await put("volumes/config-2/notes.txt", "hostname=a");
  await collectZeroTouch(folder, places, silentLog);
  const { settings, report } = readZeroTouch(await readCollected(folder), defaultSettings, 1);
  t.is(settings.hostname, "scanner-1");
  t.deepEqual(
    report.problems.map(({ place, message, example }) => `${place}: ${message} ${example}`),
    [
      ...[
        ["A: outrider.yml", "outrider.yaml"],
        ["B: outrider.txt.txt", "outrider.txt"],
        ["C: Outrider.yaml.txt", "outrider.yaml"],
        ["E: ovf_env.xml", "ovf-env.xml"],
      ].map(
        ([place, wanted]) =>
          `volume ${place}: It has nearly the name of a file that is read, ${wanted}. Rename it to ${wanted}.`,
      ),
      "volume SEED: user-data: It is read on a volume with the label cidata only. Make the volume again with the label cidata.",
      "volume cidata: meta_data: It has nearly the name of a file that is read, meta-data. Rename it to meta-data.",
      "volume cidata: user-data.txt: It has nearly the name of a file that is read, user-data. Rename it to user-data.",
      "volume cidata: vendor-data: It is not read here. Give its values in user-data.",
      "volume config-2: openstack/latest/user-data: It has nearly the name of a file that is read, user_data. Rename it to user_data.",
    ],
  );
});
