import type {
  Heartbeat,
  HeartbeatReply,
  Inventory,
  InventoryReply,
} from "../../protocol/schemas/health.ts";
import { validators } from "../../protocol/validators.ts";
import type { SignedClient } from "../session/signed-client.ts";

export async function sendHeartbeat(
  client: SignedClient,
  healthUrl: string,
  heartbeat: Heartbeat,
  signal: AbortSignal,
): Promise<HeartbeatReply> {
  return client.request({
    method: "POST",
    url: `${healthUrl}/heartbeats`,
    body: heartbeat,
    reply: validators.HeartbeatReply,
    signal,
  });
}

export async function sendInventory(
  client: SignedClient,
  healthUrl: string,
  inventory: Inventory,
  signal: AbortSignal,
): Promise<InventoryReply> {
  return client.request({
    method: "PUT",
    url: `${healthUrl}/inventory`,
    body: inventory,
    reply: validators.InventoryReply,
    signal,
  });
}
