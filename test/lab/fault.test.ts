import { openFaultLab } from "../testkit/lab/faults/fault-lab.ts";
import { idOf, rows } from "../testkit/lab/faults/rows/all.ts";
import { undergo } from "../testkit/lab/faults/undergo.ts";
import { labTest } from "../testkit/lab/lab.ts";

/** One of each kind; `npm run matrix:network-faults` runs all and writes the table. */
const sample = [
  "DHCP (IPv4)",
  "firewall drops (IPv4)",
  "a kept connection is forgotten (IPv4)",
  "captive portal, without TLS (IPv4)",
  "DNS server silent (IPv6-only)",
  "wrong password, Basic (IPv4)",
];

labTest(
  "a network that stands in the way is survived, or named by agent and doctor alike within 15 s, and the remedy cures it",
  async (t) => {
    t.timeout(400_000);
    const lab = await openFaultLab();
    t.teardown(() => lab.stop());
    const found = Object.values(rows)
      .flat()
      .filter((row) => sample.includes(idOf(row)));
    t.is(found.length, sample.length);
    const complaints: string[] = [];
    for (const row of found) {
      const { complaint } = await undergo(lab, row);
      if (complaint !== null) complaints.push(`${idOf(row)}: ${complaint}`);
    }
    t.deepEqual(complaints, []);
  },
);
