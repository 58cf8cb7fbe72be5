import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { execa } from "execa";

const bootstrap = new URL("../../image/start/bootstrap.sh", import.meta.url).pathname;

/** A clone with stand-ins for the machine's programs, which write down how they were called. */
async function machine(
  t: ExecutionContext,
  programs: Record<string, string>,
  installed: readonly string[],
) {
  const folder = await mkdtemp(join(tmpdir(), "outrider-bootstrap-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const calls = join(folder, "calls");
  await writeFile(calls, "");
  const put = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
    await chmod(join(folder, path), 0o755);
  };
  const note = `echo "$(basename "$0") $*" >>${calls}\n`;
  await put("clone/image/start/bootstrap.sh", await readFile(bootstrap, "utf8"));
  await put(
    "clone/package-lock.json",
    JSON.stringify({
      packages: {
        "": {},
        "node_modules/a": { version: "1.0.0" },
        "node_modules/b": { version: "2.0.0", optional: true },
      },
    }),
  );
  await put(
    "clone/node_modules/.package-lock.json",
    JSON.stringify({ packages: { "node_modules/a": { version: "1.0.0" } } }),
  );
  await put("clone/node_modules/.bin/node", `#!/bin/sh\n${note}`);
  await put(
    "bin/dpkg-query",
    `#!/bin/sh\ncase " ${installed.join(" ")} " in *" $4 "*) printf installed;; *) exit 1;; esac\n`,
  );
  await put("bin/npm", `#!/bin/sh\n${note}`);
  for (const [name, text] of Object.entries(programs))
    await put(`bin/${name}`, `#!/bin/sh\n${note}${text}\n`);
  await symlink(process.execPath, join(folder, "bin/node"));
  for (const tool of ["sh", "dirname", "basename", "mktemp", "rm", "tail", "env"])
    await symlink(`/usr/bin/${tool}`, join(folder, "bin", tool));
  return {
    clone: join(folder, "clone"),
    run: async (...args: string[]) => {
      const result = await execa(
        "/bin/sh",
        [join(folder, "clone/image/start/bootstrap.sh"), ...args],
        {
          env: { PATH: join(folder, "bin"), HOME: folder },
          extendEnv: false,
          stdin: "ignore",
          reject: false,
        },
      );
      return {
        exitCode: result.exitCode,
        said: result.stderr,
        calls: (await readFile(calls, "utf8")).split("\n").filter((line) => line !== ""),
      };
    },
  };
}

const startPackages = ["mmdebstrap", "debian-archive-keyring", "systemd-container", "iproute2"];
const root = { id: "echo 0" };
const calledNode = "node image/start/main.ts start";

test("with everything there it is silent and hands over at once", async (t) => {
  const { run } = await machine(t, root, startPackages);
  const { exitCode, said, calls } = await run("start");
  t.is(exitCode, 0);
  t.is(said, "");
  t.deepEqual(calls, ["id -u", calledNode]);
});

test("missing packages are named and installed, without a look at the mirror's lists first", async (t) => {
  const { run } = await machine(t, { ...root, "apt-get": "" }, [
    "mmdebstrap",
    "debian-archive-keyring",
    "iproute2",
  ]);
  const { said, calls } = await run("start");
  t.regex(said, /Installing Debian packages: systemd-container/);
  t.deepEqual(calls.slice(1), [
    "apt-get install -y -q --no-install-recommends systemd-container",
    calledNode,
  ]);
});

test("the package lists are updated when installing failed", async (t) => {
  const { run } = await machine(
    t,
    { ...root, "apt-get": '[ "$1" = update ] && touch "$HOME/updated"; [ -e "$HOME/updated" ]' },
    [],
  );
  const { calls } = await run("start");
  t.deepEqual(
    calls.filter((call) => call.startsWith("apt-get")).map((call) => call.split(" ")[1]),
    ["install", "update", "install"],
  );
  t.is(calls.at(-1), calledNode);
});

test("a user without sudo sees the missing packages, and the script goes on without them", async (t) => {
  const { run } = await machine(t, { id: "echo 1000" }, []);
  const { exitCode, said, calls } = await run("start");
  t.is(exitCode, 0);
  t.regex(said, /Not installed: mmdebstrap/);
  t.is(calls.at(-1), calledNode);
});

test("a user with sudo gets packages and lab through it, with the cache in the own home", async (t) => {
  const { run } = await machine(
    t,
    { id: "echo 1000", "apt-get": "", sudo: 'shift; [ "$1" = true ] || "$@"' },
    [],
  );
  const { said, calls } = await run("start");
  t.regex(said, /sudo is needed/);
  t.true(
    calls.some((call) =>
      call.startsWith("sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install"),
    ),
  );
  t.regex(
    calls.find((call) => call.includes("image/start/main.ts")) ?? "",
    /^sudo -n env HOME=\/tmp\/outrider-bootstrap-/,
  );
  t.is(calls.at(-1), calledNode);
});

test("on a machine without apt-get the script lists the missing packages", async (t) => {
  const { run } = await machine(t, root, []);
  const { exitCode, said } = await run("start");
  t.is(exitCode, 0);
  t.regex(said, /no apt-get/);
});

test("npm packages are installed when one is not that of the lock file", async (t) => {
  const { run, clone } = await machine(t, root, startPackages);
  await writeFile(
    join(clone, "node_modules/.package-lock.json"),
    JSON.stringify({ packages: { "node_modules/a": { version: "0.9.0" } } }),
  );
  const { said, calls } = await run("start");
  t.regex(said, /Installing the npm packages/);
  t.deepEqual(calls.slice(1), ["npm ci --loglevel=error --no-fund --no-audit", calledNode]);
});

test("a simulated run asks for no Debian packages", async (t) => {
  const { run } = await machine(t, { id: "echo 1000" }, []);
  const { said } = await run("start", "--simulated");
  t.is(said, "");
});

test("for the image, Packer is installed where Debian has a package of it", async (t) => {
  const installed = ["mmdebstrap", "debian-archive-keyring", "qemu-utils"];
  const { run } = await machine(
    t,
    { ...root, "apt-get": "", "apt-cache": '[ "$2" = packer ]' },
    installed,
  );
  const { calls } = await run("ova");
  t.true(calls.includes("apt-get install -y -q --no-install-recommends qemu-system-x86 packer"));
  t.is(calls.at(-1), "node image/start/main.ts ova");
});

test("the benchmark of the start has a program of its own", async (t) => {
  const installed = ["mmdebstrap", "debian-archive-keyring", "qemu-system-x86", "qemu-utils"];
  const { run } = await machine(t, root, installed);
  const { calls } = await run("bench-boot", "--rounds=1");
  t.is(calls.at(-1), "node test/bench/boot-main.ts bench-boot --rounds=1");
});

test("for the image, where Debian has no package of Packer, the lists are updated once and the rest is installed", async (t) => {
  const { run } = await machine(t, { ...root, "apt-get": "", "apt-cache": "false" }, [
    "mmdebstrap",
    "debian-archive-keyring",
    "qemu-utils",
  ]);
  const { calls } = await run("ova");
  t.deepEqual(
    calls.filter((call) => call.startsWith("apt-get")),
    ["apt-get update -q", "apt-get install -y -q --no-install-recommends qemu-system-x86"],
  );
});
