import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import { FailedTries } from "../../base/failed-tries.ts";
import type { Random } from "../../base/random.ts";
import type { SessionStore } from "../store/store.ts";

export const sessionLifetimeMs = 12 * 3_600_000;

export type LogIn =
  | { kind: "session"; token: string }
  | { kind: "refused" }
  | { kind: "wait"; seconds: number };

/**
 * Access to the operator's side: by the operator's token, or by a session that began with it. The
 * sessions are own code because they must end when the operator logs out and survive a restart: the
 * store has their digests; a cookie alone cannot do either.
 */
export class Access {
  readonly #tokenSha256: Buffer;
  readonly #sessions: SessionStore;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #wrongTokens: FailedTries;

  constructor(operatorToken: string, sessions: SessionStore, clock: Clock, random: Random) {
    this.#tokenSha256 = sha256(operatorToken);
    this.#sessions = sessions;
    this.#clock = clock;
    this.#random = random;
    this.#wrongTokens = new FailedTries(clock);
  }

  /**
   * The right token is always taken: strangers behind the same address, as behind a reverse proxy,
   * cannot lock the operator out. After ten wrong ones an address is told to wait.
   */
  checkToken(
    token: string,
    address: string,
  ): { kind: "right" } | { kind: "refused" } | { kind: "wait"; seconds: number } {
    // Digests have one length and are compared in constant time, so the time reveals nothing.
    if (timingSafeEqual(sha256(token), this.#tokenSha256)) return { kind: "right" };
    const waitMs = this.#wrongTokens.waitMs(address);
    if (waitMs > 0) return { kind: "wait", seconds: Math.ceil(waitMs / 1000) };
    this.#wrongTokens.count(address);
    return { kind: "refused" };
  }

  async logIn(token: string, address: string): Promise<LogIn> {
    const checked = this.checkToken(token, address);
    if (checked.kind !== "right") return checked;
    const session = Buffer.from(this.#random.bytes(32)).toString("base64url");
    const now = this.#clock.nowMs();
    await this.#sessions.add(sha256(session).toString("hex"), now + sessionLifetimeMs, now);
    return { kind: "session", token: session };
  }

  async hasSession(token: string): Promise<boolean> {
    return this.#sessions.isValid(sha256(token).toString("hex"), this.#clock.nowMs());
  }

  async logOut(token: string): Promise<void> {
    await this.#sessions.remove(sha256(token).toString("hex"));
  }

  /** A name for a session in logs and the journal. The session cannot be derived from it. */
  sessionName(session: string): string {
    return sha256(session).toString("hex").slice(0, 8);
  }

  /**
   * Proves that a form came from this session's own page. Own code: a digest of the session needs
   * neither a second cookie nor a stored secret, as @fastify/csrf-protection does.
   */
  formToken(session: string): string {
    return createHash("sha256").update(`form ${session}`).digest("base64url");
  }

  isFormToken(session: string, token: string): boolean {
    return timingSafeEqual(sha256(this.formToken(session)), sha256(token));
  }
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
