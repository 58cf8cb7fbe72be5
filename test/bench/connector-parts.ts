import { spawnSync } from "node:child_process";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Uploader } from "../../src/agent/scan-jobs/uploader.ts";
import { sendPart } from "../../src/agent/services/results.ts";
import { ServerClock } from "../../src/agent/session/server-clock.ts";
import { SignedClient } from "../../src/agent/session/signed-client.ts";
import type { JobFolder } from "../../src/agent/spool/job-folder.ts";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { systemRandom } from "../../src/base/random.ts";
import { ecdsaSigner, ecdsaVerifier } from "../../src/protocol/signature/keys.ts";
import { signRequest } from "../../src/protocol/signature/profile.ts";
import type { HttpTransport } from "../../src/transport/http-transport.ts";
import { openSpool } from "../testkit/agent/spool.ts";

/** The private keys of appliance and platform, in PEM, for both sides of the benchmark. */
export interface Keys {
  appliance: string;
  reply: string;
}

export function makeKeys(): Keys {
  const key = () =>
    generateKeyPairSync("ec", { namedCurve: "P-256" })
      .privateKey.export({ type: "pkcs8", format: "pem" })
      .toString();
  return { appliance: key(), reply: key() };
}

/** Fills a spool, to be copied, with parts of about 1 MB as scans leave them. */
export function fillSpool(path: string, parts: number): void {
  run(process.execPath, [
    new URL("connector-fill.ts", import.meta.url).pathname,
    path,
    String(parts),
  ]);
}

/**
 * Has a copy of a filled spool emptied by the agent's uploader. Returns the amount sent and the
 * time.
 */
export async function uploadFromSpool(
  filled: string,
  copy: string,
  url: string,
  transport: HttpTransport,
  keys: Keys,
): Promise<{ bytes: number; ms: number }> {
  await cp(filled, copy, { recursive: true });
  // The disk must not be busy with the copy while the parts leave.
  run("sync", ["-f", copy]);
  const spool = await openSpool(copy, { limitBytes: 1e10 });
  const client = new SignedClient({
    transport,
    clock: systemClock,
    serverClock: new ServerClock(systemClock),
    random: systemRandom,
    softwareVersion: "1",
    counters: { requests: 0, failures: 0 },
    signer: ecdsaSigner("appliance", createPrivateKey(keys.appliance)),
    replyKeys: new Map([["reply", ecdsaVerifier(createPublicKey(createPrivateKey(keys.reply)))]]),
  });
  let bytes = 0;
  const refuse = async () => Promise.reject(new Error("not asked for"));
  const uploader = new Uploader({
    spool,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    results: {
      sendPart: async ({ job }, number, content, signal) => {
        bytes += content.content.length;
        return sendPart(client, url, job, number, content, signal);
      },
      listParts: refuse,
      sendCompletion: refuse,
    },
    finished: refuse,
    unknown: refuse,
    changed: () => undefined,
  });
  const startedMs = performance.now();
  await uploader.sendAll(new AbortController().signal);
  const ms = performance.now() - startedMs;
  if (spool.waitingParts > 0) throw new Error("parts were left");
  return { bytes, ms };
}

/**
 * Writes the parts of a filled spool as files, and a configuration by which curl sends them as the
 * agent does: one request a part, each with its signature, which is made here beforehand.
 */
export async function writeForCurl(
  filled: string,
  folder: string,
  url: string,
  keys: Keys,
  options: readonly string[],
): Promise<{ file: string; bytes: number }> {
  const spool = await openSpool(filled, { limitBytes: 1e10 });
  const signer = ecdsaSigner("appliance", createPrivateKey(keys.appliance));
  await mkdir(folder);
  const requests: string[] = [];
  let bytes = 0;
  for (const job of spool.jobs()) {
    for (const part of job.parts.waiting()) {
      const content = await contentOf(job, part);
      bytes += content.length;
      const address = new URL(
        `${url}/jobs/${job.job.id}/attempts/${job.job.attempt}/parts/${part.number}`,
      );
      const signed = signRequest(
        { method: "PUT", url: address, content },
        signer,
        Date.now(),
        "0123456789abcdef",
      );
      const path = join(folder, String(part.number));
      await writeFile(path, content);
      const fields = Object.entries({ ...signed, expect: "" }).map(
        ([name, value]) => `header = ${quoted(`${name}:${value === "" ? "" : ` ${value}`}`)}`,
      );
      requests.push(
        [
          `url = ${quoted(address.href)}`,
          `upload-file = ${quoted(path)}`,
          'output = "/dev/null"',
          "fail",
          ...options,
          ...fields,
        ].join("\n"),
      );
    }
  }
  const file = join(folder, "curl.conf");
  await writeFile(file, requests.join("\nnext\n"));
  return { file, bytes };
}

async function contentOf(
  { parts }: JobFolder,
  part: Parameters<JobFolder["parts"]["read"]>[0],
): Promise<Uint8Array> {
  const read = await parts.read(part);
  if (!read) throw new Error("a part cannot be read");
  return read.content;
}

const quoted = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;

export function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: "utf8",
    maxBuffer: 2 ** 24,
  });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return stdout;
}
