import { createServer } from "node:https";
import test, { type ExecutionContext } from "ava";
import { fetchPacScript } from "../../src/transport/pac/fetch-script.ts";
import { HelloMemory } from "../../src/transport/stages/hello-memory.ts";
import { patientMs } from "../testkit/patience.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { type HelloFault, startHelloRelay } from "../testkit/proxies/hello-relay.ts";
import { closeAll, listen, portOf } from "../testkit/proxies/origin.ts";

const script = 'function FindProxyForURL() { return "DIRECT"; }';

/** A PAC file's server behind a device. */
async function start(t: ExecutionContext, fault: HelloFault) {
  const company = await makeTestAuthority("Company Authority");
  const { certificate, privateKey } = await company.issue(["wpad.example.org"]);
  const server = createServer({ cert: certificate, key: privateKey }, (request, reply) => {
    if (request.url === "/moved") reply.writeHead(302, { location: "/proxy.pac" }).end();
    else reply.end(script);
  });
  await listen(server);
  t.teardown(() => {
    server.closeAllConnections();
    return closeAll(server, []);
  });
  const relay = await startHelloRelay(portOf(server.address()), fault);
  t.teardown(() => relay.close());
  const contacts: string[] = [];
  const hellos = new HelloMemory(() => 0);
  const parts = {
    resolve: async () => ["127.0.0.1"],
    trust: { certificateAuthorities: [company.certificate], allowUnknownIssuer: false },
    hellos,
    nowMs: Date.now,
    limitMs: fault === "swallows" ? 16_000 : patientMs,
    contacted: ({ host }: { host: string }) => contacts.push(host),
  };
  const fetch = (path = "/proxy.pac", change: Partial<typeof parts> = {}) =>
    fetchPacScript(
      `https://wpad.example.org:${relay.port}${path}`,
      { ...parts, ...change },
      new AbortController().signal,
    );
  return { relay, fetch, contacts };
}

for (const fault of ["swallows", "resets", "closes"] as const)
  test(`a PAC file behind a device that ${fault} a ClientHello of two packets is fetched with a shorter one`, async (t) => {
    const { relay, fetch, contacts } = await start(t, fault);
    t.like(await fetch(), { text: script, classicalOnly: true });
    t.deepEqual(
      relay.hellos.map((length) => length > 1400),
      [true, false],
    );
    t.is(contacts.length, 2, "the second connection is counted too");
    t.like(await fetch("/moved"), { text: script, classicalOnly: true });
    t.true(
      relay.hellos.slice(1).every((length) => length < 1000),
      "remembered, over a redirect too",
    );
  });

test("a server that answers gets the usual one, once", async (t) => {
  const { relay, fetch } = await start(t, "none");
  t.like(await fetch(), { text: script, classicalOnly: false });
  t.is(relay.hellos.length, 1);
});

test("what is wrong behind the shorter ClientHello is reported", async (t) => {
  const { relay, fetch } = await start(t, "resets");
  const trust = { certificateAuthorities: [], allowUnknownIssuer: false };
  const error = await t.throwsAsync(fetch("/proxy.pac", { trust }));
  t.regex(String(error?.message), /tls-untrusted|Company Authority/);
  t.is(relay.hellos.length, 2);
});

test("a server that answers nothing is reported within the limit for all of it", async (t) => {
  const { relay, fetch } = await start(t, "dead");
  const error = await t.throwsAsync(fetch("/proxy.pac", { limitMs: 600 }));
  t.like(error, { code: "proxy-pac-unreachable" });
  t.regex(String(error?.message), /0\.6|within/);
  t.is(relay.hellos.length, 0);
});

test("the memory is dropped when the shorter one is not answered either", async (t) => {
  const { relay, fetch } = await start(t, "resets");
  await fetch();
  relay.fault = "dead";
  await t.throwsAsync(fetch("/proxy.pac", { limitMs: 400 }));
  relay.fault = "none";
  t.false((await fetch()).classicalOnly);
});
