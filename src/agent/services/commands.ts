import type { BundlePartReceipt, CommandReceipt, CommandResult } from "../../protocol/schemas/commands.ts";
import { validators } from "../../protocol/validators.ts";
import type { SignedClient } from "../signed-client.ts";

const uploadLimitMs = 120_000;

export async function sendCommandResult(
  client: SignedClient,
  resultsUrl: string,
  commandId: string,
  result: CommandResult,
  signal: AbortSignal,
): Promise<CommandReceipt> {
  return client.request({ method: "POST", url: `${resultsUrl}/commands/${commandId}/result`, body: result, reply: validators.CommandReceipt, signal });
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
  return client.request({ method: "PUT", url, body: content, reply: validators.BundlePartReceipt, limitMs: uploadLimitMs, signal });
}
