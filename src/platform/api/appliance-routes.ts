import type { FastifyInstance } from "fastify";
import type { Operator } from "../operator/operator.ts";
import * as schemas from "../operator/schemas.ts";
import { pageOf } from "./page-query.ts";
import { errorReplies } from "./refusals.ts";

/** The fleet. */
export function addApplianceRoutes(scope: FastifyInstance, { fleet }: Operator): void {
  scope.get<{ Querystring: schemas.PageQuery }>(
    "/appliances",
    {
      schema: {
        summary: "The fleet, by name",
        querystring: schemas.PageQuery,
        response: { 200: schemas.AppliancesReply, ...errorReplies },
      },
    },
    async (request) => ({
      appliances: await fleet.summaries(pageOf(request.query)),
      total: await fleet.count(),
    }),
  );
  scope.get<{ Params: schemas.IdPath }>(
    "/appliances/:id/machines",
    {
      schema: {
        summary: "Machines that called under its identity",
        params: schemas.IdPath,
        response: { 200: schemas.MachinesReply, ...errorReplies },
      },
    },
    async (request) => ({ machines: await fleet.machines(request.params.id) }),
  );

  scope.get<{ Params: schemas.IdPath }>(
    "/appliances/:id/outages",
    {
      schema: {
        summary: "When it could not call home, and why, newest first",
        params: schemas.IdPath,
        response: { 200: schemas.OutagesReply, ...errorReplies },
      },
    },
    async (request) => ({ outages: await fleet.outages(request.params.id) }),
  );
  scope.post<{ Params: schemas.IdPath }>(
    "/appliances/:id/allow-copies",
    {
      schema: {
        summary: "Let what was taken for a copy work again",
        params: schemas.IdPath,
        response: { 200: schemas.ApplianceView, ...errorReplies },
      },
    },
    async (request) => {
      await fleet.allowCopies(request.params.id);
      return fleet.find(request.params.id);
    },
  );
  scope.get<{ Params: schemas.IdPath }>(
    "/appliances/:id",
    {
      schema: {
        summary: "One appliance with its last heartbeat",
        params: schemas.IdPath,
        response: { 200: schemas.ApplianceView, ...errorReplies },
      },
    },
    async (request) => fleet.find(request.params.id),
  );
  scope.delete<{ Params: schemas.IdPath }>(
    "/appliances/:id",
    {
      schema: {
        summary: "Revoke an appliance",
        params: schemas.IdPath,
        response: { 200: schemas.ApplianceView, ...errorReplies },
      },
    },
    async (request) => {
      await fleet.revoke(request.params.id);
      return fleet.find(request.params.id);
    },
  );
}
