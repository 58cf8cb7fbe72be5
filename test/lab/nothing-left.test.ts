import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { eventually, labTest } from "../testkit/lab/lab.ts";

/** Starts a lab with a booted appliance and prints its name and PID. */
const starter = new URL("../testkit/lab/starter.ts", import.meta.url).pathname;

async function processes(): Promise<string[]> {
  const { stdout } = await execa("ps", ["-eo", "pid=,args="]);
  return stdout
    .split("\n")
    .filter((line) =>
      /systemd-nspawn|dnsmasq --conf-file=\/run\/lab|outrider-lab-|\/run\/lab\/|platform\/main\.ts --data \/run\/lab/.test(
        line,
      ),
    );
}

async function devices(): Promise<string[]> {
  return (await readdir("/sys/class/net")).sort();
}

async function cgroups(name: string): Promise<string[]> {
  const mounts = await readFile("/proc/self/mounts", "utf8");
  const tree = mounts
    .split("\n")
    .find((line) => line.split(" ")[2] === "cgroup2")
    ?.split(" ")[1];
  return tree === undefined ? [] : (await readdir(tree)).filter((each) => each === name);
}

labTest(
  "a lab whose starter is killed leaves nothing behind: no process, no network device, no mount, no cgroup",
  async (t) => {
    t.timeout(300_000);
    const before = {
      devices: await devices(),
      mounts: await readFile("/proc/self/mounts", "utf8"),
      netns: await readdir("/run/netns").catch(() => []),
    };
    const child = spawn(process.execPath, [starter], { stdio: ["ignore", "pipe", "inherit"] });
    t.teardown(() => child.kill("SIGKILL"));
    let facts: { name: string; pid: number } | null = null;
    for await (const line of createInterface({ input: child.stdout })) {
      facts = JSON.parse(line);
      break;
    }
    if (facts === null) throw new Error("the starter said nothing");
    const { name, pid } = facts;
    const mine = async () =>
      (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")) !== "";
    t.true(await mine());
    const inside = await execa("ps", ["-eo", "pid=,pidns="]);
    const pidNamespaces = new Set([await namespaceOf(pid)]);
    t.true(
      inside.stdout
        .split("\n")
        .some((line) => pidNamespaces.has(line.trim().split(/\s+/)[1] ?? "")),
    );
    t.deepEqual(await cgroups(name), [name]);

    child.kill("SIGKILL");
    await eventually("the lab's first process is gone", async () => !(await mine()));
    await eventually("its cgroup is gone", async () => (await cgroups(name)).length === 0);
    await eventually("its processes are gone", async () => {
      const { stdout } = await execa("ps", ["-eo", "pid=,pidns="]);
      return !stdout
        .split("\n")
        .some((line) => pidNamespaces.has(line.trim().split(/\s+/)[1] ?? ""));
    });
    await eventually(
      "its janitor is gone",
      async () => !(await processes()).some((line) => line.includes(name)),
    );
    t.deepEqual(await devices(), before.devices);
    t.is(await readFile("/proc/self/mounts", "utf8"), before.mounts);
    t.deepEqual(await readdir("/run/netns").catch(() => []), before.netns);
  },
);

async function namespaceOf(pid: number): Promise<string> {
  const { stdout } = await execa("readlink", [`/proc/${pid}/ns/pid`]);
  return /\d+/.exec(stdout)?.[0] ?? "";
}
