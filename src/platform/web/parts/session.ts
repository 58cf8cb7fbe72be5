import type {} from "@fastify/cookie";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Access } from "../../operator/access.ts";

/**
 * The prefix makes browsers refuse the cookie unless it is Secure, for this host only, and for
 * every path (RFC 6265bis).
 */
const cookieName = "__Host-outrider";

declare module "fastify" {
  interface FastifyRequest {
    /** The operator's session; empty where none is needed. */
    sessionToken: string;
  }
}

/** Lets only requests with a session into the scope, and only forms of this page. */
export function requireSession(scope: FastifyInstance, access: Access): void {
  // The head is enough to know the session: a form of somebody without one is not read.
  scope.addHook("onRequest", async (request, reply) => {
    const token = sessionCookie(request);
    if (token === null || !(await access.hasSession(token))) return sendToLogIn(request, reply);
    request.server.strangers.forget(request.raw.socket);
    request.sessionToken = token;
    return undefined;
  });
  scope.addHook("preHandler", async (request, reply) => {
    if (
      request.method !== "GET" &&
      !(comesFromHere(request) && access.isFormToken(request.sessionToken, formProof(request)))
    ) {
      return reply.redirect("/fleet", 303);
    }
    return undefined;
  });
}

/**
 * Whether a form comes from this page, as far as the browser says (Fetch Metadata, Origin). It is
 * checked besides SameSite=Strict and the form's token.
 */
export function comesFromHere(request: FastifyRequest): boolean {
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  const { origin } = request.headers;
  return (
    origin === undefined || (URL.canParse(origin) && new URL(origin).host === request.headers.host)
  );
}

export function sessionCookie(request: FastifyRequest): string | null {
  const value = request.cookies[cookieName];
  return value !== undefined && /^[\w-]{20,100}$/.test(value) ? value : null;
}

const cookieAttributes = { path: "/", secure: true, httpOnly: true, sameSite: "strict" } as const;

export function setSessionCookie(reply: FastifyReply, token: string, maxAgeSeconds: number): void {
  reply.setCookie(cookieName, token, { ...cookieAttributes, maxAge: maxAgeSeconds });
}

export function clearSessionCookie(reply: FastifyReply): void {
  reply.setCookie(cookieName, "", { ...cookieAttributes, maxAge: 0 });
}

export function formValue(request: FastifyRequest, name: string): string {
  return request.body instanceof URLSearchParams ? (request.body.get(name) ?? "") : "";
}

/**
 * The form's token: a field of the form, or the header that the page's own code sends with a file.
 * Another site's code cannot add such a header without being allowed to (CORS).
 */
function formProof(request: FastifyRequest): string {
  return formValue(request, "form") || String(request.headers["x-outrider-form"] ?? "");
}

/** A path of this platform; a text that could lead to another host becomes the fleet. */
export function localPath(text: string): string {
  return /^\/(?![/\\])[\w\-./?=&%]*$/.test(text) ? text : "/fleet";
}

function sendToLogIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (request.method !== "GET" || request.url === "/live") return reply.code(401).send();
  return reply.redirect(
    request.url === "/fleet" ? "/log-in" : `/log-in?next=${encodeURIComponent(request.url)}`,
    303,
  );
}
