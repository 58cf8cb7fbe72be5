import test from "ava";
import { connectedFact, connectFailure } from "../../src/transport/stages/connect.ts";
import { ownFamilies } from "../../src/transport/stages/own-families.ts";

const failed = (address: string, code: string) => ({
  address,
  error: Object.assign(new Error(code), { code }),
});
/** The machine that runs this test has neighbours of its own. */
const noSilentHop = async () => null;
const only4 = ownFamilies(["192.0.2.50", "fe80::1"]);
const only6 = ownFamilies(["2001:db8:0:1::50", "fe80::1", "169.254.3.4"]);
const both = ownFamilies(["192.0.2.50", "2001:db8:0:1::50"]);
const none = ownFamilies(["fe80::1"]);

const cases = [
  [
    "an IPv4 address that was typed, with IPv6 alone",
    only6,
    [["198.51.100.10", "ENETUNREACH"]],
    "family-missing",
  ],
  [
    "a name with IPv4 addresses alone, with IPv6 alone",
    only6,
    [
      ["198.51.100.10", "ENETUNREACH"],
      ["198.51.100.11", "ENETUNREACH"],
    ],
    "family-missing",
  ],
  [
    "an IPv6 address, with IPv4 alone",
    only4,
    [["2001:db8::10", "EADDRNOTAVAIL"]],
    "family-missing",
  ],
  [
    "a firewall of the machine's own speaks first",
    only4,
    [["2001:db8::10", "EACCES"]],
    "family-missing",
  ],
  [
    "the other family's failure counts where there is one",
    only6,
    [
      ["198.51.100.10", "ENETUNREACH"],
      ["2001:db8:0:64::c633:640a", "EHOSTUNREACH"],
    ],
    "connect-unreachable",
  ],
  [
    "a machine with both is stopped by its own guards",
    both,
    [["198.51.100.10", "EPERM"]],
    "no-route",
  ],
  [
    "a machine without any address is stopped by its own guards",
    none,
    [["198.51.100.10", "EPERM"]],
    "no-route",
  ],
  [
    "a neighbour by link-local address",
    only4,
    [["fe80::53", "EHOSTUNREACH"]],
    "connect-unreachable",
  ],
  ["a proxy on the machine itself", only6, [["127.0.0.1", "ECONNREFUSED"]], "connect-refused"],
] as const;

for (const [title, own, failures, code] of cases)
  test(`connect: ${title}: ${code}`, async (t) => {
    const error = await connectFailure(
      failures.map(([address, said]) => failed(address, said)),
      443,
      own,
      noSilentHop,
    );
    t.is(error.code, code);
  });

test("what is said names the address and what the appliance has, and not the noise of the other family", async (t) => {
  const saidOf = async (...failures: Parameters<typeof failed>[]) =>
    (
      await connectFailure(
        failures.map((each) => failed(...each)),
        443,
        only6,
        noSilentHop,
      )
    ).detail;
  t.is(
    await saidOf(["198.51.100.10", "ENETUNREACH"]),
    "198.51.100.10 is an IPv4 address, and this appliance has IPv6 alone",
  );
  t.is(
    await saidOf(["198.51.100.10", "ENETUNREACH"], ["2001:db8::10", "ECONNREFUSED"]),
    "2001:db8::10 port 443: ECONNREFUSED",
  );
});

test("the address that was passed over is named, unless it is of a family that is not there", (t) => {
  const connected = { address: "2001:db8::10", passedOver: ["198.51.100.10"] };
  t.is(connectedFact(connected, 443, only6).code, "connected");
  t.like(connectedFact(connected, 443, both), {
    code: "connected-past",
    values: { address: "2001:db8::10", passed: "198.51.100.10" },
  });
});
