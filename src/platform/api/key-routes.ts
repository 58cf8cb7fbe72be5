import type { FastifyInstance } from "fastify";
import * as schemas from "../operator/key-schemas.ts";
import type { Operator } from "../operator/operator.ts";
import { actor } from "./actor.ts";
import { errorReplies } from "./refusals.ts";

/** The keys by which appliances know this platform: listing and replacing them. */
export function addKeyRoutes(scope: FastifyInstance, { keys }: Operator): void {
  const response = { 200: schemas.PlatformKeysReply, ...errorReplies };
  scope.get(
    "/keys",
    { schema: { summary: "Reply keys and certificate authorities, and who knows them", response } },
    async () => keys.view(),
  );
  scope.post<{ Params: schemas.KeyKindPath; Body: schemas.NewRoll }>(
    "/keys/:kind/roll",
    {
      schema: {
        summary:
          "Announce the next key; with `now`, after a theft, replace the present one at once",
        params: schemas.KeyKindPath,
        body: schemas.NewRoll,
        response,
      },
    },
    async (request) => {
      await keys.roll(request.params.kind, request.body, actor(request));
      return keys.view();
    },
  );
}
