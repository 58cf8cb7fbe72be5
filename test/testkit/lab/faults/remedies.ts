import type { Fact } from "../../../../src/base/messages/facts.ts";
import type { NetworkFault, ProxyWish, Remedy } from "./fault.ts";
import type { NetworkName } from "./networks.ts";
import { bothRules, enforce } from "./rules.ts";

/** The firewall team allows exactly what the doctor says to ask for, before the rule that is in the way. */
export const ruleAllowed: Remedy = {
  done: "the firewall team allowed the rule shown (from, to, port)",
  async carryOut(lab, { fault, doctor }) {
    const shown = (doctor.failed?.facts ?? []).find(({ code }) => /^rule-to-ask/.test(code));
    if (!shown) throw new Error("the doctor shows no rule to ask for");
    await enforce(lab, bothRules({ router: { forward: allow(shown) } }, fault.rules));
  },
};

function allow({ values }: Fact): string {
  const source = String(values.from);
  const addresses = String(values.addresses ?? values.to).split(", ");
  const rules = addresses.map((address) => {
    const family = address.includes(":") ? "ip6" : "ip";
    const isSame = source.includes(":") === address.includes(":");
    const from = isSame ? `${family} saddr ${source} ` : "";
    return `${from}${family} daddr ${address} tcp dport ${values.port} accept`;
  });
  return rules.join("\n ");
}

/** Whoever runs it put it right: the rules are gone, and nothing else. */
export const rulesGone = (done: string): Remedy => ({
  done,
  carryOut: (lab) => enforce(lab, {}),
});

export const undone = (done: string): Remedy => ({
  done,
  async carryOut(lab, { fault }) {
    for (const act of fault.acts ?? []) await act.relieve(lab);
  },
});

export const proxySet = (done: string, proxy: ProxyWish | null): Remedy => ({ done, proxy });
export const networkSet = (done: string, network: NetworkName): Remedy => ({ done, network });

/** The same fault in several networks, a row each; the remedy is tried in the first of them. */
export function on(
  networks: readonly NetworkName[],
  fault: Omit<NetworkFault, "network">,
): NetworkFault[] {
  return networks.map((network, index) =>
    index === 0 ? { ...fault, network } : { ...fault, network, remedy: undefined },
  );
}
