import { type Static, Type } from "@sinclair/typebox";
import { Configuration, Instant, ShortText, Uuid, Version } from "./common.ts";

/**
 * POST {enrolment}/appliances, signed with the activation code's key (hmac-sha256), as is the
 * reply: each side proves to the other that it knows the code, so that enrolment is safe even
 * through a TLS-inspecting proxy. The same code with the same key may be sent again and gets the
 * same appliance: a lost reply costs nothing.
 */
export const EnrolmentRequest = Type.Object({
  /** PKCS #10 request in PEM for the P-256 key made on the box. */
  certificateRequest: Type.String({ maxLength: 4000 }),
  hostname: ShortText,
  softwareVersion: Version,
});
export type EnrolmentRequest = Static<typeof EnrolmentRequest>;

export const EnrolmentReply = Type.Object({
  applianceId: Uuid,
  applianceName: ShortText,
  /** Certificate for the box's key, PEM. */
  certificate: Type.String({ maxLength: 8000 }),
  /** The platform's certificate authorities, PEM, trusted for the platform leg from now on. */
  certificateAuthorities: Type.String({ maxLength: 32_000 }),
  serverTime: Instant,
  configuration: Configuration,
  /**
   * The root of trust for updates (TUF root.json, as text). Only here, under the activation code's
   * key, and in no later reply: whoever got hold of the platform's reply key could else put his own
   * root in its place.
   */
  contentRoot: Type.Optional(Type.String({ maxLength: 64_000 })),
});
export type EnrolmentReply = Static<typeof EnrolmentReply>;

/**
 * POST {enrolment}/certificate, signed by the appliance: a new certificate for its key, before the
 * old one expires.
 */
export const CertificateRequest = Type.Object({
  certificateRequest: Type.String({ maxLength: 4000 }),
});
export type CertificateRequest = Static<typeof CertificateRequest>;
export const CertificateReply = Type.Object({
  serverTime: Instant,
  certificate: Type.String({ maxLength: 8000 }),
  certificateAuthorities: Type.String({ maxLength: 32_000 }),
});
export type CertificateReply = Static<typeof CertificateReply>;

/** GET {enrolment}/configuration */
export const ConfigurationReply = Type.Object({
  serverTime: Instant,
  configuration: Configuration,
});
export type ConfigurationReply = Static<typeof ConfigurationReply>;
