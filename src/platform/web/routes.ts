import type { FastifyError, FastifyInstance, FastifyReply } from "fastify";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { type Access, sessionLifetimeMs } from "../operator/access.ts";
import type { Operator } from "../operator/operator.ts";
import type { Changes } from "../services/changes.ts";
import { type Asset, loadAssets } from "./assets.ts";
import { addLive } from "./live.ts";
import { addPages } from "./page-routes.ts";
import { logInPage, messagePage, notFoundPage } from "./pages/about.ts";
import type { Html } from "./parts/html.ts";
import { bareLayout, layout, type Page, type PageFrame } from "./parts/layout.ts";
import {
  comesFromHere,
  formValue,
  localPath,
  requireSession,
  sessionCookie,
  setSessionCookie,
} from "./parts/session.ts";

export interface WebParts {
  operator: Operator;
  access: Access;
  changes: Changes;
  clock: Clock;
  /** Aborted when the platform ends: live streams end with it. */
  ending: AbortSignal;
  log: Log;
}

/** How a page is sent; `status` other than 200 for a form that was refused. */
export type SendPage = (
  reply: FastifyReply,
  sessionToken: string,
  page: Page,
  status?: number,
) => FastifyReply;

/** What of a session may be written where others see it. */
export interface SessionProofs {
  formToken(session: string): string;
  sessionName(session: string): string;
}

const securityHeaders = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

export async function addWebPage(app: FastifyInstance, parts: WebParts): Promise<void> {
  const { operator, access, changes, clock, ending, log } = parts;
  const { files, version } = await loadAssets();
  const frame = (formToken: string): PageFrame => ({
    platformName: operator.about.platformName,
    nowMs: clock.nowMs(),
    formToken,
    assetsVersion: version,
  });
  const send = (reply: FastifyReply, page: Html, status: number) =>
    reply.code(status).type("text/html; charset=utf-8").send(page.text);
  const sendPage: SendPage = (reply, sessionToken, page, status = 200) =>
    send(reply, layout(frame(access.formToken(sessionToken)), page), status);
  const sendBare = (reply: FastifyReply, page: Page, status = 200) =>
    send(reply, bareLayout(frame(""), page), status);

  await app.register(async (scope) => {
    scope.decorateRequest("sessionToken", "");
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string" },
      (_request, body, done) => done(null, new URLSearchParams(String(body))),
    );
    scope.addHook("onSend", async (_request, reply) => {
      reply.headers(securityHeaders);
      if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    });
    scope.setErrorHandler((error: FastifyError | OutriderError, request, reply) => {
      if (error instanceof OutriderError && error.code === "not-found")
        return sendBare(reply, { title: "Not found", section: "", content: notFoundPage() }, 404);
      const status = error instanceof OutriderError ? 400 : (error.statusCode ?? 500);
      if (status >= 500) log.error("page failed", { path: request.url, error: error.stack });
      const text =
        status >= 500
          ? "The platform has a fault; its log says more."
          : "The request was not understood.";
      return sendBare(
        reply,
        { title: "Fault", section: "", content: messagePage("This did not work", text) },
        status,
      );
    });
    scope.get<{ Params: { name: string } }>("/assets/:name", (request, reply) =>
      sendAsset(reply, files.get(request.params.name)),
    );
    addLogIn(scope, access, sendBare);
    await scope.register(async (inner) => {
      requireSession(inner, access);
      addLive(inner, changes, ending);
      addPages(inner, operator, clock, sendPage, {
        formToken: (session) => access.formToken(session),
        sessionName: (session) => access.sessionName(session),
      });
    });
  });
  app.setNotFoundHandler((_request, reply) => {
    reply.headers({ ...securityHeaders, "cache-control": "no-store" });
    return sendBare(reply, { title: "Not found", section: "", content: notFoundPage() }, 404);
  });
}

function sendAsset(reply: FastifyReply, asset: Asset | undefined): FastifyReply {
  if (!asset) throw new OutriderError("not-found");
  return reply.header("cache-control", "private, max-age=300").type(asset.type).send(asset.content);
}

function addLogIn(
  scope: FastifyInstance,
  access: Access,
  sendBare: (reply: FastifyReply, page: Page, status?: number) => FastifyReply,
): void {
  const page = (next: string, problem?: string): Page => ({
    title: "Log in",
    section: "",
    content: logInPage({ next, problem }),
  });
  scope.get("/", (_request, reply) => reply.redirect("/fleet", 303));
  scope.get<{ Querystring: { next?: string } }>("/log-in", (request, reply) =>
    sendBare(reply, page(localPath(String(request.query.next ?? "")))),
  );
  scope.post("/log-in", async (request, reply) => {
    const next = localPath(formValue(request, "next"));
    if (!comesFromHere(request)) return sendBare(reply, page(next), 403);
    const result = await access.logIn(
      formValue(request, "token").trim(),
      request.socket.remoteAddress ?? "unix",
    );
    if (result.kind === "wait") {
      return sendBare(
        reply.header("retry-after", String(result.seconds)),
        page(
          next,
          `Too many wrong tokens. Try again in ${Math.ceil(result.seconds / 60)} minutes.`,
        ),
        429,
      );
    }
    if (result.kind === "refused")
      return sendBare(reply, page(next, "This is not the operator's token."), 403);
    setSessionCookie(reply, result.token, sessionLifetimeMs / 1000);
    return reply.redirect(next, 303);
  });
  scope.post("/log-out", async (request, reply) => {
    const token = sessionCookie(request);
    if (token !== null && comesFromHere(request)) {
      await access.logOut(token);
      setSessionCookie(reply, "", 0);
    }
    return reply.redirect("/log-in", 303);
  });
}
