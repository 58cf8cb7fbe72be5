import type { ErrorCode } from "../../base/messages/error-codes.ts";

export type AccountFault = Extract<ErrorCode, "proxy-account-locked" | "proxy-password-expired">;

/**
 * Names that mean just this: NTSTATUS (MS-ERREF 2.3) as Samba's ntlm_auth writes them into a proxy's
 * answer, their numbers, and MIT Kerberos' words for KDC_ERR_CLIENT_REVOKED and KDC_ERR_KEY_EXPIRED
 * (RFC 4120 section 7.5.9).
 */
const certain: readonly (readonly [AccountFault, RegExp])[] = [
  [
    "proxy-account-locked",
    /ACCOUNT_LOCKED_OUT|ACCOUNT_DISABLED|\b0xC0000(?:234|072)\b|credentials have been revoked/i,
  ],
  [
    "proxy-password-expired",
    /PASSWORD_EXPIRED|PASSWORD_MUST_CHANGE|\b0xC0000(?:071|224)\b|password has expired while/i,
  ],
];
/** What a sentence says of the account. */
const sentences: readonly (readonly [AccountFault, RegExp])[] = [
  [
    "proxy-account-locked",
    /\b(?:account|user)\b.{0,40}\b(?:is|was|has been|have been|are)\b.{0,20}\b(?:locked|disabled|blocked|suspended)\b|\baccount (?:locked|disabled|blocked)\b/i,
  ],
  [
    "proxy-password-expired",
    /\bpassword\b.{0,20}\bexpired\b|\bmust (?:change|reset) (?:your |the |its )?password\b/i,
  ],
];
/** A help text says what may be; only what is counts. */
const supposed =
  /\b(?:if|whether|when|unless|not|never|may|might|could|would|should|can|check|verify|sure|please)\b/i;

/**
 * Why a proxy refused the log-in, where its answer says so: the account, not the password. null
 * where it does not say.
 *
 * @param words reason phrase and text of the answer; of HTML, what stands between the tags
 */
export function accountFault(words: string): AccountFault | null {
  const named = certain.find(([, meaning]) => meaning.test(words));
  if (named) return named[0];
  const text = words.replace(/<(script|style)\b[\s\S]*?<\/\1>/gi, " ");
  for (const sentence of text.split(/<[^>]*>|[.!?;\r\n]+/))
    if (!supposed.test(sentence)) {
      const said = sentences.find(([, meaning]) => meaning.test(sentence));
      if (said) return said[0];
    }
  return null;
}
