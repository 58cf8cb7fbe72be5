import { type ErrorCode, type ErrorDescription, errorCodes, type Stage } from "./error-codes.ts";

export interface ErrorDetails {
  /** What exactly, for example the address that did not answer. Shown to people; never a secret. */
  detail?: string;
  cause?: unknown;
  /** Earliest moment to try again, as milliseconds from now. */
  retryAfterMs?: number;
}

/** The one error class: everything that a person is told about has a code with its stage, cause and remedy. */
export class OutriderError extends Error {
  override readonly name = "OutriderError";
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    const { what } = errorCodes[code];
    super(details.detail === undefined ? what : `${what} (${details.detail})`, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.detail = details.detail;
    this.retryAfterMs = details.retryAfterMs;
  }

  get stage(): Stage {
    return errorCodes[this.code].stage;
  }

  get description(): ErrorDescription {
    return errorCodes[this.code];
  }
}

/** Whatever was thrown, as an error with a code. */
export function asOutriderError(thrown: unknown, code: ErrorCode = "internal-error"): OutriderError {
  if (thrown instanceof OutriderError) return thrown;
  return new OutriderError(code, { detail: thrown instanceof Error ? thrown.message : String(thrown), cause: thrown });
}
