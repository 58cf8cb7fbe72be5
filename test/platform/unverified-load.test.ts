import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import test, { type ExecutionContext } from "ava";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { CertificateAuthority } from "../../src/platform/certificates/authority.ts";
import { makeApp } from "../../src/platform/https/server.ts";
import { signRequest } from "../../src/protocol/signature/profile.ts";
import type { TestAppliance } from "../testkit/platform/appliance.ts";
import { enrolAt } from "../testkit/platform/enrol.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

/** Strangers who know no key, but perhaps an appliance's id, which every inspecting proxy reads. */
let platform: TestPlatform;
let appliance: TestAppliance;
test.before(async () => {
  platform = await startPlatform();
  appliance = await enrolAt(platform);
});
test.after.always(async () => {
  await platform?.remove();
});

const partUrl = () =>
  new URL(
    `${appliance.configuration.directory.services.results}/jobs/00000000-0000-4000-8000-000000000000/attempts/1/parts/0`,
  );

async function open(t: ExecutionContext, port: number, ca: string): Promise<TLSSocket> {
  const socket = connect({ port, host: "127.0.0.1", ca });
  socket.on("error", () => undefined);
  t.teardown(() => socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

/** The status of the reply, as soon as its head is here; the connection stays open. */
async function statusOf(socket: TLSSocket): Promise<string> {
  let text = "";
  while (!text.includes("\r\n\r\n")) {
    const [bytes] = await once(socket, "data");
    text += String(bytes);
  }
  return text.slice(0, text.indexOf("\r\n"));
}

const headOf = (fields: Record<string, string>) =>
  Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");

async function memoryKilobytes(): Promise<number> {
  const status = await readFile(`/proc/${platform.processId}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
}

test("uploads with a worthless signature are refused on their head: 80 of 8 MiB that never come cost no memory", async (t) => {
  const url = partUrl();
  const content = Buffer.alloc(64);
  const fields = signRequest(
    { method: "PUT", url, content },
    { ...appliance.signer, sign: () => Buffer.alloc(64, 1) },
    Date.now(),
    "a-nonce-that-is-long-enough",
  );
  const before = await memoryKilobytes();
  const begin = async () => {
    const socket = await open(t, platform.port, platform.certificateAuthority);
    socket.write(
      `PUT ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-length: 8388000\r\n${headOf({ ...fields })}\r\n`,
    );
    const status = await statusOf(socket);
    // Half of the content, after the refusal.
    socket.write(Buffer.alloc(4 * 2 ** 20));
    return status;
  };
  for (let eight = 0; eight < 10; eight++) {
    const statuses = await Promise.all(Array.from({ length: 8 }, begin));
    t.true(
      statuses.every((status) => status.startsWith("HTTP/1.1 401")),
      String(statuses),
    );
  }
  const grown = (await memoryKilobytes()) - before;
  t.true(grown < 120_000, `${grown} KiB`);
});

for (const [what, keyId] of [
  ["no appliance", "00000000-0000-4000-8000-0000000000ff"],
  ["a code", "code:00000"],
] as const) {
  test(`a caller who names ${what} is refused before any content`, async (t) => {
    const url = partUrl();
    const fields = signRequest(
      { method: "PUT", url, content: Buffer.alloc(1) },
      { ...appliance.signer, keyId },
      Date.now(),
      "a-nonce-that-is-long-enough",
    );
    const socket = await open(t, platform.port, platform.certificateAuthority);
    socket.write(
      `PUT ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\ntransfer-encoding: chunked\r\n${headOf({ ...fields })}\r\n`,
    );
    t.regex(await statusOf(socket), /^HTTP\/1\.1 40[13]/);
  });
}

test("uploads of the size of a part are refused when they are whole, and 80 of them cost no memory", async (t) => {
  const service = new URL(appliance.configuration.directory.services.results);
  const bytes = 4_000_000;
  const begin = async () => {
    const socket = await open(t, platform.port, platform.certificateAuthority);
    let received = "";
    socket.on("data", (data) => {
      received += String(data);
    });
    socket.write(
      `PUT ${service.pathname} HTTP/1.1\r\nhost: ${service.host}\r\ncontent-length: ${bytes}\r\n\r\n`,
    );
    await new Promise((resolve) => socket.write(Buffer.alloc(bytes - 1), resolve));
    return { socket, reply: () => received };
  };
  const before = await memoryKilobytes();
  for (let eight = 0; eight < 10; eight++) {
    const waiting = await Promise.all(Array.from({ length: 8 }, begin));
    // Asked after those, and answered at once.
    const other = await open(t, platform.port, platform.certificateAuthority);
    other.write(`GET ${service.pathname} HTTP/1.1\r\nhost: ${service.host}\r\n\r\n`);
    t.regex(await statusOf(other), /^HTTP\/1\.1 401/);
    t.true(waiting.every(({ reply }) => reply() === ""));
    await Promise.all(
      waiting.map(async ({ socket, reply }) => {
        const answered = once(socket, "data");
        socket.write(Buffer.alloc(1));
        await answered;
        t.regex(reply(), /^HTTP\/1\.1 401/);
      }),
    );
  }
  const grown = (await memoryKilobytes()) - before;
  t.true(grown < 120_000, `${grown} KiB`);
});

test("a head that was right once makes nobody known: its connections are bounded as a stranger's", async (t) => {
  const url = partUrl();
  const old = signRequest(
    { method: "GET", url, content: new Uint8Array() },
    appliance.signer,
    Date.now() - 30 * 24 * 60 * 60_000,
    "a-nonce-that-is-long-enough",
  );
  const begin = async () => {
    const socket = await open(t, platform.port, platform.certificateAuthority);
    socket.write(`GET ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\n${headOf({ ...old })}\r\n`);
    t.regex(await statusOf(socket), /^HTTP\/1\.1 401/);
    return socket;
  };
  const oldest = await begin();
  const ended = closed(oldest);
  // The platform keeps 1,000 connections of strangers; other tests here have a few.
  for (let twenty = 0; twenty < 51; twenty++) await Promise.all(Array.from({ length: 20 }, begin));
  await ended;
  t.true(oldest.destroyed);
});

test("forms of somebody without a session are answered before any content", async (t) => {
  const socket = await open(t, platform.port, platform.certificateAuthority);
  socket.write(
    "POST /settings HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 200000\r\n\r\n",
  );
  t.regex(await statusOf(socket), /^HTTP\/1\.1 (303|401)/);
});

test("the API answers somebody without the token before any content", async (t) => {
  const socket = await open(t, platform.port, platform.certificateAuthority);
  socket.write(
    "POST /api/scans HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 200000\r\n\r\n",
  );
  t.regex(await statusOf(socket), /^HTTP\/1\.1 40[13]/);
});

/** The platform's own server with small limits, so that a test need not wait. */
async function limited(t: ExecutionContext, limits: { strangers?: number } = {}) {
  const authority = await CertificateAuthority.load(
    await CertificateAuthority.make("Test", systemClock, systemRandom),
    systemClock,
    systemRandom,
  );
  const windows = new Set<() => void>();
  const { app, server } = makeApp(
    await authority.issueServer(["127.0.0.1"]),
    [authority.certificate],
    {
      pace: {
        windowMs: 30_000,
        leastBytes: 8192,
        lingerMs: 50,
        everyWindow: (_windowMs, ended) => {
          windows.add(ended);
          return () => windows.delete(ended);
        },
      },
      strangers: limits.strangers ?? 1000,
    },
  );
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.post("/", async (request) => ({
    bytes: request.body instanceof Uint8Array ? request.body.length : 0,
  }));
  app.post("/refused", {
    onRequest: async (_request, reply) => reply.code(403).send("no"),
    handler: async () => "never",
  });
  app.get("/known", async (request) => {
    app.strangers.forget(request.raw.socket);
    return "known";
  });
  app.get("/", async () => "hello");
  await app.ready();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(async () => {
    // Fastify closes only a server on which it called listen itself.
    server.close();
    server.closeAllConnections();
    await app.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const begin = () => open(t, port, authority.certificate);
  const windowEnds = () => {
    for (const ended of [...windows]) ended();
  };
  let asked: Socket | null = null;
  server.on("request", ({ socket }: IncomingMessage) => {
    asked = socket;
  });
  /** Until the server has counted so many bytes over the connection of its only request. */
  const untilArrived = async (bytes: number): Promise<number> => {
    while ((asked?.bytesRead ?? 0) < bytes) {
      if (asked?.destroyed) throw new Error("the connection was cut off");
      await new Promise((resolve) => setImmediate(resolve));
    }
    return asked?.bytesRead ?? 0;
  };
  return { app, begin, windowEnds, untilArrived };
}

const post = (path: string, length: number) =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: ${length}\r\n\r\n`;

/** Unlike `once`, also when the connection was reset. */
const closed = (socket: TLSSocket) =>
  new Promise<void>((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once("close", () => resolve());
  });

test("content that comes too slowly is cut off", async (t) => {
  const { begin, windowEnds, untilArrived } = await limited(t);
  const socket = await begin();
  socket.write(post("/", 100_000));
  const first = await untilArrived(1);
  socket.write(Buffer.alloc(20_000));
  const second = await untilArrived(first + 20_000);
  windowEnds();
  socket.write(Buffer.alloc(5000));
  await untilArrived(second + 5000);
  t.false(socket.destroyed, "as long as enough came in each window");
  windowEnds();
  await closed(socket);
  t.pass();
});

test("content that keeps pace is taken, however long it takes", async (t) => {
  const { begin, windowEnds, untilArrived } = await limited(t);
  const socket = await begin();
  socket.write(post("/", 200_000));
  const reply = statusOf(socket);
  let arrived = await untilArrived(1);
  for (let piece = 0; piece < 19; piece++) {
    socket.write(Buffer.alloc(10_000));
    arrived = await untilArrived(arrived + 10_000);
    windowEnds();
  }
  socket.write(Buffer.alloc(10_000));
  t.is(await reply, "HTTP/1.1 200 OK");
});

test("a refused caller can read its refusal, and is cut off when it goes on sending", async (t) => {
  const { begin } = await limited(t);
  const socket = await begin();
  socket.write(post("/refused", 8_000_000));
  t.regex(await statusOf(socket), /403/);
  const more = setInterval(() => socket.write(Buffer.alloc(1000)), 5);
  await closed(socket);
  clearInterval(more);
  t.pass();
});

test("connections of strangers are bounded: the oldest goes, and who is known stays", async (t) => {
  const { app, begin } = await limited(t, { strangers: 5 });
  const known = await begin();
  known.write("GET /known HTTP/1.1\r\nhost: x\r\n\r\n");
  t.regex(await statusOf(known), /200/);
  const strangers: TLSSocket[] = [];
  for (let each = 0; each < 5; each++) strangers.push(await begin());
  const [oldest, ...others] = strangers;
  if (!oldest) return t.fail();
  const ended = closed(oldest);
  const newest = await begin();
  await ended;
  t.is(app.strangers.count, 5);
  for (const socket of [known, newest, ...others]) {
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    t.regex(await statusOf(socket), /200/);
  }
});
