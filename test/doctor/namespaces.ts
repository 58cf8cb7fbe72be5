import type { ExecutionContext } from "ava";
import { execa } from "execa";

/** Root makes network namespaces; others skip these tests by name. */
export const canMakeNetworks = process.getuid?.() === 0;

let made = 0;

/** Two machines on one link, each in a network namespace of its own, gone with the test. */
export interface Link {
  /** Runs a program on one of them. */
  on(machine: "own" | "other", ...command: string[]): Promise<string>;
  /** Loads a module of `src/doctor/ask/` on the own machine and calls one of its functions. */
  ask(file: string, name: string, ...args: unknown[]): Promise<unknown>;
  /** The same, started by that command in front, as by setpriv(1). */
  askAs(
    before: readonly string[],
    file: string,
    name: string,
    ...args: unknown[]
  ): Promise<unknown>;
  /** MAC address of the other machine's device. */
  otherMac(): Promise<string>;
}

export async function openLink(t: ExecutionContext): Promise<Link> {
  made += 1;
  const names = { own: `drown${process.pid}-${made}`, other: `droth${process.pid}-${made}` };
  const on: Link["on"] = async (machine, ...command) => {
    const { stdout } = await execa("ip", ["netns", "exec", names[machine], ...command]);
    return stdout;
  };
  for (const name of Object.values(names)) {
    t.teardown(async () => {
      await execa("ip", ["netns", "delete", name]);
    });
    await execa("ip", ["netns", "add", name]);
  }
  const pair = ["eth0", "netns", names.own, "type", "veth", "peer", "name", "eth0"];
  await execa("ip", ["link", "add", ...pair, "netns", names.other]);
  for (const machine of ["own", "other"] as const) {
    await on(machine, "ip", "link", "set", "lo", "up");
    await on(machine, "ip", "link", "set", "eth0", "up");
  }
  const askAs: Link["askAs"] = async (before, file, name, ...args) => {
    const module = new URL(`../../src/doctor/ask/${file}`, import.meta.url).pathname;
    const program = `const { ${name} } = await import(${JSON.stringify(module)});
        const args = ${JSON.stringify(args)}.map((each) => each === "signal" ? AbortSignal.timeout(20000) : each);
        process.stdout.write(JSON.stringify(await ${name}(...args)));`;
    return JSON.parse(
      await on("own", ...before, process.execPath, "--input-type=module", "--eval", program),
    );
  };
  return {
    on,
    ask: (...asked) => askAs([], ...asked),
    askAs,
    otherMac: async () =>
      (await on("other", "cat", "/sys/class/net/eth0/address")).trim().toLowerCase(),
  };
}
