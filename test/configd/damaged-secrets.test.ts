import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { credentialText, damaged } from "../../src/base/credential.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { boot } from "../../src/configd/boot.ts";
import { type SecretName, Secrets, secretNames } from "../../src/configd/kept/secrets.ts";
import { applianceOwners } from "../../src/configd/machine/file-owners.ts";
import { ConsoleLock } from "../../src/configd/verbs/console-lock.ts";
import { defaultHttpProxy, defaultSettings } from "../../src/settings/model/schema.ts";
import { codeOf, HandClock, testAppliance } from "../testkit/configd/test-appliance.ts";

/** Secrets whose first line is the machine that sealed them. */
async function setUp(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), "outrider-secrets-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const on = (machine: string) =>
    new Secrets(folder, {
      seal: async (_name, secret) => Buffer.concat([Buffer.from(`${machine}\n`), secret]),
      unseal: async (_name, sealed) => {
        const text = Buffer.from(sealed);
        if (!text.toString().startsWith(`${machine}\n`))
          throw new OutriderError("sealed-elsewhere");
        return text.subarray(machine.length + 1);
      },
    });
  return { folder, secrets: on("this"), elsewhere: on("other") };
}

const codes: Record<SecretName, string> = {
  "proxy-password": "proxy-password-damaged",
  "activation-code": "code-damaged",
  "console-pin": "pin-damaged",
};
const damages = {
  "is empty": (path: string) => writeFile(path, ""),
  "was sealed on another machine": (path: string) => writeFile(path, "other\ns3cret"),
  "was overwritten with zeros": (path: string) => writeFile(path, Buffer.alloc(4096)),
  "opens to nothing": (path: string) => writeFile(path, "this\n"),
};

for (const name of secretNames)
  for (const [what, damage] of Object.entries(damages))
    test(`a ${name} that ${what} is damaged, and not absent`, async (t) => {
      const { folder, secrets } = await setUp(t);
      t.is(await secrets.read(name), null);
      t.is(await secrets.credential(name), null);
      await damage(join(folder, name));
      t.is(await codeOf(secrets.read(name)), codes[name]);
      t.is(await secrets.credential(name), damaged);
      t.true(await secrets.has(name));
      await secrets.write(name, "new");
      t.is(await secrets.read(name), "new");
    });

test("an empty secret is not stored, at once or with settings", async (t) => {
  const { folder, secrets } = await setUp(t);
  await secrets.write("proxy-password", "s3cret");
  await secrets.write("proxy-password", "");
  t.deepEqual(await readdir(folder), []);
  await secrets.write("proxy-password", "s3cret");
  const digest = "a".repeat(64);
  await secrets.stage({ "proxy-password": "" }, digest);
  await secrets.applyStaged(digest);
  t.deepEqual(await readdir(folder), []);
});

test("a staged file that was emptied removes no secret", async (t) => {
  const { folder, secrets } = await setUp(t);
  await secrets.write("console-pin", "s3cret");
  const digest = "a".repeat(64);
  await writeFile(join(folder, `console-pin.${digest}.staged`), "");
  await secrets.applyStaged(digest);
  t.is(await codeOf(secrets.read("console-pin")), "pin-damaged");
});

test("a PIN that was sealed on another machine unlocks nothing, and cannot be replaced or removed", async (t) => {
  const { secrets, elsewhere } = await setUp(t);
  await new ConsoleLock(elsewhere, new HandClock()).change(null, "2468");
  const lock = () => new ConsoleLock(secrets, new HandClock());
  for (const pin of ["", "0000", "2468"])
    t.is(await codeOf(lock().unlock(pin)), "pin-damaged", pin);
  for (const pin of [null, "1357"]) t.is(await codeOf(lock().change(null, pin)), "pin-damaged");
  t.is(await codeOf(lock().change("2468", null)), "pin-damaged");
});

test("a PIN's hash that was cut off fits no PIN", async (t) => {
  const { secrets } = await setUp(t);
  await new ConsoleLock(secrets, new HandClock()).change(null, "2468");
  const hash = (await secrets.read("console-pin")) ?? "";
  for (const length of [1, 6, hash.lastIndexOf("$"), hash.lastIndexOf("$") + 1, hash.length - 4]) {
    await secrets.write("console-pin", hash.slice(0, length));
    for (const pin of ["", "0000", "2468"])
      t.is(
        await codeOf(new ConsoleLock(secrets, new HandClock()).unlock(pin)),
        "pin-damaged",
        `${length}`,
      );
  }
});

test("with damaged secrets configd starts, tells the agent, and takes new ones", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const proxy = { ...defaultHttpProxy, host: "proxy.example.org", user: "anna" };
  const settings = { ...defaultSettings, proxy: { ...proxy, authentication: "basic" as const } };
  const first = await appliance.console.call("try", { settings, proxyPassword: "s3cret" });
  await appliance.console.call("keep", { id: first.id });
  const { paths } = appliance;
  for (const name of ["proxy-password", "activation-code"])
    await writeFile(join(paths.secrets, name), "");
  await appliance.kill();
  await boot({ system: appliance.system, paths, owners: applianceOwners(), log: silentLog });
  await appliance.start();
  const given = (name: string) => readFile(join(paths.credentials, "agent", name), "utf8");
  t.is(await given("proxy-password"), credentialText(damaged));
  t.is(await given("activation-code"), credentialText(damaged));
  const { secrets } = await appliance.console.call("status", {});
  t.like(secrets, { proxyPassword: true, activationCode: true });
  const next = await appliance.console.call("try", { settings, proxyPassword: "new" });
  await appliance.console.call("keep", { id: next.id });
  t.is(await given("proxy-password"), credentialText("new"));
});
