import { type Static, Type } from "@sinclair/typebox";
import {
  CertificateAuthorities,
  Configuration,
  Instant,
  ReplyKey,
  ShortText,
  Uuid,
  Version,
} from "./common.ts";

/**
 * POST {enrolment}/appliances. Request and reply are signed with the activation code's key
 * (hmac-sha256), so each side proves that it knows the code, even through a TLS-inspecting proxy.
 * The same code with the same key may be sent again and gets the same appliance, in case the reply
 * was lost.
 */
export const EnrolmentRequest = Type.Object({
  /** PKCS #10 (RFC 2986) in PEM, for the P-256 key that was made on the appliance. */
  certificateRequest: Type.String({ maxLength: 4000 }),
  hostname: ShortText,
  softwareVersion: Version,
});
export type EnrolmentRequest = Static<typeof EnrolmentRequest>;

export const EnrolmentReply = Type.Object({
  applianceId: Uuid,
  applianceName: ShortText,
  /** Certificate for the appliance's key, PEM. */
  certificate: Type.String({ maxLength: 8000 }),
  /** The platform's certificate authorities, PEM; the agent trusts them for its services. */
  certificateAuthorities: CertificateAuthorities,
  serverTime: Instant,
  configuration: Configuration,
  /**
   * The root of trust for updates (TUF 5.2: the shipped root metadata), as text. It comes only here,
   * under the activation code's key: in a later reply, an attacker with the platform's reply key
   * could replace it.
   */
  contentRoot: Type.Optional(Type.String({ maxLength: 64_000 })),
});
export type EnrolmentReply = Static<typeof EnrolmentReply>;

/**
 * POST {enrolment}/certificate, signed by the appliance: asks for a new certificate for its key
 * before the old one expires.
 */
export const CertificateRequest = Type.Object({
  certificateRequest: Type.String({ maxLength: 4000 }),
});
export type CertificateRequest = Static<typeof CertificateRequest>;
export const CertificateReply = Type.Object({
  serverTime: Instant,
  certificate: Type.String({ maxLength: 8000 }),
  certificateAuthorities: CertificateAuthorities,
});
export type CertificateReply = Static<typeof CertificateReply>;

/** GET {enrolment}/configuration. */
export const ConfigurationReply = Type.Object({
  serverTime: Instant,
  configuration: Configuration,
});
export type ConfigurationReply = Static<typeof ConfigurationReply>;

/**
 * One reply key vouches for the next. `signature` (base64) is made with the key `from`, over what
 * successionText() makes of the rest.
 */
export const Succession = Type.Object({
  from: Type.String({ maxLength: 100 }),
  to: ReplyKey,
  signature: Type.String({ maxLength: 100 }),
});
export type Succession = Static<typeof Succession>;

/**
 * GET {enrolment}/successions, without a signature in either direction: for an appliance that does
 * not know the key in use. It believes the successions, and nothing else of this.
 */
export const SuccessionsReply = Type.Object({
  successions: Type.Array(Succession, { maxItems: 100 }),
  /** Keys for which no successor is named, because they were stolen. */
  revoked: Type.Array(Type.String({ maxLength: 100 }), { maxItems: 100 }),
});
export type SuccessionsReply = Static<typeof SuccessionsReply>;
