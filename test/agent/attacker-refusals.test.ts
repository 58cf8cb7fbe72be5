import test, { type ExecutionContext } from "ava";
import { attackedAppliance } from "../testkit/agent/attacked-appliance.ts";
import type { Attack, ChangedRequest, PassedRequest } from "../testkit/agent/attacker.ts";
import { exampleEnd, exampleHost } from "../testkit/agent/scan-examples.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

/**
 * An inspecting proxy makes the platform refuse a request that the appliance never sent, and passes
 * the platform's own, signed refusal on. Nothing may be thrown away for it.
 */
let platform: TestPlatform;
test.before(async () => {
  platform = await startPlatform();
});
test.after.always(async () => {
  await platform?.remove();
});

const unknownId = "00000000-0000-4000-8000-0000000000ff";
const withField = (request: PassedRequest, name: string, change: (text: string) => string) => ({
  headers: { ...request.headers, [name]: change(request.headers[name] ?? "") },
});

/** What the attacker makes of a request before the platform gets it. */
const changes: [string, (request: PassedRequest) => ChangedRequest][] = [
  ["announces 9 MB and sends nothing", () => ({ announcedLength: 9_000_000 })],
  ["sends 9 MB", () => ({ content: Buffer.alloc(9_000_000, 0x20) })],
  ["sends no content", () => ({ content: Buffer.alloc(0) })],
  ["sends other content", () => ({ content: Buffer.from('{"error":{"code":"not-found"}}') })],
  [
    "names another appliance",
    (request) =>
      withField(request, "signature-input", (text) =>
        text.replace(/keyid="[^"]*"/, `keyid="${unknownId}"`),
      ),
  ],
  [
    "names a code",
    (request) =>
      withField(request, "signature-input", (text) =>
        text.replace(/keyid="[^"]*"/, 'keyid="code:ABCDE"'),
      ),
  ],
  [
    "sets the time back",
    (request) =>
      withField(request, "signature-input", (text) => text.replace(/created=\d+/, "created=1")),
  ],
  [
    "asks for another job",
    (request) => ({ path: request.path.replace(/jobs\/[0-9a-f-]{36}/, `jobs/${unknownId}`) }),
  ],
  [
    "asks for another attempt",
    (request) => ({ path: request.path.replace(/attempts\/1/, "attempts/2") }),
  ],
  ["asks for a path that is not there", () => ({ path: "/results/v1/nothing" })],
  ["asks with another method", () => ({ method: "POST" })],
  ["takes the signature away", ({ headers: { signature: _, ...headers } }) => ({ headers })],
  [
    "takes the signature's parameters away",
    ({ headers: { "signature-input": _, ...headers } }) => ({ headers }),
  ],
  ["takes the digest away", ({ headers: { "content-digest": _, ...headers } }) => ({ headers })],
  [
    "says that the content is compressed",
    (request) => ({ headers: { ...request.headers, "content-encoding": "gzip" } }),
  ],
  [
    "claims an earlier version of the protocol",
    (request) =>
      withField(request, "signature-input", (text) =>
        text.replace("outrider-request-2", "outrider-request-1"),
      ),
  ],
];

async function scanned(t: ExecutionContext) {
  const appliance = await attackedAppliance(t, platform);
  const { applianceId, spool, fetchJobs } = appliance;
  const scan = await platform.api.startScan({ applianceId, targets: ["192.0.2.0/28"] });
  await fetchJobs();
  const [folder] = spool.jobs();
  if (!folder) throw new Error("no job");
  for (const shard of [1, 2, 3])
    await folder.writeParts(shard, [
      exampleHost(`192.0.2.${shard}`),
      exampleHost(`192.0.2.${shard + 4}`),
    ]);
  await folder.writeCompletion(exampleEnd);
  return { ...appliance, folder, scan };
}

const all = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.5", "192.0.2.6", "192.0.2.7"];

for (const [what, change] of changes) {
  // One after the other: each has a proxy and an appliance of its own.
  test.serial(
    `an inspecting proxy that ${what} costs no part of a result, ends no job and withdraws no access`,
    async (t) => {
      const { attacker, session, uploader, folder, scan, fetchJobs, never } = await scanned(t);
      const onlyParts: Attack = (request, forward) =>
        request.method === "PUT" ? forward(change(request)) : forward();
      const allRequests: Attack = (request, forward) => forward(change(request));
      for (const attack of [onlyParts, allRequests]) {
        attacker.attack = attack;
        for (let round = 0; round < 3; round++) {
          await uploader.sendAll(never).catch(() => undefined);
          await fetchJobs().catch(() => undefined);
        }
        t.deepEqual(folder.parts.lost(), [], "no part is given up");
      }
      attacker.attack = (_, forward) => forward();
      await fetchJobs();
      await uploader.sendAll(never);
      t.is((await platform.api.scan(scan.id)).state, "completed");
      t.deepEqual((await platform.api.results(scan.id)).map(({ address }) => address).sort(), all);
      t.is(session.identity.refused ?? null, null);
    },
  );
}
