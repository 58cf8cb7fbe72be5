import { createHash, randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import test, { type ExecutionContext } from "ava";
import { HttpTransport } from "../../src/transport/http-transport.ts";
import { patientMs } from "../testkit/patience.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { startOrigin } from "../testkit/proxies/origin.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";

async function start(t: ExecutionContext, listener: RequestListener) {
  const authority = await makeTestAuthority();
  const origin = await startOrigin(await authority.issue(["platform.example.org"]), listener);
  const transport = new HttpTransport({
    proxy: null,
    trust: { certificateAuthorities: [authority.certificate], allowUnknownIssuer: false },
    resolve: async () => ["127.0.0.1"],
    limits: patientLimits,
  });
  t.teardown(async () => {
    await transport.close();
    await origin.close();
  });
  const put = (content: Uint8Array) =>
    transport.request({
      method: "PUT",
      url: new URL(`https://platform.example.org:${origin.port}/x`),
      headers: { "x-own": "1" },
      content,
      limitMs: patientMs,
    });
  return { put, origin };
}

for (const bytes of [2 ** 20, 2 ** 20 + 1, 5_000_000]) {
  test(`a content of ${bytes} bytes arrives whole, with its length and not in chunks, over a connection that is kept`, async (t) => {
    const { put, origin } = await start(t, (request, reply) => {
      const hash = createHash("sha256");
      request.on("data", (chunk: Buffer) => hash.update(chunk));
      request.on("end", () => {
        const {
          "content-length": length,
          "transfer-encoding": coding,
          "x-own": own,
        } = request.headers;
        reply.end(JSON.stringify({ length, coding, own, sha256: hash.digest("hex") }));
      });
    });
    const content = randomBytes(bytes);
    for (let round = 0; round < 2; round++) {
      const reply = await put(content);
      const said: unknown = JSON.parse(Buffer.from(reply.content).toString("utf8"));
      t.deepEqual(said, {
        length: String(bytes),
        own: "1",
        sha256: createHash("sha256").update(content).digest("hex"),
      });
    }
    t.is(origin.connections(), 1);
  });
}

test("a refusal that comes while a large content is still being sent is heard, and the next request is answered", async (t) => {
  const { put } = await start(t, (request, reply) => {
    if (request.headers["content-length"] === "2")
      return void request.resume().on("end", () => reply.end("{}"));
    // The server reads nothing of the content before it answers, and the connection stays open.
    reply.writeHead(413).end("{}");
  });
  t.is((await put(randomBytes(30_000_000))).status, 413);
  t.is((await put(Buffer.from("{}"))).status, 200);
});
