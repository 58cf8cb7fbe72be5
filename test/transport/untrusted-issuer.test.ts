import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import test, { type ExecutionContext } from "ava";
import { describeCertificate, parseCertificate } from "../../src/settings/values/certificates.ts";
import { fetchPacScript } from "../../src/transport/pac/fetch-script.ts";
import { probePath } from "../../src/transport/path.ts";
import { noAuthentication } from "../../src/transport/proxy/none.ts";
import { authoritiesSeen } from "../../src/transport/stages/untrusted-issuer.ts";
import { patientMs } from "../testkit/patience.ts";
import { makeTestAuthority, type ServerCertificate } from "../testkit/proxies/certificates.ts";
import { startOrigin } from "../testkit/proxies/origin.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";
import { startProxy } from "../testkit/proxies/proxy.ts";

const host = "platform.example.org";
const day = 24 * 60 * 60_000;

async function serve(t: ExecutionContext, certificate: ServerCertificate) {
  const origin = await startOrigin(certificate, (_, reply) => {
    reply.end("{}");
  });
  t.teardown(() => origin.close());
  return (certificateAuthorities: readonly string[] = []) =>
    probePath(new URL(`https://${host}:${origin.port}`), {
      proxy: null,
      trust: { certificateAuthorities, allowUnknownIssuer: false },
      resolve: async () => ["127.0.0.1"],
      limits: patientLimits,
    });
}

const sendingToo = (served: ServerCertificate, ...more: string[]): ServerCertificate => ({
  ...served,
  certificate: [served.certificate, ...more].join("\n"),
});

/** What the path offers, checked: whole in the detail, an authority for the settings. */
async function offered(
  t: ExecutionContext,
  probe: Awaited<ReturnType<typeof serve>>,
): Promise<string[]> {
  const { error } = await probe();
  const seen = authoritiesSeen(error);
  for (const { pem, fingerprint256, subject } of seen) {
    t.is(describeCertificate(pem)?.fingerprint256, fingerprint256);
    t.true(error?.detail?.includes(`${subject}, SHA-256 ${fingerprint256}`));
    t.true(parseCertificate(pem).ok, "the settings take it");
    t.is((await probe([pem])).error, null, `trusting ${subject} is the cure`);
  }
  // OpenSSL refuses a chain with a forged link as such, and nothing is offered either.
  const isForged = /^(?:CERT_SIGNATURE_FAILURE|INVALID_PURPOSE)$/.test(error?.detail ?? "");
  if (seen.length === 0 && !isForged)
    t.regex(error?.detail ?? "", /no certificate of an authority was sent/);
  return seen.map(({ subject }) => subject);
}

test("a root that is not sent: what it issued for the server's issuer is offered", async (t) => {
  const root = await makeTestAuthority("Corp Root");
  const box = await root.subordinate("Corp Box");
  const probe = await serve(t, await box.issue([host]));
  t.deepEqual(await offered(t, probe), ["Corp Box"]);
});

test("a chain of three: each authority of it is offered, from the issuer upwards", async (t) => {
  const root = await makeTestAuthority("Corp Root");
  const box = await (await root.subordinate("Corp Policy")).subordinate("Corp Box");
  const served = await box.issue([host]);
  t.deepEqual(await offered(t, await serve(t, served)), ["Corp Box", "Corp Policy"]);
  t.deepEqual(await offered(t, await serve(t, sendingToo(served, root.certificate))), [
    "Corp Box",
    "Corp Policy",
    "Corp Root",
  ]);
});

test("a root that is sent along is offered", async (t) => {
  const root = await makeTestAuthority("Corp Root");
  const probe = await serve(t, sendingToo(await root.issue([host]), root.certificate));
  t.deepEqual(await offered(t, probe), ["Corp Root"]);
});

test("a server that sends its own certificate alone offers nothing, and the detail says what to do", async (t) => {
  const root = await makeTestAuthority("Corp Root");
  t.deepEqual(await offered(t, await serve(t, await root.issue([host]))), []);
});

test("an authority of the issuer's name that did not sign the certificate is never offered", async (t) => {
  const root = await makeTestAuthority("Corp Root");
  const other = await makeTestAuthority("Corp Root");
  const probe = await serve(t, sendingToo(await root.issue([host]), other.certificate));
  t.deepEqual(await offered(t, probe), []);
});

test("an authority that has nothing to do with the chain is never offered", async (t) => {
  const root = await makeTestAuthority("Corp Root");
  const box = await root.subordinate("Corp Box");
  const other = await makeTestAuthority("Somebody");
  const probe = await serve(t, sendingToo(await box.issue([host]), other.certificate));
  t.deepEqual(await offered(t, probe), ["Corp Box"]);
});

test("a chain with a forged link above the issuer is refused, and nothing of it is offered", async (t) => {
  const root = await makeTestAuthority("Corp Root");
  const box = await root.subordinate("Corp Box");
  const forged = await makeTestAuthority("Corp Root");
  const probe = await serve(t, sendingToo(await box.issue([host]), forged.certificate));
  t.deepEqual(await offered(t, probe), []);
});

test("an authority out of date is never offered", async (t) => {
  const past = { fromMs: Date.now() - 20 * day, toMs: Date.now() - 10 * day };
  const root = await makeTestAuthority("Corp Root");
  const box = await root.subordinate("Corp Box", past);
  const { error } = await (await serve(t, await box.issue([host])))();
  t.truthy(error);
  t.deepEqual(authoritiesSeen(error), []);
});

test("the server's own certificate is never offered, also when it calls itself an authority", async (t) => {
  for (const isAuthority of [true, false]) {
    const probe = await serve(t, await selfSigned(isAuthority));
    const { error } = await probe();
    t.is(error?.code, "tls-untrusted");
    t.deepEqual(await offered(t, probe), []);
  }
});

test("a certificate that is no authority is never offered, also when it signed another one", async (t) => {
  const keys = await newKeys();
  const middle = await certificate({ name: "middle.example.org", keys, isAuthority: false });
  const own = await newKeys();
  const leaf = await certificate({
    name: host,
    keys: own,
    isAuthority: false,
    signer: { name: "middle.example.org", keys },
  });
  const probe = await serve(t, { certificate: `${leaf}\n${middle}`, privateKey: await pem(own) });
  t.deepEqual(await offered(t, probe), []);
});

test("so is the authority of a proxy that speaks TLS, and of a PAC file's server", async (t) => {
  const box = await (await makeTestAuthority("Corp Root")).subordinate("Corp Box");
  const trust = { certificateAuthorities: [], allowUnknownIssuer: false };
  const proxy = await startProxy(
    { kind: "tunnel" },
    undefined,
    await box.issue(["proxy.example.org"]),
  );
  t.teardown(() => proxy.close());
  const { error } = await probePath(new URL(`https://${host}`), {
    proxy: {
      host: "proxy.example.org",
      port: proxy.port,
      authentication: noAuthentication,
      tls: trust,
    },
    trust,
    resolve: async () => ["127.0.0.1"],
    limits: patientLimits,
  });
  t.is(error?.code, "proxy-tls-untrusted");
  t.deepEqual(
    authoritiesSeen(error).map(({ subject }) => subject),
    ["Corp Box"],
  );

  const origin = await startOrigin(await box.issue([host]), (_, reply) => {
    reply.end("");
  });
  t.teardown(() => origin.close());
  const pac = await t.throwsAsync(
    fetchPacScript(
      `https://${host}:${origin.port}/proxy.pac`,
      { resolve: async () => ["127.0.0.1"], trust, nowMs: Date.now, limitMs: patientMs },
      new AbortController().signal,
    ),
  );
  t.deepEqual(
    authoritiesSeen(pac).map(({ subject }) => subject),
    ["Corp Box"],
  );
});

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

async function pem({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const key = await webcrypto.subtle.exportKey("pkcs8", privateKey);
  return x509.PemConverter.encode(key, "PRIVATE KEY");
}

async function certificate(wish: {
  name: string;
  keys: webcrypto.CryptoKeyPair;
  isAuthority: boolean;
  signer?: { name: string; keys: webcrypto.CryptoKeyPair };
}): Promise<string> {
  x509.cryptoProvider.set(webcrypto);
  const { name, keys, isAuthority, signer = { name, keys } } = wish;
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: "77",
    subject: `CN=${name}`,
    issuer: `CN=${signer.name}`,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + day),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: signer.keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(isAuthority, undefined, true),
      new x509.SubjectAlternativeNameExtension([{ type: "dns", value: name }]),
    ],
  });
  return made.toString("pem");
}

/** As `openssl req -x509` makes it for a device. */
async function selfSigned(isAuthority: boolean): Promise<ServerCertificate> {
  const keys = await newKeys();
  return {
    certificate: await certificate({ name: host, keys, isAuthority }),
    privateKey: await pem(keys),
  };
}
