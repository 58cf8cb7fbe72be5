import type { FastifyInstance } from "fastify";
import type { Operator } from "../operator/operator.ts";
import * as schemas from "../operator/schemas.ts";
import { pageOf } from "./page-query.ts";
import { errorReplies, refuse } from "./refusals.ts";

/** Scans and their results. */
export function addScanRoutes(scope: FastifyInstance, { scans }: Operator): void {
  scope.post<{ Body: schemas.NewScan }>(
    "/scans",
    {
      schema: {
        summary: "Start a scan",
        body: schemas.NewScan,
        response: { 201: schemas.ScanView, ...errorReplies },
      },
    },
    async (request, reply) => {
      const started = await scans.start(request.body);
      if (started.ok) return reply.code(201).send(await scans.find(started.id));
      return refuse(
        reply,
        "targets" in started.problems || "exclusions" in started.problems
          ? "scan-targets-invalid"
          : "request-invalid",
        { fields: started.problems },
      );
    },
  );
  scope.get<{ Querystring: schemas.PageQuery }>(
    "/scans",
    {
      schema: {
        summary: "Scans, newest first",
        querystring: schemas.PageQuery,
        response: { 200: schemas.ScansReply, ...errorReplies },
      },
    },
    async (request) => ({
      scans: await scans.list(pageOf(request.query)),
      total: await scans.count(),
    }),
  );
  scope.get<{ Params: schemas.IdPath }>(
    "/scans/:id",
    {
      schema: {
        summary: "One scan",
        params: schemas.IdPath,
        response: { 200: schemas.ScanView, ...errorReplies },
      },
    },
    async (request) => scans.find(request.params.id),
  );
  scope.get<{ Params: schemas.IdPath; Querystring: schemas.PageQuery }>(
    "/scans/:id/results",
    {
      schema: {
        summary:
          "The hosts that a scan found, as far as received, by address; at most a thousand at a time",
        params: schemas.IdPath,
        querystring: schemas.PageQuery,
        response: { 200: schemas.ScanResultsReply, ...errorReplies },
      },
    },
    async (request) => ({
      hosts: await scans.hosts(request.params.id, pageOf(request.query)),
      total: (await scans.find(request.params.id)).hostCount,
    }),
  );
  scope.post<{ Params: schemas.IdPath }>(
    "/scans/:id/stop",
    {
      schema: {
        summary: "Stop a scan",
        params: schemas.IdPath,
        response: { 200: schemas.ScanView, ...errorReplies },
      },
    },
    async (request) => {
      await scans.stop(request.params.id);
      return scans.find(request.params.id);
    },
  );
}
