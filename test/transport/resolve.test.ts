import { createSocket } from "node:dgram";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { OutriderError } from "../../src/base/messages/error.ts";
import { defaultStageLimits } from "../../src/transport/stages/limits.ts";
import { defaultFirstTryMs, systemResolve } from "../../src/transport/stages/resolve.ts";
import { isUnusable } from "../../src/transport/stages/unusable-addresses.ts";
import { inOwnNetwork } from "../testkit/own-network.ts";
import { patientMs } from "../testkit/patience.ts";

/** Answers with no address, by the code in their head (RFC 1035 section 4.1.1). */
const answers = {
  FORMERR: 0x8181,
  SERVFAIL: 0x8182,
  NXDOMAIN: 0x8183,
  NOTIMP: 0x8184,
  REFUSED: 0x8185,
} as const;

type Outcome = "address" | "NODATA" | "silence" | keyof typeof answers;

/** A DNS server that treats the two families of any name differently. */
async function startUneven(t: ExecutionContext, ipv4: Outcome, ipv6: Outcome) {
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    const end = query.indexOf(0, 12) + 5;
    const outcome = query.readUInt16BE(end - 4) === 1 ? ipv4 : ipv6;
    if (outcome === "silence") return;
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    const isAnswer = outcome === "address" || outcome === "NODATA";
    header.writeUInt16BE(isAnswer ? 0x8180 : answers[outcome], 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(outcome === "address" ? 1 : 0, 6);
    const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7];
    const answer = Buffer.from(outcome === "address" ? record : []);
    socket.send(Buffer.concat([header, query.subarray(12, end), answer]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  t.teardown(() => void socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

/**
 * A DNS server on 127.0.0.1 that knows `names`, each with one IPv4 address; with null it never
 * answers.
 */
async function startDns(
  t: ExecutionContext,
  names: Record<string, string> | null,
  otherwise: keyof typeof answers = "NXDOMAIN",
) {
  const asked: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.subarray(at + 1, at + 1 + length).toString("latin1"));
      at += 1 + length;
    }
    const name = labels.join(".").toLowerCase();
    const type = query.readUInt16BE(at + 1);
    asked.push(name);
    if (names === null) return;
    const address = names[name];
    const found = address !== undefined && type === 1;
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(address === undefined ? answers[otherwise] : 0x8180, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(found ? 1 : 0, 6);
    const answer = found
      ? Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split(".").map(Number)])
      : Buffer.alloc(0);
    socket.send(
      Buffer.concat([header, query.subarray(12, at + 5), answer]),
      from.port,
      from.address,
    );
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  t.teardown(() => void socket.close());
  return { server: `127.0.0.1:${socket.address().port}`, asked };
}

async function files(t: ExecutionContext, resolver: string, hosts = "127.0.0.1 localhost\n") {
  const folder = await mkdtemp(join(tmpdir(), "outrider-resolve-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const paths = { hosts: join(folder, "hosts"), resolver: join(folder, "resolv.conf") };
  await writeFile(paths.hosts, hosts);
  await writeFile(paths.resolver, resolver);
  return paths;
}

const never = new AbortController().signal;

test("a name is found at the server, a short one by the search domains", async (t) => {
  const { server, asked } = await startDns(t, { "proxy.example.org": "192.0.2.7" });
  const resolve = systemResolve(
    await files(t, `search lan.example.org example.org\nnameserver ${server}\n`),
    patientMs,
  );
  t.deepEqual(await resolve("proxy.example.org", never), ["192.0.2.7"]);
  t.deepEqual(await resolve("proxy", never), ["192.0.2.7"]);
  t.true(asked.includes("proxy.lan.example.org"));
});

test("a name that does not exist is dns-not-found, with the servers that were asked", async (t) => {
  const { server } = await startDns(t, {});
  const error = await t.throwsAsync(
    systemResolve(await files(t, `nameserver ${server}\n`), patientMs)(
      "platform.example.org",
      never,
    ),
    { instanceOf: OutriderError },
  );
  t.is(error?.code, "dns-not-found");
  t.true(error?.detail?.includes(server));
});

for (const answer of ["SERVFAIL", "REFUSED"] as const) {
  test(`a server that answers ${answer} is not called silent`, async (t) => {
    const { server } = await startDns(t, {}, answer);
    const error = await t.throwsAsync(
      systemResolve(await files(t, `nameserver ${server}\n`), patientMs)(
        "platform.example.org",
        never,
      ),
      { instanceOf: OutriderError },
    );
    t.is(error?.code, "dns-refused");
    t.true(error?.detail?.includes(answer));
  });
}

for (const [answer, usable] of [
  ["0.0.0.0", false],
  ["127.0.0.1", false],
  ["127.0.0.53", false],
  ["0.1.2.3", false],
  ["255.255.255.255", false],
  ["224.0.0.251", false],
  ["192.0.2.7", true],
  ["10.0.0.0", true],
  ["128.0.0.1", true],
] as const) {
  test(`${answer} as an answer of DNS is ${usable ? "an address" : "a filter's"}`, async (t) => {
    const { server } = await startDns(t, { "platform.example.org": answer });
    const paths = await files(t, `nameserver ${server}\n`);
    const asked = systemResolve(paths, patientMs)("platform.example.org", never);
    const seen = await asked.catch((error: unknown) => error);
    if (usable) {
      t.deepEqual(seen, [answer]);
      return;
    }
    t.true(seen instanceof OutriderError);
    t.is(seen instanceof OutriderError && seen.code, "dns-blocked");
    t.is(
      seen instanceof OutriderError && seen.detail,
      `platform.example.org is ${answer}, asked ${server}`,
    );
    const all = systemResolve(paths, patientMs, "all");
    t.deepEqual(await all("platform.example.org", never), [answer]);
  });
}

test("an address of this machine, IPv6 and mapped ones are told from others", (t) => {
  const own = ["192.0.2.10", "2001:db8::10"];
  for (const address of [
    ...own,
    "::",
    "::1",
    "::ffff:0.0.0.0",
    "::ffff:127.0.0.1",
    "ff02::1",
  ].concat(
    // What DNS64 makes of a filter's 0.0.0.0 and 127.0.0.1 (RFC 6052), and other forms of the same.
    ["64:ff9b::", "64:ff9b::7f00:1", "64:ff9b::127.0.0.1", "::ffff:7f00:1", "::ffff:0:0"],
  ))
    t.true(isUnusable(address, own), address);
  for (const address of ["192.0.2.11", "2001:db8::11", "64:ff9b::c000:207", "64:ff9b:1::"].concat(
    "::ffff:192.0.2.9",
  ))
    t.false(isUnusable(address, own), address);
});

test("what the hosts file says is taken as it is", async (t) => {
  const paths = await files(t, "", "127.0.0.1 platform.example.org\n");
  t.deepEqual(await systemResolve(paths)("platform.example.org", never), ["127.0.0.1"]);
});

test("a silent server is dns-silent within the stage's limit, no server is dns-no-server", async (t) => {
  const { server } = await startDns(t, null);
  const silent = await t.throwsAsync(
    systemResolve(await files(t, `nameserver ${server}\n`), 50)("platform.example.org", never),
    { instanceOf: OutriderError },
  );
  t.is(silent?.code, "dns-silent");
  t.true((defaultFirstTryMs + 2 * defaultFirstTryMs) * 1.5 < defaultStageLimits.resolveMs);
  const none = await t.throwsAsync(
    systemResolve(await files(t, "options edns0\n"))("platform.example.org", never),
    { instanceOf: OutriderError },
  );
  t.is(none?.code, "dns-no-server");
});

for (const [ipv4, ipv6, expected] of [
  ["SERVFAIL", "NODATA", "dns-refused"],
  ["NODATA", "SERVFAIL", "dns-refused"],
  ["REFUSED", "NODATA", "dns-refused"],
  ["SERVFAIL", "silence", "dns-refused"],
  ["FORMERR", "FORMERR", "dns-refused"],
  ["NOTIMP", "NOTIMP", "dns-refused"],
  ["NODATA", "silence", "dns-silent"],
  ["NODATA", "NODATA", "dns-not-found"],
  ["NXDOMAIN", "NXDOMAIN", "dns-not-found"],
  ["NXDOMAIN", "SERVFAIL", "dns-not-found"],
  ["address", "SERVFAIL", "192.0.2.7"],
  ["address", "silence", "192.0.2.7"],
] as const) {
  test(`${ipv4} for IPv4 and ${ipv6} for IPv6 is ${expected}`, async (t) => {
    const paths = await files(t, `nameserver ${await startUneven(t, ipv4, ipv6)}\n`);
    const isSilent = ipv6 === "silence";
    const asked = systemResolve(paths, isSilent ? 50 : patientMs)("platform.example.org", never);
    const seen = await asked.then(
      (addresses) => addresses.join(),
      (error: unknown) => (error instanceof OutriderError ? error.code : String(error)),
    );
    t.is(seen, expected);
  });
}

test("a search for a name is given up at once", async (t) => {
  const { server } = await startDns(t, null);
  const stop = new AbortController();
  const asked = systemResolve(await files(t, `nameserver ${server}\n`), patientMs)(
    "platform.example.org",
    stop.signal,
  );
  const reason = new Error("enough");
  setImmediate(() => stop.abort(reason));
  t.is(await t.throwsAsync(asked), reason);
});

test("addresses, localhost and the hosts file need no server", async (t) => {
  const resolve = systemResolve(await files(t, "", "192.0.2.1 platform.example.org\n"));
  t.deepEqual(await resolve("2001:db8::1", never), ["2001:db8::1"]);
  t.deepEqual(await resolve("platform.example.org", never), ["192.0.2.1"]);
  t.deepEqual(await resolve("localhost", never), ["127.0.0.1", "::1"]);
});

test("failures name the DNS servers behind systemd-resolved, never its own address", async (t) => {
  const stub = await files(t, "nameserver 127.0.0.53\noptions edns0\n");
  const behindStub = join(await mkdtemp(join(tmpdir(), "outrider-resolve-")), "resolv.conf");
  t.teardown(() => rm(dirname(behindStub), { recursive: true, force: true }));
  const named = async (text: string | null, resolver = stub.resolver) => {
    await rm(behindStub, { force: true });
    if (text !== null) await writeFile(behindStub, text);
    const resolve = systemResolve({ ...stub, resolver, behindStub }, 50);
    const failure = await t.throwsAsync(resolve("platform.invalid", never), {
      instanceOf: OutriderError,
    });
    return failure?.facts?.[0]?.values.servers;
  };
  t.is(await named("nameserver 192.0.2.53\n"), "192.0.2.53");
  t.is(
    await named("nameserver 192.0.2.53\nnameserver fe80::53%eth0\nsearch .\n"),
    "192.0.2.53, fe80::53%eth0",
  );
  t.is(await named("# none yet\n"), "127.0.0.53", "nothing better is known");
  t.is(await named(null), "127.0.0.53");
  const direct = await files(t, "nameserver 127.0.0.1:9\n");
  t.is(await named("nameserver 192.0.2.53\n", direct.resolver), "127.0.0.1:9");
});

test("in split mode the servers of LAN, which nobody asks for the platform, are not named", async (t) => {
  const stub = await files(t, "nameserver 127.0.0.53\n");
  const folder = await mkdtemp(join(tmpdir(), "outrider-resolve-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const [behindStub, links] = [join(folder, "resolv.conf"), join(folder, "links")];
  await mkdir(links);
  const servers = ["192.0.2.1", "fe80::1%eth0", "198.51.100.1", "fe80::1%3", "203.0.113.53"];
  await writeFile(behindStub, servers.map((server) => `nameserver ${server}\n`).join(""));
  const resolve = systemResolve({ ...stub, behindStub, links }, 50);
  const named = async (states: Readonly<Record<string, string>>) => {
    for (const [index, text] of Object.entries(states)) await writeFile(join(links, index), text);
    const failure = await t.throwsAsync(resolve("platform.invalid", never), {
      instanceOf: OutriderError,
    });
    return failure?.facts?.[0]?.values.servers;
  };
  t.is(await named({}), servers.join(", "), "where nothing is known of the links, all are");
  const lan = "ADMIN_STATE=configured\nDNS=192.0.2.1 fe80::1%eth0\nMDNS=no\nDNS_DEFAULT_ROUTE=no\n";
  t.is(
    await named({ "2": lan, "3": "DNS=198.51.100.1 fe80::1\nMDNS=no\n" }),
    "198.51.100.1, fe80::1%3, 203.0.113.53",
  );
  // One server for both sides is asked.
  t.is(
    await named({ "3": "DNS=192.0.2.1 198.51.100.1\n" }),
    "192.0.2.1, 198.51.100.1, fe80::1%3, 203.0.113.53",
  );
  t.is(await named({ "2": "\0DNS_DEFAULT_ROUTE=no\nDNS=\n", x: lan }), servers.join(", "));
});

interface StubCase {
  /** The resolv.conf that names the servers behind systemd-resolved. */
  behind: string;
  commands?: readonly string[];
  /** A server of ours there, which refuses as well. */
  server?: string;
  firstTryMs?: number;
}

/** What the agent says when systemd-resolved refuses at once, with these servers behind it. */
async function stubRefuses(
  t: ExecutionContext,
  { behind, commands = [], server, firstTryMs = patientMs }: StubCase,
) {
  const folder = await mkdtemp(join(tmpdir(), "outrider-resolve-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "stub"), "nameserver 127.0.0.53\n");
  await writeFile(join(folder, "behind"), behind);
  const addresses = ["127.0.0.53", ...(server === undefined ? [] : [server])];
  const program = `
import { createSocket } from "node:dgram";
import { systemResolve } from "./src/transport/stages/resolve.ts";
for (const address of ${JSON.stringify(addresses)}) {
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    query.writeUInt16BE(0x8185, 2);
    socket.send(query, from.port, from.address);
  });
  await new Promise((resolve) => socket.bind(53, address, resolve));
}
const files = { hosts: "/dev/null", resolver: "${folder}/stub", behindStub: "${folder}/behind" };
const never = new AbortController().signal;
const failure = await systemResolve(files, ${firstTryMs})("platform.example.org", never).catch((error) => error);
console.log(failure.code);
process.exit();`;
  return inOwnNetwork(commands, program);
}

const cable = [
  "ip link add one type veth peer name other",
  "ip link set one up",
  "ip link set other up",
];
const gateway = [
  ...cable,
  "ip address add 192.0.2.2/24 dev one",
  "ip route add default via 192.0.2.1",
];
const far = "nameserver 198.51.100.53\n";

test("what systemd-resolved refuses without a way to any server is no server's refusal", async (t) => {
  t.is(await stubRefuses(t, { behind: far }), "no-route", "the cable is out");
  t.is(await stubRefuses(t, { behind: "nameserver 2001:db8::53\n" }), "no-route");
  t.is(await stubRefuses(t, { behind: "# none yet\n" }), "no-route", "the lease is gone");
  const none = { behind: "# none\n", commands: gateway };
  t.is(await stubRefuses(t, none), "dns-no-server", "none was set");
});

test("nor is it where the servers say nothing", async (t) => {
  const gone = { behind: far, commands: gateway, firstTryMs: 300 };
  t.is(await stubRefuses(t, gone), "dns-silent", "the gateway is not there");
});

test("what the server behind it refuses itself stays its refusal", async (t) => {
  const commands = ["ip address add 198.51.100.53/32 dev lo"];
  t.is(await stubRefuses(t, { behind: far, commands, server: "198.51.100.53" }), "dns-refused");
});
