import { createServer, type Server } from "node:net";
import test, { type ExecutionContext } from "ava";
import { OutriderError } from "../../src/base/messages/error.ts";
import { connectedFact, connectToAny } from "../../src/transport/stages/connect.ts";
import { inOwnNetwork } from "../testkit/own-network.ts";
import { portOf } from "../testkit/proxies/origin.ts";

async function listenOn(t: ExecutionContext, address: string, port = 0): Promise<number> {
  const server: Server = createServer((socket) => socket.on("error", () => undefined));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, resolve);
  });
  t.teardown(() => void server.close());
  return portOf(server.address());
}

const never = new AbortController().signal;

test("an address that refuses is passed over", async (t) => {
  const port = await listenOn(t, "127.0.0.3");
  const connected = await connectToAny(["127.0.0.2", "127.0.0.3"], port, never);
  const { socket, address } = connected;
  t.is(address, "127.0.0.3");
  t.deepEqual(connectedFact(connected, port), {
    code: "connected-past",
    values: { address, port, passed: "127.0.0.2" },
  });
  socket.destroy();
});

test("when every address refuses, each is named", async (t) => {
  const port = await listenOn(t, "127.0.0.3");
  const error = await t.throwsAsync(connectToAny(["127.0.0.4", "127.0.0.5"], port, never), {
    instanceOf: OutriderError,
  });
  t.is(error?.code, "connect-refused");
  t.regex(error?.detail ?? "", /127\.0\.0\.4.*127\.0\.0\.5/);
});

test("without an address there is no connection, and after an abort neither", async (t) => {
  t.is(
    (await t.throwsAsync(connectToAny([], 443, never), { instanceOf: OutriderError }))?.code,
    "connect-silent",
  );
  const port = await listenOn(t, "127.0.0.1");
  const stop = new AbortController();
  const connecting = connectToAny(["127.0.0.1"], port, stop.signal);
  const reason = new Error("enough");
  stop.abort(reason);
  t.is(await t.throwsAsync(connecting), reason);
});

const codeIn = (commands: readonly string[], address: string) =>
  inOwnNetwork(
    commands,
    `import { connectToAny } from "./src/transport/stages/connect.ts";
const { code } = await connectToAny(["${address}"], 443, AbortSignal.timeout(5000)).catch((error) => error);
console.log(code);`,
  );

test("without a route of its own the appliance says so", async (t) => {
  const prohibited = "ip route add prohibit 198.51.100.0/24";
  const prohibited6 = "ip -6 route add prohibit 2001:db8::/32";
  t.is(await codeIn([], "198.51.100.1"), "no-route");
  t.is(await codeIn([], "2001:db8::1"), "no-route");
  t.is(await codeIn([prohibited], "198.51.100.1"), "no-route");
  t.is(await codeIn([prohibited6], "2001:db8::1"), "no-route");
});

// RFC 792, RFC 4443 section 3.1
const answers = [
  ["icmp net-unreachable", "127.0.0.9"],
  ["icmp host-unreachable", "127.0.0.9"],
  ["icmp admin-prohibited", "127.0.0.9"],
  ["icmpv6 no-route", "::1"],
  ["icmpv6 addr-unreachable", "::1"],
  ["icmpv6 admin-prohibited", "::1"],
] as const;
for (const [answer, address] of answers)
  test(`where a router or firewall on the way answers with ${answer}, it is not this appliance's routes`, async (t) => {
    // On the way in, as on a router: of what a sender's own firewall stops, Linux says EPERM.
    const rule = `tcp dport 443 reject with ${answer}`;
    const hook = "type filter hook input priority 0";
    const table = `table inet way { chain in { ${hook}; ${rule}; }; }`;
    t.is(await codeIn([`/usr/sbin/nft '${table}'`], address), "connect-unreachable");
  });
