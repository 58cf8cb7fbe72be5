export interface RevokedKey {
  id: string;
  at: number;
}

/**
 * A key of the platform that is replaced without anybody's doing at the appliances: the next one is
 * announced while the present one is used, and used later. Each step is one file that is replaced
 * durably, so that a crash leaves the state before it or after it.
 */
export interface Rolling {
  readonly present: { id: string; since: number };
  /** Announced, and used by then at the latest. */
  readonly next: { id: string; madeAt: number; useBy: number } | null;
  /** Stolen, as far as the operator said so. */
  readonly revoked: readonly RevokedKey[];
  /** Whether the present one is so old that the next one shall be announced. */
  isDue(nowMs: number): boolean;
  /** Makes the next one, unless there is one. */
  announce(nowMs: number, useBy: number): Promise<void>;
  /** Uses the next one, if there is one. */
  useNext(nowMs: number): Promise<void>;
  /** After a theft: revokes all that lay here, and uses a new one at once. */
  replace(nowMs: number): Promise<void>;
}
