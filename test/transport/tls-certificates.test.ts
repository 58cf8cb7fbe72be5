import { createServer } from "node:net";
import test, { type ExecutionContext } from "ava";
import { systemClock } from "../../src/base/clock.ts";
import { probePath } from "../../src/transport/path.ts";
import { patientMs } from "../testkit/patience.ts";
import {
  makeTestAuthority,
  type ServerCertificate,
  type TestAuthority,
} from "../testkit/proxies/certificates.ts";
import { closeAll, listen, portOf, startOrigin } from "../testkit/proxies/origin.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";

const host = "platform.example.org";
const day = 24 * 60 * 60_000;
const expired = { fromMs: Date.now() - 900 * day, toMs: Date.now() - 10 * day };
const shown = (ms: number) => new Date(ms).toISOString().slice(0, 10);

async function probe(
  t: ExecutionContext,
  served: ServerCertificate,
  trusted: readonly TestAuthority[],
  { name = host, nowMs = Date.now } = {},
) {
  const origin = await startOrigin(served, (_, reply) => void reply.end("{}"));
  t.teardown(() => origin.close());
  return probePath(new URL(`https://${name}:${origin.port}`), {
    proxy: null,
    trust: {
      certificateAuthorities: trusted.map(({ certificate }) => certificate),
      allowUnknownIssuer: false,
      dateLimitMs: patientMs,
    },
    resolve: async () => ["127.0.0.1"],
    clock: { ...systemClock, nowMs },
    limits: patientLimits,
  });
}

test("an expired intermediate is shown by its name and dates", async (t) => {
  const root = await makeTestAuthority("Corp Root");
  const middle = await root.subordinate("Corp Sub CA", expired);
  const { error } = await probe(t, await middle.issue([host]), [root]);
  t.is(error?.code, "tls-authority-expired");
  t.regex(
    error?.detail ?? "",
    new RegExp(
      `^the certificate of the authority Corp Sub CA is valid from ${shown(expired.fromMs)} to ${shown(expired.toMs)}, this clock says`,
    ),
  );
});

test("so is an expired root that was added", async (t) => {
  const root = await makeTestAuthority("Old Corp Root", expired);
  const { error } = await probe(t, await root.issue([host]), [root]);
  t.is(error?.code, "tls-authority-expired");
  t.regex(error?.detail ?? "", /authority Old Corp Root is/);
});

test("so is an expired intermediate that was added itself", async (t) => {
  const middle = await (await makeTestAuthority("Root")).subordinate("Added Sub CA", expired);
  const { error } = await probe(t, await middle.issue([host]), [middle]);
  t.is(error?.code, "tls-authority-expired");
  t.regex(error?.detail ?? "", /authority Added Sub CA is/);
});

test("where both have expired, it is the server's own that counts", async (t) => {
  const root = await makeTestAuthority("Corp Root");
  const middle = await root.subordinate("Corp Sub CA", expired);
  const { error } = await probe(t, await middle.issue([host], expired), [root]);
  t.is(error?.code, "tls-expired");
  t.regex(error?.detail ?? "", /^valid from/);
});

test("an intermediate that is valid by the server's clock shows that this clock is wrong", async (t) => {
  const root = await makeTestAuthority("Corp Root");
  const middle = await root.subordinate("Corp Sub CA", {
    fromMs: Date.now() - day,
    toMs: Date.now() + 30 * day,
  });
  const served = await middle.issue([host], {
    fromMs: Date.now() - day,
    toMs: Date.now() + 90 * day,
  });
  const nowMs = () => Date.now() + 800 * day;
  const { error } = await probe(t, served, [root], { nowMs });
  t.is(error?.code, "tls-clock");
});

const future = { fromMs: Date.now() + 30 * day, toMs: Date.now() + 90 * day };

test("a certificate that is not valid yet is no fault of a clock that agrees with the server's", async (t) => {
  const root = await makeTestAuthority("Corp Root");
  const { error } = await probe(t, await root.issue([host], future), [root]);
  t.is(error?.code, "tls-not-yet-valid");
  t.regex(error?.detail ?? "", new RegExp(`^valid from ${shown(future.fromMs)} `));
  const middle = await root.subordinate("Corp Sub CA", future);
  const second = await probe(t, await middle.issue([host]), [root]);
  t.is(second.error?.code, "tls-not-yet-valid");
  t.regex(second.error?.detail ?? "", /authority Corp Sub CA is/);
});

test("with a clock that is behind the server's it is the clock's", async (t) => {
  const root = await makeTestAuthority("Corp Root");
  const nowMs = () => Date.now() - 800 * day;
  const { error } = await probe(t, await root.issue([host]), [root], { nowMs });
  t.is(error?.code, "tls-clock");
});

const weak = [
  {
    title: "a server's key of 1024 bits",
    make: async (root: TestAuthority) => root.issue([host], undefined, { rsaBits: 1024 }),
    detail: new RegExp(`^${host} has a key of 1024 bits, at least 2048 are needed$`),
  },
  {
    title: "a device's authority with 1024 bits",
    make: async (root: TestAuthority) =>
      (await root.subordinate("Old Box", undefined, { rsaBits: 1024 })).issue([host]),
    detail: /^Old Box has a key of 1024 bits/,
  },
  {
    title: "a server's certificate that is signed with SHA-1",
    make: async (root: TestAuthority) => root.issue([host], undefined, { hash: "SHA-1" }),
    detail: new RegExp(`^${host} is signed with .*sha1`, "i"),
  },
  {
    title: "an authority's certificate that is signed with SHA-1",
    make: async (root: TestAuthority) =>
      (await root.subordinate("Old Sub CA", undefined, { hash: "SHA-1" })).issue([host]),
    detail: /^Old Sub CA is signed with .*sha1/i,
  },
] as const;
for (const { title, make, detail } of weak) {
  test(`${title} is tls-weak, with its name`, async (t) => {
    const root = await makeTestAuthority("Corp Root");
    const { error } = await probe(t, await make(root), [root]);
    t.is(error?.code, "tls-weak");
    t.regex(error?.detail ?? "", detail);
  });
}

test("a root's own signature with SHA-1 harms nothing", async (t) => {
  const root = await makeTestAuthority("Root", undefined, { hash: "SHA-1" });
  t.is((await probe(t, await root.issue([host]), [root])).error, null);
});

for (const [name, address] of [
  ["127.0.0.1", "127.0.0.1"],
  ["192.0.2.80", "192.0.2.80"],
  ["[2001:db8::80]", "2001:db8::80"],
] as const) {
  test(`a certificate with ${address} as a DNS name says what is wrong with it`, async (t) => {
    const root = await makeTestAuthority("Corp Root");
    const served = await root.issue([address, "other.example.org"], undefined, { asDns: true });
    const { error } = await probe(t, served, [root], { name });
    t.is(error?.code, "tls-name-mismatch");
    t.is(
      error?.detail,
      `${address} stands in it as a DNS name; an address must stand in it as an IP address`,
    );
  });
}

/** The head of a handshake by a server that has only this version and no extensions. */
function serverHello(version: number): Buffer {
  const hello = Buffer.concat([
    Buffer.from([0x03, version]),
    Buffer.alloc(32, 7),
    Buffer.from([0, 0xc0, 0x2f, 0]),
  ]);
  const message = Buffer.concat([Buffer.from([2, 0, 0, hello.length]), hello]);
  return Buffer.concat([Buffer.from([22, 3, version, 0, message.length]), message]);
}

const alert = (description: number) => Buffer.from([21, 3, 1, 0, 2, 2, description]);
for (const [title, bytes, detail] of [
  ["that knows no safe renegotiation", serverHello(3), /unsafe renegotiation from before RFC 5746/],
  ["of TLS 1.0", serverHello(1), /only TLS 1\.1 or older/],
  ["of TLS 1.1", serverHello(2), /only TLS 1\.1 or older/],
  ["that refuses the version (RFC 8446 section 6.2)", alert(70), /only TLS 1\.1 or older/],
  ["with no common cipher", alert(40), /HANDSHAKE_FAILURE/],
] as const) {
  test(`a server ${title} is tls-failed with the reason`, async (t) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.write(bytes));
    });
    await listen(server);
    t.teardown(() => closeAll(server, []));
    const { error } = await probePath(new URL(`https://${host}:${portOf(server.address())}`), {
      proxy: null,
      trust: { certificateAuthorities: [], allowUnknownIssuer: true },
      resolve: async () => ["127.0.0.1"],
      limits: patientLimits,
    });
    t.is(error?.code, "tls-failed");
    t.regex(error?.detail ?? "", detail);
  });
}
