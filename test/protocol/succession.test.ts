import { generateKeyPairSync } from "node:crypto";
import test from "ava";
import fc from "fast-check";
import type { ReplyKey } from "../../src/protocol/schemas/common.ts";
import type { Succession } from "../../src/protocol/schemas/enrolment.ts";
import { ecdsaSigner } from "../../src/protocol/signature/keys.ts";
import { replyKeyId, successorsOf, vouchFor } from "../../src/protocol/signature/succession.ts";
import { validators } from "../../src/protocol/validators.ts";

function made(endsAt?: number) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const text = publicKey.export({ type: "spki", format: "der" }).toString("base64");
  const keyId = replyKeyId(text);
  const key: ReplyKey = { keyId, publicKey: text, ...(endsAt === undefined ? {} : { endsAt }) };
  return { key, signer: ecdsaSigner(keyId, privateKey) };
}

const [first, second, third, fourth] = [made(100), made(200), made(300), made(400)] as const;
const chain = [
  vouchFor(second.key, first.signer),
  vouchFor(third.key, second.signer),
  vouchFor(fourth.key, third.signer),
];
const idsOf = (keys: readonly ReplyKey[]) => keys.map(({ keyId }) => keyId).sort();

test("from any key of a chain the later ones follow, in whatever order they come", (t) => {
  const all = [first, second, third, fourth].map(({ key }) => key);
  for (const [index, key] of all.entries())
    for (const order of [chain, [...chain].reverse()])
      t.deepEqual(idsOf(successorsOf([key], order, 50)), idsOf(all.slice(index + 1)));
});

test("a key that has ended vouches for nothing, and none follows a gap", (t) => {
  t.deepEqual(successorsOf([first.key], chain, 100), []);
  t.deepEqual(idsOf(successorsOf([second.key], chain, 100)), idsOf([third.key, fourth.key]));
  t.deepEqual(successorsOf([first.key], chain.slice(1), 50), []);
});

test("whatever is altered in a succession, no other key follows", (t) => {
  const honest = new Set([first, second, third, fourth].map(({ key }) => key.publicKey));
  const evil = made();
  const text = fc.oneof(
    fc.string({ maxLength: 50 }),
    fc.constantFrom(first.key.keyId, second.key.keyId, evil.key.keyId, evil.key.publicKey),
  );
  const altered = fc.record(
    {
      index: fc.nat(chain.length - 1),
      from: text,
      keyId: text,
      publicKey: text,
      endsAt: fc.nat(),
      signature: fc.oneof(text, fc.constant(vouchFor(evil.key, evil.signer).signature)),
    },
    { requiredKeys: ["index"] },
  );
  fc.assert(
    fc.property(fc.array(altered, { maxLength: 4 }), (changes) => {
      const sent: Succession[] = changes.flatMap(
        ({ index, from, keyId, publicKey, endsAt, signature }) => {
          const right = chain[index];
          if (!right) return [];
          return [
            {
              from: from ?? right.from,
              to: {
                keyId: keyId ?? right.to.keyId,
                publicKey: publicKey ?? right.to.publicKey,
                ...((endsAt ?? right.to.endsAt) === undefined
                  ? {}
                  : { endsAt: endsAt ?? right.to.endsAt ?? 0 }),
              },
              signature: signature ?? right.signature,
            },
          ];
        },
      );
      const followers = successorsOf([first.key], sent, 50);
      t.true(followers.every(({ publicKey }) => honest.has(publicKey)));
      const isOwn = (key: ReplyKey) =>
        [second, third, fourth].some(
          (each) => each.key.keyId === key.keyId && each.key.endsAt === key.endsAt,
        );
      t.true(followers.every(isOwn));
    }),
    { numRuns: 2000 },
  );
});

test("whatever comes as a list of successions is a list within its limits, or none", (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const checked = validators.SuccessionsReply(value);
      if (checked.valid) successorsOf([first.key], checked.value.successions, 50);
    }),
  );
  const many = { successions: Array.from({ length: 101 }, () => chain[0]), revoked: [] };
  t.false(validators.SuccessionsReply(many).valid);
  t.true(validators.SuccessionsReply({ successions: chain, revoked: [] }).valid);
});
