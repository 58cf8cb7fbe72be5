import test from "ava";
import { leftOutOf } from "../../src/agent/scan-jobs/left-out.ts";
import { nearbyAddresses } from "../../src/agent/scan-jobs/nearby.ts";

const surroundings = {
  own: () => ["192.0.2.185/24", "203.0.113.7/31", "2001:db8:0:1::50/64"],
  gateways: async () => ["192.0.2.1", "fe80::1"],
  resolve: async (host: string) => {
    const known: Record<string, string[]> = {
      "proxy.example.test": ["192.0.2.20", "2001:db8:0:1::20"],
      "platform.example.test": ["198.51.100.10"],
    };
    const found = known[host];
    if (!found) throw new Error("no such name");
    return found;
  },
};
const services = ["https://platform.example.test/jobs/v1", "https://gone.example.test/results/v1"];
const nearby = await nearbyAddresses("proxy.example.test", services, surroundings);
const leftOut = (targets: readonly string[], exclusions: readonly string[] = []) =>
  leftOutOf({ targets: [...targets], exclusions: [...exclusions] }, nearby).map(
    ({ address, role }) => `${address} ${role}`,
  );

test("a scan of the own network leaves out the appliance, the network's ends, gateway and proxy", (t) => {
  t.deepEqual(leftOut(["192.0.2.0/24"]), [
    "192.0.2.185 own",
    "192.0.2.0 broadcast",
    "192.0.2.255 broadcast",
    "192.0.2.1 gateway",
    "192.0.2.20 proxy",
  ]);
});

test("a gateway, a proxy and the platform are scanned when they are named, the appliance itself is not", (t) => {
  t.deepEqual(leftOut(["192.0.2.1", "192.0.2.20", "198.51.100.10", "192.0.2.185"]), [
    "192.0.2.185 own",
  ]);
  t.deepEqual(leftOut(["192.0.2.0/28", "192.0.2.1"]), ["192.0.2.0 broadcast"]);
  t.deepEqual(leftOut(["192.0.2.255"]), [], "the netmask here may be wrong");
});

test("only what would have been scanned is told, and exclusions are not told twice", (t) => {
  t.deepEqual(leftOut(["192.0.2.10-192.0.2.12"]), []);
  t.deepEqual(leftOut(["198.51.100.0/24"]), ["198.51.100.10 platform"]);
  t.deepEqual(leftOut(["198.51.100.0/24"], ["198.51.100.8/29"]), []);
  t.deepEqual(leftOut(["2001:db8:0:1::/120"]), ["2001:db8:0:1::50 own", "2001:db8:0:1::20 proxy"]);
});

test("both addresses of a network of two are hosts", (t) => {
  t.deepEqual(leftOut(["203.0.113.6/31"]), ["203.0.113.7 own"]);
});

test("without a proxy and with no name that resolves the scan is planned all the same", async (t) => {
  const found = await nearbyAddresses(null, ["https://[2001:db8::1]/jobs"], {
    ...surroundings,
    gateways: async () => [],
    resolve: async () => {
      throw new Error("no DNS");
    },
  });
  t.deepEqual(
    found.map(({ role }) => role),
    ["own", "own", "own", "broadcast", "broadcast"],
  );
});
