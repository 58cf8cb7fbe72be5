import { type ErrorCode, type ErrorDescription, errorCodes, type Stage } from "./error-codes.ts";
import { asFacts, type Fact, tellFacts } from "./facts.ts";

export interface ErrorDetails {
  /**
   * What exactly, for example the address that did not answer: facts, or a text of others. Shown to
   * people; never a secret.
   */
  detail?: string | Fact | readonly Fact[] | undefined;
  cause?: unknown;
  /** Earliest moment to try again, as milliseconds from now. */
  retryAfterMs?: number | undefined;
}

/**
 * The one error class: everything that a person is told about has a code with its stage, cause and
 * remedy.
 */
export class OutriderError extends Error {
  override readonly name = "OutriderError";
  readonly code: ErrorCode;
  /** In English. */
  readonly detail: string | undefined;
  /** What `detail` says, for those who have words of their own; null where it is a mere text. */
  readonly facts: readonly Fact[] | null;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    const { what } = errorCodes[code];
    const facts =
      details.detail === undefined || typeof details.detail === "string"
        ? null
        : asFacts(details.detail);
    const detail =
      typeof details.detail === "string"
        ? details.detail
        : facts === null
          ? undefined
          : (tellFacts(facts) ?? "");
    super(
      detail === undefined ? what : `${what} (${detail})`,
      details.cause === undefined ? {} : { cause: details.cause },
    );
    this.code = code;
    this.detail = detail;
    this.facts = facts;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** The same, where it means another fault. */
  asFault(code: ErrorCode): OutriderError {
    const detail = this.facts ?? this.detail;
    return new OutriderError(code, { ...(detail === undefined ? {} : { detail }), cause: this });
  }

  /** As documents have it: the English, and the facts where it is made of them. */
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

/** Whatever was thrown, as an error with a code. */
export function asOutriderError(
  thrown: unknown,
  code: ErrorCode = "internal-error",
): OutriderError {
  if (thrown instanceof OutriderError) return thrown;
  return new OutriderError(code, {
    detail: thrown instanceof Error ? thrown.message : String(thrown),
    cause: thrown,
  });
}
