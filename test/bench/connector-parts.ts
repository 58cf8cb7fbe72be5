import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { Uploader } from "../../src/agent/scan-jobs/uploader.ts";
import { ServerClock } from "../../src/agent/server-clock.ts";
import { sendPart } from "../../src/agent/services/results.ts";
import { SignedClient } from "../../src/agent/signed-client.ts";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { systemRandom } from "../../src/base/random.ts";
import type { HostObservation, Port } from "../../src/protocol/schemas/results.ts";
import { ecdsaSigner, ecdsaVerifier } from "../../src/protocol/signature/keys.ts";
import type { HttpTransport } from "../../src/transport/http-transport.ts";
import { exampleHost, exampleJob } from "../testkit/scan-examples.ts";
import { openSpool } from "../testkit/spool.ts";

/** The keys of appliance and platform, in PEM, for both sides of the benchmark. */
export function makeKeys(): { appliance: string; reply: string } {
  const key = () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { appliance: key(), reply: key() };
}

/** A host as nmap describes one: 20 ports with their services, 5 kB. */
function described(index: number): HostObservation {
  const port = (number: number): Port => ({
    ...{ protocol: "tcp", number: number + 1, state: "open", reason: "syn-ack" },
    service: {
      ...{ name: "http", product: "nginx", version: "1.26.3", extraInformation: `Debian ${index}`, method: "probed", confidence: 10 },
      cpe: ["cpe:/a:igor_sysoev:nginx:1.26.3", "cpe:/o:linux:linux_kernel"],
    },
  });
  return exampleHost(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`, { ports: Array.from({ length: 20 }, (_, number) => port(number)) });
}

/** Fills a spool with parts as scans leave them, and has it emptied by the agent's uploader. Gives what was sent and how long that took. */
export async function uploadFromSpool(
  folder: string,
  url: string,
  transport: HttpTransport,
  keys: { appliance: string; reply: string },
  parts: number,
): Promise<{ bytes: number; ms: number }> {
  const spool = await openSpool(join(folder, `spool-${Math.random()}`), { limitBytes: 1e10 });
  const job = await spool.add(exampleJob, 1);
  for (let shard = 0; shard < parts; shard++)
    await job.writeParts(
      shard,
      Array.from({ length: 240 }, (_, index) => described(shard * 240 + index)),
    );
  let bytes = 0;
  const client = new SignedClient({
    ...{ transport, clock: systemClock, serverClock: new ServerClock(systemClock), random: systemRandom, softwareVersion: "1" },
    counters: { requests: 0, failures: 0 },
    signer: ecdsaSigner("appliance", createPrivateKey(keys.appliance)),
    replyKeys: new Map([["reply", ecdsaVerifier(createPublicKey(createPrivateKey(keys.reply)))]]),
  });
  const refuse = async () => Promise.reject(new Error("not asked for"));
  const uploader = new Uploader({
    ...{ spool, clock: systemClock, random: systemRandom, log: silentLog },
    results: {
      sendPart: async ({ job: sent }, number, content, signal) => {
        bytes += content.length;
        return sendPart(client, url, sent, number, content, signal);
      },
      ...{ listParts: refuse, sendCompletion: refuse },
    },
    ...{ finished: refuse, unknown: refuse, changed: () => undefined },
  });
  const startedMs = performance.now();
  await uploader.sendAll(new AbortController().signal);
  const ms = performance.now() - startedMs;
  if (spool.waitingParts > 0) throw new Error("parts were left");
  await spool.remove(job);
  return { bytes, ms };
}
