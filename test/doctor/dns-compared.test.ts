import test from "ava";
import { fact } from "../../src/base/messages/facts.ts";
import { eth0, run, short, silentDns } from "./surroundings.ts";

/** The DNS results for servers that each give these addresses; null is silence. */
async function compared(answers: Readonly<Record<string, readonly string[] | null>>) {
  const results = await run({
    interfaces: async () => [{ ...eth0, addresses: ["192.0.2.10/24"], dns: Object.keys(answers) }],
    askDns: async (server, name) => {
      const addresses = answers[server];
      if (!addresses) return silentDns(server);
      const host = name ?? "";
      return addresses.length === 0
        ? fact("dns-answers-without", { host })
        : fact("name-found", { host, addresses: addresses.join(", ") });
    },
  });
  return results.filter(({ check }) => check === "dns");
}

test("servers of which only one knows the name disagree, and the one without it is named", async (t) => {
  const results = await compared({ "192.0.2.53": [], "192.0.2.54": ["203.0.113.80"] });
  t.deepEqual(short(results), ["dns:192.0.2.53 warning dns-servers-disagree", "dns:192.0.2.54 ok"]);
  t.is(
    results[0]?.detail,
    "answers, but has no address for platform.outrider.test; 192.0.2.54 finds 203.0.113.80",
  );
});

test("an inside address at one server and an outside one at the other disagree", async (t) => {
  for (const [inside, outside] of [
    ["10.1.2.3", "203.0.113.80"],
    ["192.168.7.7", "203.0.113.80"],
    ["100.64.0.9", "203.0.113.80"],
    ["fd00::80", "2001:db8::80"],
  ] as const)
    for (const pair of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      const [first, second] = pair;
      t.deepEqual(
        short(await compared({ "192.0.2.53": [first], "192.0.2.54": [second] })),
        ["dns:192.0.2.53 ok", "dns:192.0.2.54 warning dns-servers-disagree"],
        pair.join(),
      );
    }
});

test("other addresses of one name, names that nobody knows, and silence are no disagreement", async (t) => {
  const fine: Parameters<typeof compared>[0][] = [
    { "192.0.2.53": ["203.0.113.80"], "192.0.2.54": ["203.0.113.80"] },
    { "192.0.2.53": ["203.0.113.80", "203.0.113.81"], "192.0.2.54": ["198.51.100.7"] },
    { "192.0.2.53": ["203.0.113.80"], "192.0.2.54": ["2001:db8::80"] },
    { "192.0.2.53": ["10.0.0.1"], "192.0.2.54": ["192.168.0.1"] },
    { "192.0.2.53": [], "192.0.2.54": [] },
    { "192.0.2.53": ["203.0.113.80"] },
  ];
  for (const answers of fine)
    t.deepEqual(
      (await compared(answers)).map(({ outcome }) => outcome),
      Object.keys(answers).map(() => "ok"),
      JSON.stringify(answers),
    );
  t.deepEqual(short(await compared({ "192.0.2.53": null, "192.0.2.54": ["203.0.113.80"] })), [
    "dns:192.0.2.53 warning dns-silent",
    "dns:192.0.2.54 ok",
  ]);
});
