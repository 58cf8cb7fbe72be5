import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Log } from "../../base/log.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { type ErrorCode, errorCodes } from "../../base/messages/error-codes.ts";
import type { Access } from "../operator/access.ts";
import type { Operator } from "../operator/operator.ts";
import * as schemas from "../operator/schemas.ts";
import { errorStatus } from "../services/error-status.ts";
import { addCommandRoutes } from "./command-routes.ts";
import { addContentRoutes } from "./content-routes.ts";
import { describeApi } from "./open-api.ts";
import { pageOf } from "./page-query.ts";

/** The operator's API: JSON, with the operator's token as bearer token. */
export async function addApi(
  app: FastifyInstance,
  operator: Operator,
  access: Access,
  log: Log,
): Promise<void> {
  await app.register(
    async (scope) => {
      await describeApi(scope, operator.about);
      scope.addHook("onRequest", async (request, reply) => requireToken(request, reply, access));
      scope.setErrorHandler((error: FastifyError | OutriderError, request, reply) =>
        answerError(error, request, reply, log),
      );
      scope.setNotFoundHandler((_request, reply) => refuse(reply, "not-found"));
      addCodeRoutes(scope, operator);
      addApplianceRoutes(scope, operator);
      addCommandRoutes(scope, operator);
      addScanRoutes(scope, operator);
      addContentRoutes(scope, operator);
      addPlatformRoutes(scope, operator);
    },
    { prefix: "/api" },
  );
}

const errors = { "4xx": schemas.ApiError };

function addCodeRoutes(scope: FastifyInstance, operator: Operator): void {
  scope.post<{ Body: schemas.NewActivationCode }>(
    "/activation-codes",
    {
      schema: {
        summary: "Make an activation code",
        body: schemas.NewActivationCode,
        response: { 201: schemas.CreatedActivationCode, ...errors },
      },
    },
    async (request, reply) =>
      reply
        .code(201)
        .send(
          await operator.codes.create(request.body.name ?? "", request.body.applianceId ?? null),
        ),
  );
  scope.get(
    "/activation-codes",
    {
      schema: {
        summary: "Activation codes, newest first",
        response: { 200: schemas.ActivationCodesReply, ...errors },
      },
    },
    async () => ({
      activationCodes: await operator.codes.list(),
    }),
  );
}

function addApplianceRoutes(scope: FastifyInstance, { fleet }: Operator): void {
  scope.get<{ Querystring: schemas.PageQuery }>(
    "/appliances",
    {
      schema: {
        summary: "The fleet, by name",
        querystring: schemas.PageQuery,
        response: { 200: schemas.AppliancesReply, ...errors },
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
        response: { 200: schemas.MachinesReply, ...errors },
      },
    },
    async (request) => ({ machines: await fleet.machines(request.params.id) }),
  );
  scope.post<{ Params: schemas.IdPath }>(
    "/appliances/:id/allow-copies",
    {
      schema: {
        summary: "Let what was taken for a copy work again",
        params: schemas.IdPath,
        response: { 200: schemas.ApplianceView, ...errors },
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
        response: { 200: schemas.ApplianceView, ...errors },
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
        response: { 200: schemas.ApplianceView, ...errors },
      },
    },
    async (request) => {
      await fleet.revoke(request.params.id);
      return fleet.find(request.params.id);
    },
  );
}

function addScanRoutes(scope: FastifyInstance, { scans }: Operator): void {
  scope.post<{ Body: schemas.NewScan }>(
    "/scans",
    {
      schema: {
        summary: "Start a scan",
        body: schemas.NewScan,
        response: { 201: schemas.ScanView, ...errors },
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
        undefined,
        started.problems,
      );
    },
  );
  scope.get<{ Querystring: schemas.PageQuery }>(
    "/scans",
    {
      schema: {
        summary: "Scans, newest first",
        querystring: schemas.PageQuery,
        response: { 200: schemas.ScansReply, ...errors },
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
        response: { 200: schemas.ScanView, ...errors },
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
        response: { 200: schemas.ScanResultsReply, ...errors },
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
        response: { 200: schemas.ScanView, ...errors },
      },
    },
    async (request) => {
      await scans.stop(request.params.id);
      return scans.find(request.params.id);
    },
  );
}

function addPlatformRoutes(scope: FastifyInstance, operator: Operator): void {
  scope.get(
    "/settings",
    { schema: { summary: "Settings", response: { 200: schemas.SettingsView, ...errors } } },
    async () => operator.settings,
  );
  scope.put<{ Body: schemas.SettingsView }>(
    "/settings",
    {
      schema: {
        summary: "Change the settings",
        body: schemas.SettingsView,
        response: { 200: schemas.SettingsView, ...errors },
      },
    },
    async (request) => {
      await operator.changeSettings(request.body);
      return operator.settings;
    },
  );
  scope.get(
    "/about",
    {
      schema: {
        summary: "Addresses, certificate authority, versions",
        response: { 200: schemas.AboutView, ...errors },
      },
    },
    async () => operator.about,
  );
}

async function requireToken(
  request: FastifyRequest,
  reply: FastifyReply,
  access: Access,
): Promise<FastifyReply | undefined> {
  const token = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(request.headers.authorization ?? "")?.[1];
  const checked =
    token === undefined
      ? { kind: "refused" as const }
      : access.checkToken(token, request.socket.remoteAddress ?? "unix");
  if (checked.kind === "right") return undefined;
  if (checked.kind === "wait")
    return refuse(
      reply.header("retry-after", String(checked.seconds)),
      "service-busy",
      "too many wrong tokens",
      undefined,
      429,
    );
  return refuse(
    reply.header("www-authenticate", 'Bearer realm="Outrider"'),
    "not-allowed",
    "the operator's token is missing or wrong",
    undefined,
    401,
  );
}

function answerError(
  error: FastifyError | OutriderError,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
): FastifyReply {
  if (error instanceof OutriderError) return refuse(reply, error.code, error.detail);
  if (error.validation) {
    const fields = error.validation.map((one) => [
      one.instancePath.split("/")[1] ?? String(one.params.missingProperty ?? ""),
      one.message ?? "is not valid",
    ]);
    return refuse(reply, "request-invalid", error.message, Object.fromEntries(fields));
  }
  if (error.statusCode !== undefined && error.statusCode < 500)
    return refuse(reply, error.statusCode === 413 ? "too-large" : "request-invalid", error.message);
  log.error("api failed", { path: request.url, error: error.stack });
  return refuse(reply, "internal-error");
}

function refuse(
  reply: FastifyReply,
  code: ErrorCode,
  detail: string = errorCodes[code].what,
  fields?: Record<string, string>,
  status = errorStatus(code),
): FastifyReply {
  const body: schemas.ApiError = { error: { code, detail, ...(fields ? { fields } : {}) } };
  return reply.code(status).type("application/json; charset=utf-8").send(body);
}
