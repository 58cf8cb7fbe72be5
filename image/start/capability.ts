import { execa } from "execa";

/** The reason why this machine cannot run containers and network namespaces; null when it can. */
export async function whyNoLab(): Promise<string | null> {
  if (process.platform !== "linux" || process.arch !== "x64")
    return "the lab needs Linux on x86-64";
  if (process.getuid?.() !== 0) return "the lab needs root (or sudo without a password)";
  for (const program of ["mmdebstrap", "systemd-nspawn", "ip", "nsenter", "setpriv", "unshare"]) {
    if (!(await succeeds("sh", ["-c", `command -v ${program}`])))
      return `the program ${program} is missing`;
  }
  const probe =
    "mount -t tmpfs tmpfs /mnt && mount -t cgroup2 cgroup2 /mnt && ip link add probe type veth peer name other";
  if (!(await succeeds("unshare", ["--mount", "--net", "--pid", "--fork", "sh", "-c", probe])))
    return "this machine does not allow new namespaces, mounts or network devices";
  return null;
}

async function succeeds(program: string, args: string[]): Promise<boolean> {
  const { exitCode } = await execa(program, args, {
    reject: false,
    stdin: "ignore",
    timeout: 20_000,
  });
  return exitCode === 0;
}
