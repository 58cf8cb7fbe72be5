import { generateKeyPairSync } from "node:crypto";
import test from "ava";
import { ecdsaSigner } from "../../src/protocol/signature/keys.ts";
import { signReply } from "../../src/protocol/signature/profile.ts";
import type { TransportReply } from "../../src/transport/http-transport.ts";
import { json, platform, run, short, surroundings, through, url } from "./surroundings.ts";

const keyPair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const own = keyPair();
const known = {
  ...platform,
  configuration: {
    ...platform.configuration,
    replyKeys: [
      {
        keyId: "platform-1",
        publicKey: own.publicKey.export({ format: "der", type: "spki" }).toString("base64"),
      },
    ],
  },
};

/** The platform's refusal of an unsigned GET, signed for that URL. */
function signed(
  host: string,
  { keyId = "platform-1", key = own.privateKey, path = "" } = {},
): TransportReply {
  const asked = new URL(`${url(host.split(".")[0] ?? "")}${path}`);
  const fields = signReply(
    "refusal",
    json,
    { method: "GET", url: asked },
    {},
    ecdsaSigner(keyId, key),
    Date.UTC(2026, 0, 1),
    "nonce-0000000000",
  );
  return { ...json, headers: { ...json.headers, ...fields } };
}

const outcomeWith = async (reply: (host: string) => TransportReply) => {
  const results = await run(
    {
      platform: known,
      transport: (observe) => {
        const { transport } = surroundings({}, (host) => ({ ...through, reply: reply(host) }));
        const inner = transport(observe);
        return {
          close: inner.close,
          // The upload is refused like any unsigned request.
          request: async (request) =>
            request.method === "PUT" ? json : await inner.request(request),
        };
      },
    },
    undefined,
    "service:health",
  );
  return short(results)[0];
};

test("a service's answer counts when the platform signed it for this very request", async (t) => {
  t.is(await outcomeWith((host) => signed(host)), "service:health ok");
});

test("an answer without a signature is not the platform's, as the agent says too", async (t) => {
  t.is(await outcomeWith(() => json), "service:health failed reply-unsigned");
});

test("nor is one that was altered, is of another key or answers another request", async (t) => {
  const forged = "service:health failed reply-forged";
  const altered = (host: string) => ({ ...signed(host), content: Buffer.from("{}") });
  t.is(await outcomeWith(altered), forged);
  t.is(await outcomeWith((host) => ({ ...signed(host), status: 200 })), forged);
  t.is(await outcomeWith((host) => signed(host, { keyId: "platform-2" })), forged);
  t.is(await outcomeWith((host) => signed(host, { key: keyPair().privateKey })), forged);
  t.is(await outcomeWith((host) => signed(host, { path: "?another" })), forged);
});

test("before the enrolment no key is known, and any answer shows that the service is there", async (t) => {
  t.true(short(await run({})).includes("service:platform ok"));
});
