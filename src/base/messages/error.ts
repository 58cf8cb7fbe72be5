import { type ErrorCode, type ErrorDescription, errorCodes, type Stage } from "./error-codes.ts";
import { asFacts, describeFacts, type Fact } from "./facts.ts";
import { storageFault } from "./storage-fault.ts";

export interface ErrorDetails {
  /**
   * Particulars, as the address that did not answer: facts, or the text of another program. Shown to
   * people, so never a secret.
   */
  detail?: string | Fact | readonly Fact[] | undefined;
  cause?: unknown;
  /** Earliest moment to try again, as milliseconds from now. */
  retryAfterMs?: number | undefined;
}

/**
 * The only error class: every failure that people see has a code, and the code has a stage, a cause
 * and a remedy.
 */
export class OutriderError extends Error {
  override readonly name = "OutriderError";
  readonly code: ErrorCode;
  /** The English text of `facts`, or of another program. */
  readonly detail: string | undefined;
  /** `detail` as translatable facts; null when it is the text of another program. */
  readonly facts: readonly Fact[] | null;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    const { what } = errorCodes[code];
    const given = details.detail;
    const isText = given === undefined || typeof given === "string";
    const facts = isText ? null : asFacts(given);
    const detail = isText ? given : (describeFacts(asFacts(given)) ?? "");
    super(
      detail === undefined ? what : `${what} (${detail})`,
      details.cause === undefined ? {} : { cause: details.cause },
    );
    this.code = code;
    this.detail = detail;
    this.facts = facts;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** The same detail under another code; this error is its cause. */
  asFault(code: ErrorCode): OutriderError {
    const detail = this.facts ?? this.detail;
    return new OutriderError(code, { ...(detail === undefined ? {} : { detail }), cause: this });
  }

  /** Serialised form: the English text, and the facts if there are any. */
  get told(): { detail: string; facts?: Fact[] } {
    return {
      detail: this.detail ?? "",
      ...(this.facts === null ? {} : { facts: [...this.facts] }),
    };
  }

  get stage(): Stage {
    return errorCodes[this.code].stage;
  }

  get description(): ErrorDescription {
    return errorCodes[this.code];
  }
}

/** Any thrown value as an error with a code: its own, `code`, or without that what it says itself. */
export function asOutriderError(
  thrown: unknown,
  code: ErrorCode = storageFault(thrown) ?? "internal-error",
): OutriderError {
  if (thrown instanceof OutriderError) return thrown;
  return new OutriderError(code, {
    detail: thrown instanceof Error ? thrown.message : String(thrown),
    cause: thrown,
  });
}
