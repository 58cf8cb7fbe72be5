import test from "ava";
import { systemClock } from "../../src/base/clock.ts";
import type { ErrorCode } from "../../src/base/messages/error-codes.ts";
import { probePath } from "../../src/transport/path.ts";
import { patientMs } from "../testkit/patience.ts";
import { makeTestAuthority, type Validity } from "../testkit/proxies/certificates.ts";
import { startOrigin } from "../testkit/proxies/origin.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";

const day = 24 * 60 * 60_000;
const host = "platform.example.org";
const expired: Validity = { fromMs: Date.now() - 20 * day, toMs: Date.now() - day };
const early: Validity = { fromMs: Date.now() + day, toMs: Date.now() + 20 * day };

interface Case {
  title: string;
  names?: string[];
  validity?: Validity;
  /** By whom the certificate is issued. */
  issuer: "platform" | "company" | "nobody" | "below nobody" | "company, expired";
  isEnrolled?: boolean;
  /** The server's clock; null for none. */
  dateMs?: number | null;
  code: ErrorCode;
  detail: RegExp;
}

const cases: Case[] = [
  {
    title: "the platform's own, expired",
    issuer: "platform",
    code: "tls-expired",
    detail: /valid from/,
  },
  {
    title: "an added authority's, expired",
    issuer: "company",
    code: "tls-expired",
    detail: /valid from/,
  },
  {
    title: "that of an expired authority that is trusted",
    issuer: "company, expired",
    code: "tls-authority-expired",
    detail: /Company Box/,
  },
  {
    title: "an unknown device's, expired",
    issuer: "nobody",
    code: "tls-intercepted",
    detail: /Nobody/,
  },
  {
    title: "an unknown device's with its authority, expired",
    issuer: "below nobody",
    code: "tls-intercepted",
    detail: /Nobody's Box.*fingerprint/,
  },
  {
    title: "an unknown device's, expired, before anything is known of the platform",
    issuer: "nobody",
    isEnrolled: false,
    code: "tls-untrusted",
    detail: /Nobody/,
  },
  {
    title: "a portal's, expired",
    names: ["portal.hotel.example"],
    issuer: "nobody",
    code: "tls-name-mismatch",
    detail: /portal\.hotel\.example/,
  },
  {
    title: "another server's of a known authority, expired",
    names: ["www.example.org"],
    issuer: "company",
    code: "tls-name-mismatch",
    detail: /www\.example\.org/,
  },
  {
    title: "a portal's for a later time, whose clock is ahead",
    names: ["portal.hotel.example"],
    validity: early,
    issuer: "nobody",
    dateMs: Date.now() + 2 * day,
    code: "tls-name-mismatch",
    detail: /portal\.hotel\.example/,
  },
  {
    title: "a portal's for a later time, without a clock",
    names: ["portal.hotel.example"],
    validity: early,
    issuer: "nobody",
    dateMs: null,
    code: "tls-name-mismatch",
    detail: /portal\.hotel\.example/,
  },
  {
    title: "an unknown one for a later time, which this clock may be behind",
    validity: early,
    issuer: "nobody",
    dateMs: Date.now() + 2 * day,
    code: "tls-clock",
    detail: /clock/,
  },
];

for (const { title, names = [host], validity = expired, issuer, isEnrolled, ...more } of cases) {
  const { dateMs, code, detail } = more;
  test(`of a certificate outside its dates the nearest fault is told: ${title}`, async (t) => {
    const platform = await makeTestAuthority("Platform Root");
    const company = await makeTestAuthority("Company Root");
    const nobody = await makeTestAuthority("Nobody");
    const issuers = {
      platform: async () => platform,
      company: async () => company,
      nobody: async () => nobody,
      "below nobody": async () => nobody.subordinate("Nobody's Box"),
      "company, expired": async () => company.subordinate("Company Box", expired),
    };
    const valid = issuer === "company, expired" ? undefined : validity;
    const served = await (await issuers[issuer]()).issue(names, valid);
    const origin = await startOrigin(served, (_, reply) => {
      if (dateMs === null) reply.sendDate = false;
      else if (dateMs !== undefined) reply.setHeader("date", new Date(dateMs).toUTCString());
      reply.end("{}");
    });
    t.teardown(() => origin.close());
    const known = isEnrolled === false ? {} : { platformAuthorities: [platform.certificate] };
    const { error } = await probePath(new URL(`https://${host}:${origin.port}`), {
      proxy: null,
      trust: {
        certificateAuthorities: [company.certificate],
        ...known,
        allowUnknownIssuer: false,
        dateLimitMs: patientMs,
      },
      resolve: async () => ["127.0.0.1"],
      limits: patientLimits,
      clock: systemClock,
    });
    t.is(error?.code, code, error?.detail);
    t.regex(error?.detail ?? "", detail);
  });
}

test("before the enrolment, where any issuer is let through, an expired certificate is expired", async (t) => {
  const nobody = await makeTestAuthority("Nobody");
  const origin = await startOrigin(await nobody.issue([host], expired), (_, reply) => {
    reply.end("{}");
  });
  t.teardown(() => origin.close());
  const { error } = await probePath(new URL(`https://${host}:${origin.port}`), {
    proxy: null,
    trust: { certificateAuthorities: [], allowUnknownIssuer: true },
    resolve: async () => ["127.0.0.1"],
    limits: patientLimits,
  });
  t.is(error?.code, "tls-expired");
});
