import { createPrivateKey, X509Certificate } from "node:crypto";
import test from "ava";
import { isOpenSslError } from "../../src/base/openssl-error.ts";

test("a text that is no key or certificate is OpenSSL's error, a wrong type is not", (t) => {
  const damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
  for (const text of ["", "x", damaged]) {
    t.true(isOpenSslError(t.throws(() => new X509Certificate(text))), text);
    t.true(isOpenSslError(t.throws(() => createPrivateKey(Buffer.from(text)))), text);
  }
  const wrongType: unknown = 5;
  t.false(isOpenSslError(t.throws(() => new X509Certificate(wrongType as string))));
});
