import { createPublicKey } from "node:crypto";
import test from "ava";
import {
  contentDigest,
  contentDigestMatches,
} from "../../src/protocol/signature/content-digest.ts";
import { ecdsaVerifier, hmacKey } from "../../src/protocol/signature/keys.ts";
import { signatureBase, signatureParameters } from "../../src/protocol/signature/signature-base.ts";

const quoted = (name: string, value: string) => ({ identifier: `"${name}"`, value });

test("RFC 9421 appendix B.2.4: the response signed with ecdsa-p256-sha256 verifies", (t) => {
  const key = createPublicKey(
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf\nw0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==\n-----END PUBLIC KEY-----\n",
  );
  const components = [
    quoted("@status", "200"),
    quoted("content-type", "application/json"),
    quoted(
      "content-digest",
      "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:",
    ),
    quoted("content-length", "23"),
  ];
  const parameters = signatureParameters(components, {
    created: 1_618_884_473,
    keyid: "test-key-ecc-p256",
  });
  const signature = Buffer.from(
    "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==",
    "base64",
  );
  t.true(ecdsaVerifier(key).verify(signatureBase(components, parameters), signature));
  const altered = [quoted("@status", "201"), ...components.slice(1)];
  t.false(ecdsaVerifier(key).verify(signatureBase(altered, parameters), signature));
});

test("RFC 9421 appendix B.2.5: the request signed with hmac-sha256 gives the published signature", (t) => {
  const key = Buffer.from(
    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==",
    "base64",
  );
  const components = [
    quoted("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
    quoted("@authority", "example.com"),
    quoted("content-type", "application/json"),
  ];
  const parameters = signatureParameters(components, {
    created: 1_618_884_473,
    keyid: "test-shared-secret",
  });
  const signature = hmacKey("test-shared-secret", key).sign(signatureBase(components, parameters));
  t.is(Buffer.from(signature).toString("base64"), "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=");
});

test("RFC 9530 appendix D: Content-Digest of the example content", (t) => {
  const content = Buffer.from('{"hello": "world"}\n');
  t.is(contentDigest(content), "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
  t.true(contentDigestMatches("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:", content));
});

test("Content-Digest: SHA-256 is found beside other algorithms, and a wrong or missing one does not pass", (t) => {
  const content = Buffer.from("content");
  const right = contentDigest(content);
  t.true(contentDigestMatches(`sha-512=:AAAA:, ${right}`, content));
  t.true(contentDigestMatches(`${right}, unixsum=:AAAA:`, content));
  t.false(contentDigestMatches("sha-512=:AAAA:", content));
  t.false(contentDigestMatches(contentDigest(Buffer.from("other")), content));
  t.false(contentDigestMatches("", content));
});

test("a signature base refuses what would make it ambiguous", (t) => {
  t.throws(() => signatureBase([quoted("a", "1"), quoted("a", "2")], "()"), { message: /twice/ });
  t.throws(() => signatureBase([quoted("a", '1\n"@status": 200')], "()"), {
    message: /line break/,
  });
  t.throws(() => signatureParameters([], { created: 1, keyid: "ü" }), { message: /ASCII/ });
});
