import type { AnnouncementsReply } from "../../protocol/schemas/updates.ts";
import { validators } from "../../protocol/validators.ts";
import type { SignedClient } from "../signed-client.ts";

export async function readAnnouncements(client: SignedClient, updatesUrl: string, signal: AbortSignal): Promise<AnnouncementsReply> {
  return client.request({ method: "GET", url: `${updatesUrl}/announcements`, reply: validators.AnnouncementsReply, signal });
}
