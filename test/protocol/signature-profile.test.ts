import { generateKeyPairSync, randomBytes } from "node:crypto";
import test from "ava";
import fc from "fast-check";
import {
  claimedSignature,
  type ReceivedFields,
} from "../../src/protocol/signature/claimed-signature.ts";
import { ecdsaSigner, ecdsaVerifier, hmacKey } from "../../src/protocol/signature/keys.ts";
import {
  type ReplyKind,
  type SignableReply,
  type SignableRequest,
  signReply,
  signRequest,
  verifyReply,
  verifyRequest,
} from "../../src/protocol/signature/profile.ts";

const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const signer = ecdsaSigner("appliance-1", pair.privateKey);
const verifier = ecdsaVerifier(pair.publicKey);
const createdMs = 1_790_000_000_000;

const request: SignableRequest = {
  method: "POST",
  url: new URL("https://jobs.example.org/jobs/v1/jobs?after=3"),
  content: Buffer.from('{"a":1}'),
};
const requestFields = signRequest(request, signer, createdMs, "nonce-1");
const reply: SignableReply = { status: 200, content: Buffer.from('{"jobs":[]}') };
const replyFields = signReply(
  "answer",
  reply,
  request,
  requestFields,
  signer,
  createdMs,
  "nonce-2",
);

test("a signed message verifies, and gives key id, time and nonce", (t) => {
  t.deepEqual(verifyRequest(request, requestFields, verifier), {
    ok: true,
    keyId: "appliance-1",
    createdMs,
    nonce: "nonce-1",
  });
  t.deepEqual(verifyReply("answer", reply, replyFields, request, requestFields, verifier), {
    ok: true,
    keyId: "appliance-1",
    createdMs,
    nonce: "nonce-2",
  });
});

test("the activation code's key signs by the same profile", (t) => {
  const key = hmacKey("code:ABCDE", randomBytes(32));
  t.true(verifyRequest(request, signRequest(request, key, createdMs, "n"), key).ok);
  t.deepEqual(verifyRequest(request, signRequest(request, key, createdMs, "n"), verifier), {
    ok: false,
    fault: "algorithm",
  });
});

const alteredRequests: [string, SignableRequest][] = [
  ["method", { ...request, method: "PUT" }],
  ["host", { ...request, url: new URL("https://other.example.org/jobs/v1/jobs?after=3") }],
  ["port", { ...request, url: new URL("https://jobs.example.org:8443/jobs/v1/jobs?after=3") }],
  ["path", { ...request, url: new URL("https://jobs.example.org/jobs/v1/jobz?after=3") }],
  ["query", { ...request, url: new URL("https://jobs.example.org/jobs/v1/jobs?after=4") }],
  ["content", { ...request, content: Buffer.from('{"a":2}') }],
];
for (const [what, altered] of alteredRequests) {
  test(`a request with another ${what} does not pass`, (t) => {
    t.false(verifyRequest(altered, requestFields, verifier).ok);
  });
}

test("a reply with another status or content, or to another request, does not pass", (t) => {
  t.false(
    verifyReply("answer", { ...reply, status: 201 }, replyFields, request, requestFields, verifier)
      .ok,
  );
  t.false(
    verifyReply(
      "answer",
      { ...reply, content: Buffer.from("{}") },
      replyFields,
      request,
      requestFields,
      verifier,
    ).ok,
  );
  const sameRequestLater = signRequest(request, signer, createdMs + 1000, "nonce-3");
  t.false(verifyReply("answer", reply, replyFields, request, sameRequestLater, verifier).ok);
  for (const [, altered] of alteredRequests.slice(0, 5))
    t.false(verifyReply("answer", reply, replyFields, altered, requestFields, verifier).ok);
});

const asReceived: [string, ReceivedFields][] = [
  ["content-digest", { ...requestFields, "content-digest": "sha-256=:AAAA:" }],
  [
    "key id",
    {
      ...requestFields,
      "signature-input": requestFields["signature-input"].replace("appliance-1", "appliance-2"),
    },
  ],
  [
    "time",
    {
      ...requestFields,
      "signature-input": requestFields["signature-input"].replace("created=1", "created=2"),
    },
  ],
  [
    "nonce",
    {
      ...requestFields,
      "signature-input": requestFields["signature-input"].replace("nonce-1", "nonce-2"),
    },
  ],
  ["list of components", { ...requestFields, "signature-input": "outrider=()" }],
  ["signature", { ...requestFields, signature: "outrider=:AAAA:" }],
  ["nothing", {}],
];
for (const [what, received] of asReceived) {
  test(`a reply to what somebody on the way made of a request, with another ${what}, does not fit to what was sent`, (t) => {
    for (const kind of ["answer", "refusal"] as const) {
      const fields = signReply(kind, reply, request, received, signer, createdMs, "nonce-2");
      t.false(verifyReply(kind, reply, fields, request, requestFields, verifier).ok);
    }
  });
}

test("a refusal cannot be passed off as an answer, nor the other way round", (t) => {
  const kinds: ReplyKind[] = ["answer", "refusal", "older-answer"];
  for (const kind of kinds) {
    const fields = signReply(kind, reply, request, requestFields, signer, createdMs, "nonce-2");
    for (const other of kinds)
      t.is(
        verifyReply(other, reply, fields, request, requestFields, verifier).ok,
        other === kind,
        `${kind} as ${other}`,
      );
  }
});

test("a request's signature cannot be passed off as a reply's, nor a reply's as a request's", (t) => {
  t.false(verifyRequest(request, replyFields, verifier).ok);
  t.false(verifyReply("answer", reply, requestFields, request, requestFields, verifier).ok);
});

test("a signature that covers fewer components does not pass, although it is genuine", (t) => {
  const bare = requestFields["signature-input"].replace(' "content-digest"', "");
  t.deepEqual(verifyRequest(request, { ...requestFields, "signature-input": bare }, verifier), {
    ok: false,
    fault: "malformed",
  });
});

test("a missing field and a wrong one are different faults", (t) => {
  for (const name of ["content-digest", "signature-input", "signature"] as const) {
    const fields: ReceivedFields = { ...requestFields };
    delete fields[name];
    t.deepEqual(verifyRequest(request, fields, verifier), { ok: false, fault: "missing" });
  }
});

test("another created, nonce or key id than the signed one does not pass", (t) => {
  const input = requestFields["signature-input"];
  for (const [from, to] of [
    ["created=1790000000", "created=1790000001"],
    ["nonce-1", "nonce-x"],
    ["appliance-1", "appliance-2"],
  ] as const) {
    t.true(input.includes(from));
    t.deepEqual(
      verifyRequest(
        request,
        { ...requestFields, "signature-input": input.replace(from, to) },
        verifier,
      ),
      { ok: false, fault: "signature" },
    );
  }
});

test("no text in the fields makes the reader throw or verifies", (t) => {
  const pieces = fc.constantFrom(
    "outrider=",
    '("@method")',
    ";created=1",
    ';nonce="',
    '"',
    ";keyid=",
    ":",
    "AAAA",
    "\\",
    "=",
    "(",
    ")",
    "\n",
    "ü",
  );
  const soup = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(soup, soup, soup, (digest, input, signature) => {
      const fields = { "content-digest": digest, "signature-input": input, signature };
      claimedSignature(fields);
      return (
        !verifyRequest(request, fields, verifier).ok &&
        !verifyReply("answer", reply, fields, request, fields, verifier).ok
      );
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test("one flipped bit anywhere in the fields does not pass", (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom("content-digest", "signature-input", "signature"),
      fc.nat(),
      fc.integer({ min: 0, max: 6 }),
      (name, place, bit) => {
        const text = requestFields[name as keyof typeof requestFields];
        const index = place % text.length;
        const flipped =
          text.slice(0, index) +
          String.fromCharCode(text.charCodeAt(index) ^ (1 << bit)) +
          text.slice(index + 1);
        return !verifyRequest(request, { ...requestFields, [name]: flipped }, verifier).ok;
      },
    ),
    { numRuns: 1000 },
  );
  t.pass();
});
