import type { FastifyInstance } from "fastify";
import type { AnnouncementsReply } from "../../protocol/schemas/updates.ts";
import type { PlatformContext } from "./context.ts";
import { addSignedService } from "./signed-service.ts";

export function addUpdatesService(app: FastifyInstance, context: PlatformContext): void {
  addSignedService(app, "updates", context, (scope) => {
    scope.get(
      "/announcements",
      async (): Promise<AnnouncementsReply> => ({ serverTime: context.clock.nowMs(), ...(await context.store.announcements.list()) }),
    );
  });
}
