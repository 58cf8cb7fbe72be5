import test from "ava";
import fc from "fast-check";
import { contains, parsePrefix } from "../../src/base/addresses/prefix.ts";
import { validateSettings } from "../../src/settings/checks/validate.ts";
import { defaultSettings, type Settings } from "../../src/settings/model/schema.ts";

function withAddress(family: 4 | 6, address: string): Settings {
  const { network } = defaultSettings;
  const own = { method: "static" as const, address, gateway: null };
  const lan = family === 4 ? { ...network.lan, ipv4: own } : { ...network.lan, ipv6: own };
  return { ...defaultSettings, network: { ...network, lan } };
}

const network = fc.oneof(
  fc.integer({ min: 8, max: 30 }).map((length) => ({
    family: 4 as const,
    text: `${length < 24 ? "10.0.0.0" : "192.0.2.0"}/${length}`,
  })),
  fc
    .integer({ min: 16, max: 126 })
    .map((length) => ({ family: 6 as const, text: `2000::/${length}` })),
);

test("the address that is suggested for a network's own lies in that network, and is valid", (t) => {
  fc.assert(
    fc.property(network, ({ family, text }) => {
      const result = validateSettings(withAddress(family, text));
      const problem = result.ok
        ? undefined
        : result.problems.find(({ code }) => code === "address-is-network");
      const suggestion = String(problem?.values?.suggestion);
      const [outer, inner] = [parsePrefix(text), parsePrefix(suggestion)];
      t.true(outer !== null && inner !== null && contains(outer, inner), `${text}: ${suggestion}`);
      const corrected = validateSettings(withAddress(family, suggestion));
      t.false(!corrected.ok && corrected.problems.some(({ field }) => field.endsWith(".address")));
    }),
  );
});
