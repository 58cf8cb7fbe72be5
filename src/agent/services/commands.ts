import type {
  BundlePartReceipt,
  Command,
  CommandReceipt,
  CommandResult,
} from "../../protocol/schemas/commands.ts";
import { validators } from "../../protocol/validators.ts";
import type { SignedClient } from "../session/signed-client.ts";

const uploadLimitMs = 120_000;

/** Throws OutriderError "not-found" when the platform does not know the command. */
export async function sendCommandResult(
  client: SignedClient,
  resultsUrl: string,
  commandId: string,
  result: CommandResult,
  signal: AbortSignal,
): Promise<CommandReceipt> {
  return client.request({
    method: "POST",
    url: `${resultsUrl}/commands/${commandId}/result`,
    body: result,
    reply: validators.CommandReceipt,
    signal,
  });
}

/**
 * Announces a support bundle that the operator asked for at the console. The platform replies with
 * the command to send it, as if it had asked for the bundle itself.
 */
export async function announceBundle(
  client: SignedClient,
  resultsUrl: string,
  signal: AbortSignal,
): Promise<Command> {
  return client.request({
    method: "POST",
    url: `${resultsUrl}/support-bundles`,
    reply: validators.Command,
    signal,
  });
}

export async function sendBundlePart(
  client: SignedClient,
  resultsUrl: string,
  commandId: string,
  number: number,
  content: Uint8Array,
  signal: AbortSignal,
): Promise<BundlePartReceipt> {
  const url = `${resultsUrl}/commands/${commandId}/bundle/${number}`;
  return client.request({
    method: "PUT",
    url,
    body: content,
    reply: validators.BundlePartReceipt,
    limitMs: uploadLimitMs,
    signal,
  });
}
