import { createServer } from "node:net";
import test from "ava";
import {
  type Contact,
  contactsOf,
  pacContact,
  recordScan,
} from "../../src/agent/egress/contacts.ts";
import { EgressRecorder } from "../../src/agent/egress/recorder.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { fact } from "../../src/base/messages/facts.ts";
import type { ConfigdClient } from "../../src/configd/api/api.ts";
import type { EgressContact } from "../../src/configd/api/egress.ts";
import { because } from "../../src/configd/api/egress-reason.ts";
import { openPath, type PathOptions } from "../../src/transport/path.ts";
import { noAuthentication } from "../../src/transport/proxy/none.ts";
import type { StageResult } from "../../src/transport/stages/stages.ts";
import { FakeClock } from "../testkit/clock.ts";
import { listen, portOf } from "../testkit/proxies/origin.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";
import { startProxy } from "../testkit/proxies/proxy.ts";

const trust = { certificateAuthorities: [], allowUnknownIssuer: true };

/** The ledger's contacts after a real attempt to reach platform.example.org. */
async function attempt(port: number, options: Partial<PathOptions>): Promise<Contact[]> {
  const stages: StageResult[] = [];
  const resolve = async (name: string) =>
    name === "nowhere.example.org"
      ? Promise.reject(new OutriderError("dns-not-found"))
      : ["127.0.0.1"];
  const limits = { ...patientLimits, proxyMs: 2000, tlsMs: 500 };
  await openPath(
    { host: "platform.example.org", port },
    { proxy: null, trust, resolve, limits, ...options },
    stages,
  ).then(
    ({ socket }) => socket.destroy(),
    () => undefined,
  );
  return contactsOf(
    `platform.example.org:${port}`,
    stages,
    options.proxy !== undefined && options.proxy !== null,
  );
}

test("the ledger has the platform with its address, whether the connection succeeded or failed", async (t) => {
  const server = createServer((socket) => socket.destroy());
  await listen(server);
  const port = portOf(server.address());
  const reached = {
    host: "platform.example.org",
    port,
    protocol: "tcp" as const,
    ...because(fact("for-platform")),
    addresses: ["127.0.0.1"],
  };
  t.deepEqual(await attempt(port, {}), [reached]);
  await new Promise((resolve) => server.close(resolve));
  t.deepEqual(await attempt(port, {}), [reached], "a refused connection left the appliance too");
});

test("through a proxy, the proxy is the contact and the platform its request", async (t) => {
  const proxy = await startProxy({ kind: "silent" });
  t.teardown(() => proxy.close());
  const contacts = await attempt(443, {
    proxy: { host: "proxy.example.org", port: proxy.port, authentication: noAuthentication },
  });
  t.deepEqual(
    contacts.map(({ host, port, why, addresses }) => [host, port, why, addresses.join()]),
    [
      ["proxy.example.org", proxy.port, "the way to the platform", "127.0.0.1"],
      ["platform.example.org", 443, "the platform's services, through the proxy", ""],
    ],
  );
});

test("a name that is not found leads to no contact of the agent's: the resolver contacts the name server", async (t) => {
  t.deepEqual(
    await attempt(443, { resolve: async () => Promise.reject(new OutriderError("dns-not-found")) }),
    [],
  );
});

test("the PAC file's server is in the ledger with its address, and the server that it redirects to with the reason", (t) => {
  const place = { host: "wpad.example.org", port: 80, addresses: ["192.0.2.80"] };
  const told = {
    host: "wpad.example.org",
    port: 80,
    protocol: "tcp" as const,
    addresses: ["192.0.2.80"],
  };
  t.deepEqual(pacContact({ ...place, redirected: false }), {
    ...told,
    ...because(fact("for-pac")),
  });
  t.deepEqual(pacContact({ ...place, redirected: true }), {
    ...told,
    ...because(fact("for-pac-elsewhere")),
  });
});

function setUp() {
  const clock = new FakeClock();
  const reports: EgressContact[][] = [];
  const state = { down: false };
  const configd: ConfigdClient = {
    call: async (_name, request) => {
      if (state.down) throw new OutriderError("configd-unreachable");
      const contacts: unknown = Reflect.get(request, "contacts");
      if (Array.isArray(contacts)) reports.push(contacts);
      return {} as never;
    },
  };
  const recorder = new EgressRecorder({ configd, clock });
  const stop = new AbortController();
  void recorder.run(stop.signal);
  const contact = (host: string) =>
    recorder.record({
      by: "agent",
      host,
      port: 443,
      protocol: "tcp",
      why: "x",
      addresses: ["192.0.2.1"],
    });
  return { clock, reports, state, recorder, stop, contact };
}
const settle = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

test("a new destination is reported at once, known ones later and together", async (t) => {
  const { clock, reports, contact, stop } = setUp();
  contact("a");
  await settle();
  t.is(reports.length, 1);
  for (let turn = 0; turn < 5; turn++) contact("a");
  await settle();
  t.is(reports.length, 1);
  contact("b");
  await settle();
  t.deepEqual(
    reports[1]?.map(({ host, count }) => [host, count]),
    [
      ["a", 5],
      ["b", 1],
    ],
  );
  contact("a");
  await clock.advance(300_000);
  await settle();
  t.is(reports.length, 3);
  stop.abort();
});

test("no contact is lost while configd does not run", async (t) => {
  const { clock, reports, contact, state, stop } = setUp();
  state.down = true;
  contact("a");
  await settle();
  contact("a");
  contact("b");
  state.down = false;
  await clock.advance(10_000);
  await settle();
  t.deepEqual(
    reports.flat().map(({ host, count }) => [host, count]),
    [
      ["a", 2],
      ["b", 1],
    ],
  );
  stop.abort();
});

test("a scan is listed with its targets, further ones as a number", async (t) => {
  const { reports, recorder, stop } = setUp();
  recordScan(recorder, {
    name: "office",
    targets: Array.from({ length: 100 }, (_, index) => `192.0.2.${index}`),
  });
  await settle();
  const lines = reports.flat();
  t.is(lines.length, 31);
  t.like(lines[0], { by: "scan", host: "192.0.2.0", why: "scan office" });
  t.like(lines[30], {
    host: "70 more of this scan",
    place: fact("place-more-targets", { count: 70 }),
  });
  stop.abort();
});
