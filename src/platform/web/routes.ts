import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import type { FastifyError, FastifyInstance, FastifyReply } from "fastify";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import { type ErrorCode, errorCodes } from "../../base/messages/error-codes.ts";
import { callerAddress } from "../https/caller-address.ts";
import type { Access } from "../operator/access.ts";
import type { Operator } from "../operator/operator.ts";
import type { Changes } from "../services/changes.ts";
import { addAssets, makeAssets } from "./assets.ts";
import { securityHeaders } from "./headers.ts";
import { addLive } from "./live.ts";
import { navigation, pages } from "./page-list.ts";
import { addLogIn } from "./pages/log-in.ts";
import type { Html } from "./parts/html.ts";
import { bareLayout, layout, type PageFrame } from "./parts/layout.ts";
import { faultPage, notFoundPage } from "./parts/message.ts";
import type { PageParts, SendPage } from "./parts/send-page.ts";
import { requireSession } from "./parts/session.ts";

export interface WebParts {
  operator: Operator;
  access: Access;
  changes: Changes;
  /** For the browsers' files, which are made at the start. */
  assetsFolder: string;
  clock: Clock;
  /** Aborted when the platform ends: live streams end with it. */
  ending: AbortSignal;
  log: Log;
}

/**
 * Adds the operator's pages. The plugins are registered in the pages' own scope: the five services
 * do without them.
 */
export async function addWebPage(app: FastifyInstance, parts: WebParts): Promise<void> {
  const { operator, access, changes, assetsFolder, clock, ending, log } = parts;
  const assetsVersion = await makeAssets(assetsFolder);
  const frame = (formToken: string): PageFrame => ({
    platformName: operator.about.platformName,
    nowMs: clock.nowMs(),
    formToken,
    navigation,
    assetsVersion,
  });
  const sendPage: SendPage = (reply, page, status = 200) =>
    sendHtml(reply, layout(frame(access.formToken(reply.request.sessionToken)), page), status);
  const sendBare: SendPage = (reply, page, status = 200) =>
    sendHtml(reply, bareLayout(frame(""), page), status);
  const pageParts: PageParts = {
    operator,
    clock,
    sendPage,
    formToken: ({ sessionToken }) => access.formToken(sessionToken),
    actor: (request) => ({
      by: `page, session ${access.sessionName(request.sessionToken)}`,
      from: callerAddress(request),
    }),
  };

  await app.register(async (scope) => {
    await scope.register(helmet, securityHeaders);
    await scope.register(cookie);
    await scope.register(rateLimit, { global: false });
    scope.decorateRequest("sessionToken", "");
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string" },
      (_request, body, done) => done(null, new URLSearchParams(String(body))),
    );
    scope.addHook("onSend", async (_request, reply) => {
      if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    });
    scope.setErrorHandler((error: FastifyError | OutriderError, request, reply) => {
      if (error instanceof OutriderError && error.code === "not-found")
        return sendBare(reply, notFoundPage, 404);
      const status = errorStatus(error);
      const { code } = asOutriderError(error);
      if (status >= 500) log.error("page failed", { path: request.url, code, error: error.stack });
      return sendBare(reply, faultPage(faultText(status, code)), status);
    });
    scope.setNotFoundHandler((_request, reply) => sendBare(reply, notFoundPage, 404));
    addAssets(scope, assetsFolder);
    addLogIn(scope, access, sendBare);
    await scope.register(async (inner) => {
      requireSession(inner, access);
      addLive(inner, changes, ending);
      for (const page of pages) page.addRoutes(inner, pageParts);
    });
  });
}

function sendHtml(reply: FastifyReply, page: Html, status: number): FastifyReply {
  return reply.code(status).type("text/html; charset=utf-8").send(page.text);
}

function errorStatus(error: FastifyError | OutriderError): number {
  if (!(error instanceof OutriderError)) return error.statusCode ?? 500;
  return error.code === "service-busy" ? 429 : 400;
}

function faultText(status: number, code: ErrorCode): string {
  const { stage, what, remedy } = errorCodes[code];
  if (stage === "storage") return `${what} ${remedy}`;
  if (status >= 500) return "The platform has a fault; its log says more.";
  if (status === 429) return "Too many requests came from this address. Try again in a minute.";
  return "The request was not understood.";
}
