import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { OutriderError } from "../../src/base/messages/error.ts";
import type { ErrorCode } from "../../src/base/messages/error-codes.ts";
import { askServer, type ServerAnswer } from "../../src/tools/look-up/ask-server.ts";
import { systemResolve } from "../../src/transport/stages/resolve.ts";
import { startDnsServer, wireName } from "../testkit/dns-server.ts";
import { patientMs } from "../testkit/patience.ts";

const name = "platform.example.org";
const alias = { type: "CNAME", data: wireName("gone.example.org") } as const;
const loop = [
  { type: "CNAME", data: wireName(name) },
  { type: "CNAME", data: wireName(name) },
] as const;
const address = { data: Buffer.from([192, 0, 2, 7]) };
const servfail = 2;

interface Case {
  title: string;
  a: Parameters<typeof startDnsServer>[1][string];
  aaaa: Parameters<typeof startDnsServer>[1][string];
  code: ErrorCode | null;
  outcome: ServerAnswer["outcome"];
}

const cases: Case[] = [
  {
    title: "an alias of a name without addresses",
    a: [alias],
    aaaa: [alias],
    code: "dns-not-found",
    outcome: "no-record",
  },
  {
    title: "aliases in a circle",
    a: loop,
    aaaa: loop,
    code: "dns-not-found",
    outcome: "no-record",
  },
  {
    title: "an alias without IPv4, and nothing of IPv6",
    a: [alias],
    aaaa: [],
    code: "dns-not-found",
    outcome: "no-record",
  },
  {
    title: "an alias without IPv4, and a failure for IPv6",
    a: [alias],
    aaaa: servfail,
    code: "dns-refused",
    outcome: "refused",
  },
  {
    title: "an alias whose IPv4 address comes with it",
    a: [alias, { ...address, type: "A" }],
    aaaa: [alias],
    code: null,
    outcome: "found",
  },
  {
    title: "bytes that are no answer",
    a: Buffer.from("what is this"),
    aaaa: Buffer.from("what is this"),
    code: "dns-refused",
    outcome: "refused",
  },
  {
    title: "an address of three bytes",
    a: [{ data: Buffer.from([192, 0, 2]) }],
    aaaa: [],
    code: "dns-refused",
    outcome: "refused",
  },
];

for (const { title, a, aaaa, code, outcome } of cases)
  test(`a server that answers is not called silent: ${title}`, async (t) => {
    const port = await startDnsServer(t, { [`${name} A`]: a, [`${name} AAAA`]: aaaa });
    const folder = await mkdtemp(join(tmpdir(), "outrider-resolve-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const paths = { hosts: join(folder, "hosts"), resolver: join(folder, "resolv.conf") };
    await writeFile(paths.hosts, "");
    await writeFile(paths.resolver, `nameserver 127.0.0.1:${port}\n`);
    const { signal } = new AbortController();
    const seen = await systemResolve(paths, patientMs)(name, signal).catch((error) => error);
    t.is(seen instanceof OutriderError ? seen.code : null, code);
    const question = { name, type: "address" } as const;
    t.is((await askServer("127.0.0.1", question, signal, port)).outcome, outcome);
  });
