import type { ErrorCode } from "../base/messages/error-codes.ts";

/**
 * The codes that the platform refuses with, and of which requests it can know them:
 *
 * - verified: they say something of the appliance, its jobs or its results. They stand in an answer
 *   only, and the appliance acts on them.
 * - unverified: the platform could not verify the request, or not all of it. They stand in a refusal
 *   only; the appliance waits and tries again, and changes nothing else.
 * - either: as the signature of the reply says.
 *
 * docs/decisions/0016-what-an-answer-means.md has what the appliance does about each.
 */
export const refusalCodes = {
  "signature-invalid": "unverified",
  "signature-clock": "unverified",
  "signature-replayed": "unverified",
  "appliance-unknown": "unverified",
  "code-unknown": "unverified",
  "too-large": "unverified",
  "service-busy": "either",
  "request-invalid": "either",
  "internal-error": "either",
  "not-allowed": "verified",
  "appliance-revoked": "verified",
  "appliance-copy": "verified",
  "code-expired": "verified",
  "code-used": "verified",
  "not-found": "verified",
  "attempt-outdated": "verified",
  "part-conflict": "verified",
  "parts-missing": "verified",
} as const satisfies Partial<Record<ErrorCode, "verified" | "unverified" | "either">>;

export type RefusalCode = keyof typeof refusalCodes;

type CodesOf<Of> = {
  [Code in RefusalCode]: (typeof refusalCodes)[Code] extends Of ? Code : never;
}[RefusalCode];

/** Codes that an answer can have. */
export type AnswerCode = CodesOf<"verified" | "either">;

/** The code when the platform can say it of a request that it verified, or could not. */
export function refusalCode(code: string, verified: boolean): RefusalCode | null {
  const other = verified ? "unverified" : "verified";
  return isRefusalCode(code) && refusalCodes[code] !== other ? code : null;
}

function isRefusalCode(code: string): code is RefusalCode {
  return Object.hasOwn(refusalCodes, code);
}
