import test from "ava";
import { OutriderError } from "../../src/base/messages/error.ts";
import type { ErrorCode } from "../../src/base/messages/error-codes.ts";
import { fact } from "../../src/base/messages/facts.ts";
import { configuration, fails, proxied, run, short, silentDns, stage } from "./surroundings.ts";

/** What the agent's own look-up ends in. */
const ends = (code: ErrorCode) => async (host: string) => {
  throw new OutriderError(code, { detail: fact("name-asked", { host, servers: "192.0.2.53" }) });
};
const unknown = async (_: string, host: string | null) =>
  fact("dns-answers-without", { host: host ?? "" });

test("a name that a DNS server knows and the agent does not find is a fault of its own", async (t) => {
  for (const code of ["dns-not-found", "dns-refused", "dns-silent", "dns-no-server"] as const) {
    const results = await run({ resolve: ends(code), configuration: proxied });
    t.deepEqual(
      short(results).slice(3),
      [
        "dns:192.0.2.53 ok",
        "dns:198.51.100.53 ok",
        "resolver failed dns-differs",
        "proxy skipped",
        "tls skipped",
        "service:platform skipped",
        "clock skipped",
      ],
      code,
    );
    t.regex(
      results.find(({ check }) => check === "resolver")?.detail ?? "",
      /^192\.0\.2\.53 knows proxy\.outrider\.test; as the agent asks for it, it is not found; /,
    );
  }
});

test("the server that knows the name is named, also where the first one does not", async (t) => {
  const results = await run({
    resolve: ends("dns-not-found"),
    askDns: async (server, name) =>
      server === "198.51.100.53"
        ? fact("name-found", { host: name ?? "", addresses: "198.51.100.10" })
        : unknown(server, name),
  });
  t.regex(
    results.find(({ check }) => check === "resolver")?.detail ?? "",
    /^198\.51\.100\.53 knows platform\.outrider\.test/,
  );
});

test("a name that neither finds is reported where it is needed", async (t) => {
  const results = await run(
    { resolve: ends("dns-not-found"), askDns: unknown, configuration: proxied },
    () => fails("proxy-unresolved", stage("resolve")),
  );
  t.deepEqual(
    short(results).filter((line) => line.includes("failed")),
    ["proxy failed proxy-unresolved"],
  );
});

test("nothing is looked up where an address leads, or no DNS server answers", async (t) => {
  const resolve = async (): Promise<never> => {
    throw new Error("it was looked up");
  };
  const byAddress = { ...configuration, platformUrl: "https://192.0.2.80" };
  t.is(short(await run({ resolve, configuration: byAddress })).at(-2), "service:platform ok");
  t.true(
    short(await run({ resolve, askDns: silentDns })).every((line) => !line.startsWith("resolver")),
  );
  t.true(
    short(await run({ resolve: async () => ["192.0.2.80"] })).every(
      (line) => !/resolver|failed/.test(line),
    ),
  );
});
