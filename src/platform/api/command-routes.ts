import type { FastifyInstance } from "fastify";
import type { Operator } from "../operator/operator.ts";
import * as schemas from "../operator/schemas.ts";
import { errorReplies } from "./refusals.ts";

/** Commands to appliances. */
export function addCommandRoutes(scope: FastifyInstance, { commands, fleet }: Operator): void {
  scope.post<{ Params: schemas.IdPath; Body: schemas.NewCommand }>(
    "/appliances/:id/commands",
    {
      schema: {
        summary:
          "Have an appliance do something: reboot, update, doctor, support-bundle, network, check-in, decommission",
        params: schemas.IdPath,
        body: schemas.NewCommand,
        response: { 201: schemas.CommandView, ...errorReplies },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await commands.give(request.params.id, request.body)),
  );
  scope.get<{ Params: schemas.IdPath }>(
    "/appliances/:id/commands",
    {
      schema: {
        summary: "Commands of an appliance, newest first",
        params: schemas.IdPath,
        response: { 200: schemas.CommandsReply, ...errorReplies },
      },
    },
    async (request) => {
      await fleet.find(request.params.id);
      return { commands: await commands.list(request.params.id) };
    },
  );
  scope.get<{ Params: schemas.IdPath }>(
    "/commands/:id",
    {
      schema: {
        summary: "One command and its result",
        params: schemas.IdPath,
        response: { 200: schemas.CommandView, ...errorReplies },
      },
    },
    async (request) => commands.find(request.params.id),
  );
  scope.get<{ Params: schemas.IdPath }>(
    "/commands/:id/bundle",
    {
      schema: {
        summary: "The support bundle that a command brought, tar.gz",
        params: schemas.IdPath,
      },
    },
    async (request, reply) =>
      reply
        .type("application/gzip")
        .header(
          "content-disposition",
          `attachment; filename="outrider-support-${request.params.id.slice(0, 8)}.tar.gz"`,
        )
        .send(await commands.bundle(request.params.id)),
  );
}
