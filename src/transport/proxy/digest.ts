import { fact } from "../../base/messages/facts.ts";
import type { Random } from "../../base/random.ts";
import {
  type Credentials,
  giveUp,
  hasControlCharacters,
  type LoginDemand,
  type LoginStep,
  type LoginTarget,
  type ProxyAuthentication,
  say,
} from "./authentication.ts";
import {
  chooseDigestChallenge,
  type DigestChallenge,
  digestAuthorization,
} from "./digest-response.ts";

/** A proxy that calls each new nonce stale would be asked for ever. */
const mostStaleAnswers = 2;

/**
 * A nonce in use. RFC 7616 section 3.4.5: count the requests with it. Section 3.4.2: -sess derives
 * A1 from the first client nonce.
 */
interface NonceInUse {
  challenge: DigestChallenge;
  clientNonce: string;
  used: number;
}

/**
 * Digest (RFC 7616) for CONNECT, whose uri is the authority. The proxy's nonce is kept, so the next
 * tunnel needs no challenge. RFC 7616 section 3.3, stale: when the nonce is too old, the proxy
 * sends another one.
 */
export function digestAuthentication(
  credentials: Credentials,
  random: Random,
): ProxyAuthentication {
  let kept: NonceInUse | null = null;

  const answer = (inUse: NonceInUse, { authority }: LoginTarget): LoginStep => {
    const { challenge, clientNonce } = inUse;
    inUse.used += 1;
    return say(
      digestAuthorization(challenge, {
        method: "CONNECT",
        uri: authority,
        ...credentials,
        nonceCount: inUse.used,
        clientNonce,
      }),
    );
  };

  const begin = (target: LoginTarget) => {
    let answered: NonceInUse | null = null;
    let staleAnswers = 0;
    const next = (demand: LoginDemand | null): LoginStep => {
      if (hasControlCharacters(credentials.user) || hasControlCharacters(credentials.password))
        return giveUp("proxy-credentials-unusable", fact("login-control-characters"));
      if (demand === null) return kept ? answer(kept, target) : say(null);
      const reading = chooseDigestChallenge(demand.challenges);
      if (reading === null) return giveUp();
      if (!reading.ok) return giveUp("proxy-challenge-unsupported", reading.problem);
      const { challenge } = reading;
      if (answered) {
        kept = null;
        if (!challenge.stale) return giveUp();
        if (++staleAnswers > mostStaleAnswers)
          return giveUp("proxy-challenge-unsupported", fact("login-stale"));
      }
      answered = {
        challenge,
        clientNonce: Buffer.from(random.bytes(16)).toString("base64url"),
        used: 0,
      };
      kept = answered;
      return answer(answered, target);
    };
    return {
      next,
      accepted: () => `digest ${(answered ?? kept)?.challenge.algorithm ?? ""}`.trim(),
    };
  };
  return { scheme: "digest", begin };
}
