import test from "ava";
import { probePath } from "../../src/transport/path.ts";
import type { Trust } from "../../src/transport/stages/trust.ts";
import {
  makeTestAuthority,
  type ServerCertificate,
  type TestAuthority,
} from "../testkit/proxies/certificates.ts";
import { startOrigin } from "../testkit/proxies/origin.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";

const host = "platform.example.org";

async function probe(served: ServerCertificate, trust: Trust) {
  const origin = await startOrigin(served, (_, reply) => void reply.end("{}"));
  const url = new URL(`https://${host}:${origin.port}`);
  const options = {
    proxy: null,
    trust,
    resolve: async () => ["127.0.0.1"],
    limits: patientLimits,
  };
  return probePath(url, options).finally(() => origin.close());
}

const trusting = (...authorities: TestAuthority[]): Trust => ({
  certificateAuthorities: authorities.map(({ certificate }) => certificate),
  allowUnknownIssuer: false,
});

// RFC 5280 section 6.1.1 (d): a trust anchor is any authority's name and key, not only a root.
for (const added of ["root", "subordinate", "issuer"] as const) {
  test(`of root, subordinate and issuer, adding the ${added} is enough`, async (t) => {
    const root = await makeTestAuthority("Corp Root");
    const subordinate = await root.subordinate("Corp Inspection Sub CA");
    const issuer = await subordinate.subordinate("Corp Inspection Box 7");
    const chosen = { root, subordinate, issuer }[added];
    const served = await issuer.issue([host]);
    const { error, tls } = await probe(served, trusting(chosen));
    t.is(error, null);
    t.like(tls, { issuer: "Corp Inspection Box 7", issuerTrusted: true, intercepted: false });
  });
}

test("a device that is let through by its subordinate authority still counts as reading along", async (t) => {
  const platform = await makeTestAuthority("Platform Root");
  const subordinate = await (await makeTestAuthority("Corp Root")).subordinate("Corp Sub CA");
  const { error, tls } = await probe(await subordinate.issue([host]), {
    ...trusting(subordinate),
    platformAuthorities: [platform.certificate],
  });
  t.is(error, null);
  t.like(tls, { issuer: "Corp Sub CA", intercepted: true });
});

test("the platform behind a subordinate authority of its own does not", async (t) => {
  const root = await makeTestAuthority("Platform Root");
  const subordinate = await root.subordinate("Platform Sub CA");
  const company = await makeTestAuthority("Corp Root");
  const { error, tls } = await probe(await subordinate.issue([host]), {
    ...trusting(company),
    platformAuthorities: [subordinate.certificate],
  });
  t.is(error, null);
  t.like(tls, { issuer: "Platform Sub CA", intercepted: false });
});

test("an unknown issuer is shown with the end of the chain that was sent", async (t) => {
  const subordinate = await (await makeTestAuthority("Corp Root")).subordinate("Corp Sub CA");
  const issuer = await subordinate.subordinate("Corp Box");
  const { error } = await probe(await issuer.issue([host]), trusting());
  t.is(error?.code, "tls-untrusted");
  t.regex(
    error?.detail ?? "",
    /^issuer Corp Box; fingerprint of the server's own certificate [\dA-F:]{95}; the chain ends at Corp Root; authority seen on the way: Corp Box, SHA-256 [\dA-F:]{95}; authority seen on the way: Corp Sub CA, SHA-256 [\dA-F:]{95}$/,
  );
});

test("an issuer that ends the chain itself is not shown twice", async (t) => {
  const { error } = await probe(
    await (await makeTestAuthority("Corp Root")).issue([host]),
    trusting(),
  );
  t.regex(
    error?.detail ?? "",
    /^issuer Corp Root; fingerprint of the server's own certificate [\dA-F:]{95}; no certificate of an authority/,
  );
});

test("an authority of the same name with another key is not taken", async (t) => {
  const [one, other] = [await makeTestAuthority("Corp Root"), await makeTestAuthority("Corp Root")];
  const { error } = await probe(await one.issue([host]), trusting(other));
  t.not(error, null);
});
