import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { claimedSignature } from "../../protocol/signature/claimed-signature.ts";
import { ecdsaVerifierFromText } from "../../protocol/signature/keys.ts";
import { claimedKind, type SignatureFault, verifyReply } from "../../protocol/signature/profile.ts";
import type { TransportReply } from "../../transport/http-transport.ts";
import type { KnownPlatform } from "./known-platform.ts";

/**
 * The platform signs its refusal of an unsigned request too, bound to that request (docs/decisions,
 * 0016). Throws "reply-unsigned", "reply-forged" or "platform-older", as the agent says of such a reply; accepts all
 * before the enrolment, which is what tells the keys.
 */
export function checkSignature(
  reply: TransportReply,
  { method, url }: { method: string; url: URL },
  platform: KnownPlatform | null,
): void {
  const keys = platform?.configuration.replyKeys;
  if (keys === undefined) return;
  const { host } = url;
  const claimed = claimedSignature(reply.headers);
  if (claimed === null)
    throw new OutriderError("reply-unsigned", {
      detail: fact("answered-unsigned", { host, status: reply.status }),
    });
  const key = keys.find(({ keyId }) => keyId === claimed.keyId);
  if (key === undefined)
    throw new OutriderError("reply-forged", {
      detail: fact("key-not-known", { host, key: claimed.keyId }),
    });
  const forged = (fault: SignatureFault) =>
    new OutriderError("reply-forged", { detail: fact(`signature-${fault}`, { host }) });
  const kind = claimedKind(claimed);
  if (kind === null) throw forged("malformed");
  if (kind === "older-answer")
    throw new OutriderError("platform-older", { detail: fact("platform-signs-older", { host }) });
  const verifier = ecdsaVerifierFromText(key.publicKey);
  const verified = verifyReply(kind, reply, reply.headers, { method, url }, {}, verifier);
  if (!verified.ok) throw forged(verified.fault);
}
