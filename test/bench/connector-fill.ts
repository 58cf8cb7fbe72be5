import type { HostObservation, Port } from "../../src/protocol/schemas/results.ts";
import { exampleHost, exampleJob } from "../testkit/agent/scan-examples.ts";
import { openSpool } from "../testkit/agent/spool.ts";

/**
 * Fills a spool with parts as scans leave them, in a process of its own: what that leaves in memory
 * is not the uploader's.
 */
const [, , folder = "", parts = "1"] = process.argv;
/** Just below the size at which the spool cuts a shard's result. */
const hostsInPart = 185;

/** A host as nmap describes one: 20 ports with their services, 5 kB. */
function described(index: number): HostObservation {
  const port = (number: number): Port => ({
    protocol: "tcp",
    number: number + 1,
    state: "open",
    reason: "syn-ack",
    service: {
      name: "http",
      product: "nginx",
      version: "1.26.3",
      extraInformation: `Debian ${index}`,
      method: "probed",
      confidence: 10,
      cpe: ["cpe:/a:igor_sysoev:nginx:1.26.3", "cpe:/o:linux:linux_kernel"],
    },
  });
  return exampleHost(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`, {
    ports: Array.from({ length: 20 }, (_, number) => port(number)),
  });
}

const spool = await openSpool(folder, { limitBytes: 1e10 });
const job = await spool.add(exampleJob, 1);
for (let shard = 0; shard < Number(parts); shard++) {
  const hosts = Array.from({ length: hostsInPart }, (_, index) =>
    described(shard * hostsInPart + index),
  );
  await job.writeParts(shard, hosts);
}
if (spool.waitingParts !== Number(parts))
  throw new Error(`${spool.waitingParts} parts instead of ${parts}`);
