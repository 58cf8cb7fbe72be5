import { writeFile } from "node:fs/promises";
import { type FaultOutcome, networkFaults, prepareFaults, undergo } from "../testkit/lab/faults.ts";
import { labTest } from "../testkit/lab/lab.ts";
import { openProxyLab } from "../testkit/lab/proxies.ts";

/**
 * `npm run matrix:network-faults` runs all of them and writes the table; this test runs some of
 * each kind.
 */
const all = process.env.OUTRIDER_NETWORK_FAULTS !== undefined;
const wanted = process.env.OUTRIDER_NETWORK_FAULTS ?? "";
const sample = [
  "firewall drops",
  "a kept connection is forgotten",
  "captive portal, without TLS",
  "DNS server silent",
  "proxy swallows the tunnel",
];

labTest(
  "a network that stands in the way is survived, or named with its stage within 15 s",
  async (t) => {
    t.timeout(all ? 40 * 60_000 : 400_000);
    const lab = await openProxyLab(t, ["open"]);
    await prepareFaults(lab);
    const current = { proxy: JSON.stringify({ kind: "none" }) };
    const outcomes: FaultOutcome[] = [];
    for (const fault of networkFaults.filter(({ name }) =>
      all ? name.includes(wanted) : sample.includes(name),
    )) {
      const outcome = await undergo(lab, fault, current);
      outcomes.push(outcome);
      if (all) t.log(line(outcome), outcome.complaint ?? "");
    }
    if (all && wanted === "")
      await writeFile(
        new URL("../../docs/measured/matrix-network-faults.md", import.meta.url),
        table(outcomes),
      );
    t.deepEqual(
      outcomes.flatMap(({ fault, complaint }) =>
        complaint === null ? [] : `${fault.name}: ${complaint}`,
      ),
      [],
    );
  },
);

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const line = ({ fault, agent, agentMs, doctor, doctorMs }: FaultOutcome) =>
  `| ${fault.name} | ${agent === "" ? "gets through" : `\`${agent}\``} | ${seconds(agentMs)} | ${doctor === "" ? "nothing fails" : `\`${doctor}\``} | ${seconds(doctorMs)} |`;

function table(outcomes: readonly FaultOutcome[]): string {
  return `# Network faults

Written by \`npm run matrix:network-faults\`: each fault strikes the booted appliance in the lab, which then calls home and runs its doctor. The agent's time is from being asked to
call (or from its start) to the success or the code; the doctor's is its whole run. Both have 15 s.

| fault | agent | after | doctor's first failure | after |
|---|---|---|---|---|
${outcomes.map(line).join("\n")}
`;
}
