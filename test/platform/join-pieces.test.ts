import test from "ava";
import fc from "fast-check";
import { joinPieces } from "../../src/platform/store/join-pieces.ts";
import type { HostObservation } from "../../src/protocol/schemas/results.ts";
import { validators } from "../../src/protocol/validators.ts";

const piece = (over: Partial<HostObservation>): HostObservation => ({
  address: "192.0.2.1",
  hostnames: [],
  reason: "",
  ports: [],
  timedOut: false,
  ...over,
});
const found = { protocol: "tcp", number: 80, state: "open", reason: "syn-ack" } as const;
const byNumber = { name: "http", method: "table", confidence: 3, cpe: [] } as const;
const asked = {
  ...byNumber,
  product: "nginx",
  method: "probed",
  confidence: 10,
} as const;

const port = fc.record({
  protocol: fc.constantFrom("tcp" as const, "udp" as const),
  number: fc.integer({ min: 1, max: 4 }),
  state: fc.constantFrom("open", "closed", "filtered"),
  reason: fc.constantFrom("", "syn-ack"),
});
const anyPiece = fc
  .record({
    reason: fc.constantFrom("", "user-set", "arp-response", "echo-reply"),
    hostnames: fc.uniqueArray(fc.constantFrom("a.test", "b.test")),
    timedOut: fc.boolean(),
    ports: fc.uniqueArray(port, { selector: ({ protocol, number }) => `${protocol}${number}` }),
  })
  .map(piece);

test("the pieces of a host come together the same in any order", (t) => {
  fc.assert(
    fc.property(anyPiece, anyPiece, anyPiece, (one, two, three) => {
      const joined = joinPieces(joinPieces(one, two), three);
      t.deepEqual(joinPieces(two, one), joinPieces(one, two));
      t.deepEqual(joinPieces(three, joinPieces(two, one)), joined);
      t.deepEqual(joinPieces(joined, two), joined, "a piece that comes twice counts once");
      t.true(
        validators.ResultPart({
          jobId: "00000000-0000-4000-8000-000000000000",
          attempt: 1,
          number: 0,
          hosts: [joined],
        }).valid,
      );
    }),
  );
});

test("the proof of life, names and MAC of discovery stay, and a service that was asked wins", (t) => {
  const discovered = piece({ reason: "arp-response", macAddress: "52:54:00:12:34:56" });
  const ports = piece({
    reason: "user-set",
    hostnames: ["web.test"],
    ports: [{ ...found, service: { ...byNumber, cpe: [] } }],
  });
  const services = piece({
    reason: "user-set",
    ports: [{ ...found, service: { ...asked, cpe: [] } }],
  });
  for (const order of [
    [discovered, ports, services],
    [services, discovered, ports],
    [ports, services, discovered],
  ]) {
    const joined = order.reduce(joinPieces);
    t.like(joined, {
      reason: "arp-response",
      macAddress: "52:54:00:12:34:56",
      hostnames: ["web.test"],
    });
    t.deepEqual(
      joined.ports.map(({ service }) => service?.product),
      ["nginx"],
    );
  }
});

test("a port that was found open stays open when it did not answer once more", (t) => {
  const open = piece({ ports: [{ ...found }] });
  const silent = piece({ ports: [{ ...found, state: "filtered", reason: "no-response" }] });
  t.is(joinPieces(open, silent).ports[0]?.state, "open");
  t.is(joinPieces(silent, open).ports[0]?.state, "open");
});
