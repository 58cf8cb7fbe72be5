import type { FastifyInstance } from "fastify";
import { OutriderError } from "../../base/messages/error.ts";
import {
  type AnnouncementsReply,
  longestPieceBytes,
  longestTargetBytes,
} from "../../protocol/schemas/updates.ts";
import type { PlatformContext } from "./context.ts";
import { addSignedService, wholeNumber } from "./signed-service.ts";

const mostAnnouncements = 200;

export function addUpdatesService(app: FastifyInstance, context: PlatformContext): void {
  const { content, clock } = context;
  addSignedService(app, "updates", context, (scope) => {
    scope.get("/announcements", async (): Promise<AnnouncementsReply> => {
      const announcements = content.list().slice(0, mostAnnouncements);
      return {
        serverTime: clock.nowMs(),
        version: content.version,
        announcements: announcements.map(({ sha256, sequence, ...facts }) => facts),
      };
    });

    scope.get<{ Params: { name: string } }>("/metadata/:name", async (request, reply) => {
      const bytes = await content.metadata(request.params.name);
      if (bytes === null) throw new OutriderError("not-found");
      return reply.type("application/json").send(bytes);
    });

    scope.get<{ Params: { sha256: string }; Querystring: { from?: string; length?: string } }>(
      "/targets/:sha256",
      async (request, reply) => {
        const from = wholeNumber(request.query.from, "from", longestTargetBytes);
        const length = wholeNumber(request.query.length, "length", longestPieceBytes);
        return reply
          .type("application/octet-stream")
          .send(await content.piece(request.params.sha256, from, length));
      },
    );
  });
}
