import { randomUUID } from "node:crypto";
import test, { type ExecutionContext } from "ava";
import { execa } from "execa";
import { OutriderError } from "../../src/base/messages/error.ts";
import { connectToAny } from "../../src/transport/stages/connect.ts";
import type { SilentHop } from "../../src/transport/stages/silent-hop.ts";

/** Network namespaces need root; without it these are skipped by name. */
const rootTest = process.getuid?.() === 0 ? test : test.skip;

const ip = (...args: string[]) => execa("ip", args);

/** A host and a router on one link, in namespaces that end with the test. */
async function hostAndRouter(t: ExecutionContext): Promise<{ host: string; router: string }> {
  const id = randomUUID().slice(0, 8);
  const [host, router] = [`or-host-${id}`, `or-router-${id}`];
  for (const name of [host, router]) {
    await ip("netns", "add", name);
    t.teardown(async () => void (await ip("netns", "del", name)));
    await ip("-n", name, "link", "set", "lo", "up");
  }
  await ip("-n", host, "link", "add", "eth0", "type", "veth", "peer", "eth0", "netns", router);
  const addresses = { [host]: ["192.0.2.10/24", "2001:db8::10/64"], [router]: ["192.0.2.1/24"] };
  for (const [name, own] of Object.entries(addresses)) {
    await ip("-n", name, "link", "set", "eth0", "up");
    for (const address of own)
      await ip("-n", name, "address", "add", address, "dev", "eth0", "nodad");
  }
  return { host, router };
}

/** Connects in the namespace, as the agent does, and says how it failed. */
async function connectIn(namespace: string, address: string): Promise<string> {
  const connect = new URL("../../src/transport/stages/connect.ts", import.meta.url).href;
  const program = `
    const { connectToAny } = await import(${JSON.stringify(connect)});
    await connectToAny([${JSON.stringify(address)}], 443, new AbortController().signal).then(
      () => console.log("connected"),
      ({ code, detail }) => console.log(code, "|", detail),
    );`;
  const args = ["netns", "exec", namespace, process.execPath, "--input-type=module", "-e", program];
  return (await execa("ip", args)).stdout;
}

rootTest(
  "the kernel's word tells a silent neighbour, a silent gateway, and a router's answer apart",
  async (t) => {
    const { host, router } = await hostAndRouter(t);
    await ip("-n", host, "route", "add", "198.51.100.0/24", "via", "192.0.2.1");
    await ip("-n", host, "route", "add", "203.0.113.0/24", "via", "192.0.2.254");
    await ip("-n", host, "-6", "route", "add", "2001:db8:1::/64", "via", "2001:db8::fe");
    await ip("netns", "exec", router, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
    await ip("-n", router, "route", "add", "prohibit", "198.51.100.10");
    await ip("-n", router, "route", "add", "unreachable", "198.51.100.20");

    const [neighbour, gateway, neighbour6, gateway6, prohibited, unreachable] = await Promise.all(
      [
        "192.0.2.77",
        "203.0.113.5",
        "2001:db8::77",
        "2001:db8:1::5",
        "198.51.100.10",
        "198.51.100.20",
      ].map((address) => connectIn(host, address)),
    );
    t.regex(neighbour ?? "", /^neighbour-silent .*192\.0\.2\.77 does not answer on eth0 itself/);
    t.regex(gateway ?? "", /^gateway-silent .*192\.0\.2\.254 does not answer on eth0 itself/);
    t.regex(neighbour6 ?? "", /^neighbour-silent .*2001:db8::77 does not answer on eth0/);
    t.regex(gateway6 ?? "", /^gateway-silent .*2001:db8::fe does not answer on eth0/);
    t.regex(prohibited ?? "", /^connect-unreachable /);
    t.regex(unreachable ?? "", /^connect-unreachable /);
  },
);

test("where the kernel tells nothing, a refusal stays a refusal", async (t) => {
  const asked: string[] = [];
  const find = async (address: string): Promise<SilentHop | null> => {
    asked.push(address);
    return null;
  };
  const error = await t.throwsAsync(
    connectToAny(["127.0.0.4"], 1, new AbortController().signal, find),
    { instanceOf: OutriderError },
  );
  t.is(error?.code, "connect-refused");
  t.deepEqual(asked, [], "it is asked about EHOSTUNREACH only");
});
