import { type Static, Type } from "@sinclair/typebox";

/** Milliseconds since 1970. */
export const Instant = Type.Integer({ minimum: 0, maximum: 8.64e15 });
/** Lower-case UUID (RFC 9562). */
export const Uuid = Type.String({
  pattern: "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
});
/** SHA-256, 64 lower-case hexadecimal digits. */
export const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
export const HttpsUrl = Type.String({ pattern: "^https://", maxLength: 300 });
export const ShortText = Type.String({ maxLength: 200 });
export const Version = Type.String({ minLength: 1, maxLength: 100 });

export const serviceNames = ["enrolment", "health", "updates", "jobs", "results"] as const;
export const ServiceName = Type.Union(serviceNames.map((name) => Type.Literal(name)));
export type ServiceName = (typeof serviceNames)[number];

/**
 * The content of a service's reply with status 4xx or 5xx. It is signed like any other, and the
 * signature says whether the platform had verified the request; refusal-codes.ts says which codes
 * that concerns.
 */
export const ErrorReply = Type.Object({
  error: Type.Object({
    code: Type.String({ maxLength: 60 }),
    detail: Type.Optional(Type.String({ maxLength: 1000 })),
    /** Not before this time shall the request be repeated. */
    retryAfterSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 3600 })),
  }),
});
export type ErrorReply = Static<typeof ErrorReply>;

/**
 * The services' base URLs, without a slash at the end, and the platform's address ranges, which the
 * firewall administrator must allow.
 */
export const Directory = Type.Object({
  platformName: ShortText,
  services: Type.Object({
    enrolment: HttpsUrl,
    health: HttpsUrl,
    updates: HttpsUrl,
    jobs: HttpsUrl,
    results: HttpsUrl,
  }),
  ipRanges: Type.Array(Type.String({ maxLength: 50 }), { maxItems: 100 }),
});
export type Directory = Static<typeof Directory>;

/**
 * A key with which the platform signs its replies. `publicKey` is a SubjectPublicKeyInfo (RFC 5280
 * section 4.1.2.7), DER in base64.
 */
export const ReplyKey = Type.Object({
  keyId: Type.String({ maxLength: 100 }),
  publicKey: Type.String({ maxLength: 400 }),
  /** From then on nobody believes it, so that a copy which lies somewhere is worth nothing. */
  endsAt: Type.Optional(Instant),
});
export type ReplyKey = Static<typeof ReplyKey>;

/** The platform's certificate authorities, in PEM. */
export const CertificateAuthorities = Type.String({ maxLength: 32_000 });

/** The platform's settings for one appliance. The interval is 30 s to 24 h. */
export const Configuration = Type.Object({
  version: Type.Integer({ minimum: 0 }),
  intervalSeconds: Type.Integer({ minimum: 30, maximum: 86_400 }),
  directory: Directory,
  /** The key in use, and one that will be used next. */
  replyKeys: Type.Array(ReplyKey, { minItems: 1, maxItems: 10 }),
  /** The certificate authority in use, and one that will be used next, in PEM. */
  certificateAuthorities: Type.Optional(CertificateAuthorities),
});
export type Configuration = Static<typeof Configuration>;
