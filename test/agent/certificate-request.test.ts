import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { Pkcs10CertificateRequest } from "@peculiar/x509";
import test from "ava";
import { certificateRequest } from "../../src/agent/identity/certificate-request.ts";
import { makeFileKey } from "../../src/agent/identity/device-key.ts";

for (const name of ["scanner-1", "ö".repeat(40), ""]) {
  test(`a request for "${name.slice(0, 10)}" is valid PKCS #10, for the key it was made with`, async (t) => {
    const { key } = makeFileKey();
    const request = new Pkcs10CertificateRequest(certificateRequest(key, name));
    t.true(await request.verify(webcrypto));
    t.deepEqual(Buffer.from(request.publicKey.rawData), key.publicKey);
  });
}
