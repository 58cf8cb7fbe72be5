import type { FastifyInstance } from "fastify";
import type { Operator } from "../operator/operator.ts";
import * as schemas from "../operator/schemas.ts";
import { errorReplies } from "./refusals.ts";

/** Activation codes. */
export function addCodeRoutes(scope: FastifyInstance, { codes }: Operator): void {
  scope.post<{ Body: schemas.NewActivationCode }>(
    "/activation-codes",
    {
      schema: {
        summary: "Make an activation code",
        body: schemas.NewActivationCode,
        response: { 201: schemas.CreatedActivationCode, ...errorReplies },
      },
    },
    async (request, reply) =>
      reply
        .code(201)
        .send(await codes.create(request.body.name ?? "", request.body.applianceId ?? null)),
  );
  scope.get(
    "/activation-codes",
    {
      schema: {
        summary: "Activation codes, newest first",
        response: { 200: schemas.ActivationCodesReply, ...errorReplies },
      },
    },
    async () => ({
      activationCodes: await codes.list(),
    }),
  );
}
