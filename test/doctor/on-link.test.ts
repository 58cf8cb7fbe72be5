import { spawnSync } from "node:child_process";
import test from "ava";
import { canMakeNetworks, openLink } from "./namespaces.ts";

const isThere = (program: string) => spawnSync(program, ["-V"]).error === undefined;
const networkTest = canMakeNetworks ? test : test.skip;
const arpTest = isThere("arping") ? networkTest : test.skip;
const neighbourTest = isThere("ndisc6") ? networkTest : test.skip;

/** As the doctor's sandbox has it: another user, with raw packets alone. */
const sandboxed =
  "setpriv --reuid 4711 --clear-groups --inh-caps=-all,+net_raw --ambient-caps=-all,+net_raw";
const asDoctor = [...sandboxed.split(" "), "--bounding-set=-all,+net_raw", "--no-new-privs"];

arpTest(
  "a gateway of IPv4 is asked for on a card that has no address (skipped without arping)",
  async (t) => {
    const link = await openLink(t);
    await link.on("own", "sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=1");
    await link.on("other", "ip", "address", "add", "192.0.2.1/24", "dev", "eth0");
    const asked = (address: string) =>
      link.askAs(asDoctor, "on-link.ts", "isOnLink", "eth0", address, "signal");
    t.is(await asked("192.0.2.1"), true);
    t.is(await asked("192.0.2.9"), false);
    t.is(await link.on("other", "ip", "-4", "neighbour", "show", "dev", "eth0"), "");
    t.is(await link.ask("on-link.ts", "isOnLink", "eth9", "192.0.2.1", "signal"), null);
  },
);

neighbourTest(
  "a gateway of IPv6 is asked for from the link-local address, without a route to it (skipped without ndisc6)",
  async (t) => {
    const link = await openLink(t);
    await link.on("other", "ip", "address", "add", "2001:db8::1/64", "dev", "eth0", "nodad");
    await link.on("own", "timeout", "20", "sh", "-c", untilUsable);
    const asked = (address: string) =>
      link.askAs(asDoctor, "on-link.ts", "isOnLink", "eth0", address, "signal");
    t.is(await asked("2001:db8::1"), true);
    t.is(await asked("2001:db8::9"), false);
    await link.on("own", "sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=1");
    t.is(await asked("2001:db8::1"), null, "there is no link-local address to ask from");
  },
);

const untilUsable =
  "until ip -6 address show dev eth0 scope link -tentative | grep --quiet fe80; do sleep 0.1; done";
