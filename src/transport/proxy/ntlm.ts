import type { Clock } from "../../base/clock.ts";
import { fact } from "../../base/messages/facts.ts";
import type { Random } from "../../base/random.ts";
import {
  type Credentials,
  giveUp,
  type LoginDemand,
  type LoginStep,
  type LoginTarget,
  type ProxyAuthentication,
  say,
} from "./authentication.ts";
import { authenticateMessage, negotiateMessage, readChallengeMessage } from "./ntlm-messages.ts";
import { fileTime, ntlmAccount, ntlmV2Response, responseKey } from "./ntlm-response.ts";
import { attributeIds, clientAttributes, writeAttributes } from "./ntlm-target-information.ts";

const longestName = 256;
/** Some proxies close the connection after any first CONNECT, also after one with NEGOTIATE. */
const mostNegotiateMessages = 2;

/**
 * NTLMv2 (MS-NLMP) over HTTP (MS-NTHT section 3.1): NEGOTIATE, the proxy's CHALLENGE, AUTHENTICATE,
 * all on one connection, which is then logged in.
 */
export function ntlmAuthentication(
  credentials: Credentials,
  random: Random,
  clock: Clock,
): ProxyAuthentication {
  const account = ntlmAccount(credentials.user);

  const authenticate = (token: string, { proxyHost }: LoginTarget): LoginStep => {
    const reading = readChallengeMessage(Buffer.from(token, "base64"));
    if (!reading.ok) return giveUp("proxy-challenge-unsupported", reading.problem);
    const { challenge } = reading;
    const serverTime = challenge.attributes.find(
      ({ id, value }) => id === attributeIds.timestamp && value.length === 8,
    )?.value;
    const { response, sessionKey } = ntlmV2Response({
      key: responseKey(account, credentials.password),
      serverChallenge: challenge.serverChallenge,
      clientChallenge: random.bytes(8),
      // MS-NLMP section 3.1.5.1.2: use the server's time where it sends one. A wrong clock here
      // must not prevent the login.
      time: serverTime ?? fileTime(clock.nowMs()),
      targetInformation: writeAttributes(
        clientAttributes(challenge.attributes, `HTTP/${proxyHost}`),
      ),
    });
    // The workstation name proves nothing and would only reveal a name.
    return say(
      `NTLM ${authenticateMessage(challenge, { account, workstation: "", response, sessionKey }).toString("base64")}`,
    );
  };

  const begin = (target: LoginTarget) => {
    let negotiated = 0;
    let authenticated = false;
    const negotiate = (): LoginStep => {
      negotiated += 1;
      return say(`NTLM ${negotiateMessage().toString("base64")}`);
    };
    const next = (demand: LoginDemand | null): LoginStep => {
      if (
        account.user.length > longestName ||
        account.domain.length > longestName ||
        credentials.password.length > longestName
      )
        return giveUp("proxy-credentials-unusable", fact("login-long", { most: longestName }));
      if (demand === null || negotiated === 0) return negotiate();
      const challenge = demand.challenges.find(({ scheme }) => scheme === "ntlm");
      if (!challenge || authenticated) return giveUp();
      if (challenge.token === null) {
        if (negotiated < mostNegotiateMessages) return negotiate();
        return giveUp("proxy-challenge-unsupported", fact("login-no-challenge"));
      }
      if (!demand.sameConnection) return giveUp("proxy-challenge-unsupported", fact("login-ended"));
      authenticated = true;
      return authenticate(challenge.token, target);
    };
    return { next, accepted: () => "ntlm" };
  };
  return { scheme: "ntlm", begin };
}
