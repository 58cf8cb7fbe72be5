import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { silentLog } from "../../src/base/log.ts";
import { systemRandom } from "../../src/base/random.ts";
import { ContentRepository } from "../../src/platform/content/repository.ts";
import { FakeClock } from "../testkit/clock.ts";
import { enrolAt } from "../testkit/platform/enrol.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

let platform: TestPlatform;
test.before(async () => {
  platform = await startPlatform();
});
test.after.always(async () => {
  await platform?.remove();
});

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const pack = (version: string, name = "core") => ({ kind: "signatures" as const, name, version });

async function enrol() {
  return enrolAt(platform);
}

test.serial(
  "what is published reaches the appliances: announced, listed in signed metadata, given in pieces",
  async (t) => {
    const appliance = await enrol();
    const before = (await appliance.beat()).versions.updates;
    const file = randomBytes(300_000);
    const { content } = await platform.api.publish(
      { ...pack("2026.11.22"), summary: "First" },
      file,
    );
    t.like(content[0], {
      kind: "signatures",
      name: "core",
      version: "2026.11.22",
      summary: "First",
      length: 300_000,
      sha256: sha256(file),
      newest: true,
    });
    t.is((await appliance.beat()).versions.updates, before + 1);
    t.like((await appliance.call("updates", "GET", "/announcements")).body, {
      version: before + 1,
      announcements: [{ name: "core", version: "2026.11.22" }],
    });

    const timestamp = await appliance.call("updates", "GET", "/metadata/timestamp.json");
    t.true(timestamp.verification.ok, "the reply is signed besides what is signed in it");
    t.like(timestamp.body, { signed: { _type: "timestamp" } });
    const piece = await appliance.call(
      "updates",
      "GET",
      `/targets/${sha256(file)}?from=299990&length=100`,
    );
    t.true(piece.verification.ok);
    t.is(piece.body, file.subarray(299_990).toString("utf8"));
    for (const path of [
      "/metadata/9.targets.json",
      "/metadata/..%2f..%2foperator-token",
      "/targets/00?from=0&length=1",
      `/targets/${sha256(file)}?from=300000&length=1`,
    ]) {
      const refused = await appliance.call("updates", "GET", path);
      t.like(refused, { status: 404, body: { error: { code: "not-found" } } }, path);
    }
    t.is(
      (
        await appliance.call(
          "updates",
          "GET",
          `/targets/${sha256(file)}?from=0&length=${5 * 2 ** 20}`,
        )
      ).status,
      422,
    );
  },
);

test.serial("a version never changes once it is published, and can be taken back", async (t) => {
  await platform.api.publish(pack("1", "fixed"), Buffer.from("one"));
  t.like(await platform.api.upload(pack("1", "fixed"), Buffer.from("other")), {
    status: 409,
    body: { error: { code: "content-exists" } },
  });
  const { content } = await platform.api.withdraw(pack("1", "fixed"));
  t.false(content.some(({ name }) => name === "fixed"));
  t.false(
    (await readdir(join(platform.dataFolder, "content/targets/signatures"))).some((file) =>
      file.endsWith("fixed-1"),
    ),
  );
  t.is((await platform.api.request("DELETE", "/content/signatures/fixed/1")).status, 404);
});

test.serial("of one name the newest and the one before it stay", async (t) => {
  for (const version of ["1", "2", "3"])
    await platform.api.publish(pack(version, "many"), Buffer.from(version));
  const { content } = await platform.api.content();
  t.deepEqual(
    content.filter(({ name }) => name === "many").map(({ version, newest }) => [version, newest]),
    [
      ["3", true],
      ["2", false],
    ],
  );
});

test.serial(
  "names that would leave their folder, empty files and other types of content are refused",
  async (t) => {
    for (const wrong of [
      { name: "../x" },
      { name: ".x" },
      { version: "a/b" },
      { version: "" },
      { kind: "other" },
    ])
      t.is(
        (await platform.api.upload({ ...pack("1", "x"), ...(wrong as object) }, Buffer.from("x")))
          .status,
        422,
        JSON.stringify(wrong),
      );
    t.is((await platform.api.upload(pack("1", "empty"), Buffer.alloc(0))).status, 422);
    t.is(
      (await platform.api.request("POST", "/content?kind=signatures&name=x&version=1", { a: 1 }))
        .status,
      422,
    );
    t.deepEqual(await readdir(join(platform.dataFolder, "content/uploads")), []);
  },
);

test.serial("published files and their signatures are the same after kill -9", async (t) => {
  await platform.api.publish(pack("7", "kept"), Buffer.from("kept"));
  const before = await platform.api.content();
  await platform.kill9();
  await platform.restart();
  t.deepEqual(await platform.api.content(), before);
});

test.serial(
  "every key can be replaced; the root that enrolment gives is then the newest",
  async (t) => {
    const before = await platform.api.content();
    for (const role of ["timestamp", "snapshot", "targets", "root"])
      await platform.api.replaceKey(role);
    const after = await platform.api.content();
    for (const { role, keyId } of before.keys)
      t.not(after.keys.find((each) => each.role === role)?.keyId, keyId, role);
    t.deepEqual(
      after.content.map(({ name, version }) => `${name} ${version}`),
      before.content.map(({ name, version }) => `${name} ${version}`),
    );
    const { enrolment } = await enrol();
    t.like(JSON.parse(enrolment.contentRoot ?? "null"), { signed: { _type: "root", version: 5 } });
    t.is(
      (await readdir(join(platform.dataFolder, "content/keys"))).length,
      4,
      "replaced keys are gone",
    );
  },
);

test.serial(
  "the journal has every act and its actor, also failed acts, and survives kill -9",
  async (t) => {
    const before = (await platform.api.journal()).length;
    const file = Buffer.from("journal");
    await platform.api.publish(pack("1", "told"), file);
    t.is((await platform.api.upload(pack("1", "told"), file)).status, 409);
    const old =
      (await platform.api.content()).keys.find(({ role }) => role === "timestamp")?.keyId ?? "";
    const keyId = (await platform.api.replaceKey("timestamp")).keys.find(
      ({ role }) => role === "timestamp",
    )?.keyId;
    // The same once more, as from a page that stood open.
    t.like(await platform.api.request("POST", `/content/keys/timestamp?key=${old}`), {
      status: 409,
      body: { error: { code: "content-key-changed" } },
    });
    await platform.api.withdraw(pack("1", "told"));
    const told = (await platform.api.journal()).slice(0, -before || undefined);
    t.deepEqual(
      told.map(({ what, subject, by, from, outcome }) => [what, subject, by, from, outcome]),
      [
        ["content-withdrawn", "signatures told 1", "API", "127.0.0.1", "done"],
        ["content-key-replaced", "timestamp", "API", "127.0.0.1", "content-key-changed"],
        ["content-key-replaced", "timestamp", "API", "127.0.0.1", "done"],
        ["content-published", "signatures told 1", "API", "127.0.0.1", "content-exists"],
        ["content-published", "signatures told 1", "API", "127.0.0.1", "done"],
      ],
    );
    t.regex(told[2]?.detail ?? "", new RegExp(`^${old} -> ${keyId}, root version \\d+$`));
    t.is(told[4]?.detail, `SHA-256 ${sha256(file)}`);
    await platform.kill9();
    await platform.restart();
    t.deepEqual((await platform.api.journal()).slice(0, -before || undefined), told);
  },
);

test.serial(
  "with the keys for roots and targets in a safe place the platform still renews timestamps, and says what it cannot sign",
  async (t) => {
    const keys = join(platform.dataFolder, "content/keys");
    const safe = join(platform.dataFolder, "safe");
    await rm(safe, { recursive: true, force: true });
    await rename(keys, safe);
    t.teardown(async () => {
      await rm(keys, { recursive: true, force: true });
      await rename(safe, keys);
    });
    t.true((await platform.api.content()).keys.every(({ keyHere }) => !keyHere));
    t.like(await platform.api.upload(pack("1", "unsigned"), Buffer.from("x")), {
      status: 409,
      body: { error: { code: "content-keys-missing" } },
    });
    t.is((await platform.api.request("POST", "/content/keys/timestamp")).status, 409);
  },
);

test("with the targets key in a safe place for most of a year, timestamps and snapshots are still renewed", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-content-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const clock = new FakeClock();
  const day = 86_400_000;
  const repository = await ContentRepository.open(folder, clock, silentLog);
  const keys = join(folder, "keys");
  for (const name of await readdir(keys))
    if (/^(root|targets)-/.test(name)) await rm(join(keys, name));
  for (let time = 0; time < 360; time++) {
    await clock.advance(day);
    await repository.renew();
    for (const { role, expiresAt } of await repository.roles())
      t.true(expiresAt > clock.nowMs() + day / 2, `${role} after ${time} days`);
  }
  t.deepEqual(
    (await repository.roles()).map(({ role, missing, renewsAt }) => [
      role,
      missing,
      renewsAt < clock.nowMs(),
    ]),
    [
      ["root", ["root"], false],
      ["targets", ["root"], true],
      ["snapshot", ["root"], false],
      ["timestamp", ["root"], false],
    ],
  );
});

test("signatures are renewed before they expire, also after the platform was off for a year", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-content-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const clock = new FakeClock();
  const day = 86_400_000;
  const open = () => ContentRepository.open(folder, clock, silentLog);
  const repository = await open();
  const read = async () =>
    Object.fromEntries((await repository.roles()).map(({ role, version }) => [role, version]));
  t.deepEqual(await read(), { root: 1, targets: 1, snapshot: 1, timestamp: 1 });
  for (let hour = 0; hour < 40 * 24; hour++) {
    await clock.advance(3_600_000);
    await repository.renew();
    for (const { expiresAt, role } of await repository.roles())
      t.true(expiresAt > clock.nowMs() + 1.4 * day, role);
  }
  const after = await read();
  t.like(after, { root: 1, targets: 1, snapshot: 3 });
  t.is(repository.version, 1, "what is published has not changed, so nobody needs to ask");
  await clock.advance(800 * day);
  const later = await open();
  for (const { expiresAt, role } of await later.roles())
    t.true(expiresAt > clock.nowMs() + 1.4 * day, role);
  const file = await later.files.receive(
    [Buffer.from("x")] as unknown as AsyncIterable<Uint8Array>,
    systemRandom,
  );
  await later.publish({ ...pack("1"), summary: "" }, file);
  t.is(
    JSON.parse(await readFile(join(folder, "metadata/timestamp.json"), "utf8")).signed._type,
    "timestamp",
  );
});
