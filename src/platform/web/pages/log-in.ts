import type { FastifyInstance } from "fastify";
import { callerAddress } from "../../https/caller-address.ts";
import { requestLimit } from "../../https/request-limit.ts";
import { type Access, sessionLifetimeMs } from "../../operator/access.ts";
import { field } from "../parts/components.ts";
import { type Html, html } from "../parts/html.ts";
import type { Page } from "../parts/layout.ts";
import type { SendPage } from "../parts/send-page.ts";
import {
  clearSessionCookie,
  comesFromHere,
  formValue,
  localPath,
  sessionCookie,
  setSessionCookie,
} from "../parts/session.ts";

/**
 * Every log-in with the right token stores a session. Access slows down wrong tokens; this bounds
 * the right ones.
 */
const mostLogInsPerMinute = 60;

/** Logging in and out: the only page without a session. */
export function addLogIn(scope: FastifyInstance, access: Access, sendBare: SendPage): void {
  const page = (next: string, problem?: string): Page => ({
    title: "Log in",
    section: "",
    content: logInContent(next, problem),
  });

  scope.get("/", (_request, reply) => reply.redirect("/fleet", 303));
  scope.get<{ Querystring: { next?: string } }>("/log-in", (request, reply) =>
    sendBare(reply, page(localPath(String(request.query.next ?? "")))),
  );

  scope.post(
    "/log-in",
    { config: { rateLimit: requestLimit(mostLogInsPerMinute) } },
    async (request, reply) => {
      const next = localPath(formValue(request, "next"));
      if (!comesFromHere(request)) return sendBare(reply, page(next), 403);
      const result = await access.logIn(formValue(request, "token").trim(), callerAddress(request));
      if (result.kind === "wait") {
        const minutes = Math.ceil(result.seconds / 60);
        return sendBare(
          reply.header("retry-after", String(result.seconds)),
          page(next, `Too many wrong tokens. Try again in ${minutes} minutes.`),
          429,
        );
      }
      if (result.kind === "refused")
        return sendBare(reply, page(next, "This is not the operator's token."), 403);
      setSessionCookie(reply, result.token, sessionLifetimeMs / 1000);
      return reply.redirect(next, 303);
    },
  );

  scope.post("/log-out", async (request, reply) => {
    const token = sessionCookie(request);
    if (token !== null && comesFromHere(request)) {
      await access.logOut(token);
      clearSessionCookie(reply);
    }
    return reply.redirect("/log-in", 303);
  });
}

function logInContent(next: string, problem: string | undefined): Html {
  return html`<h1>Log in</h1>
<form method="post" action="/log-in" class="card"><input type="hidden" name="next" value="${next}">
${field(
  {
    name: "token",
    label: "Operator's token",
    hint: html`It is in the file <span class="code">operator-token</span> in the platform's data folder.`,
    problem,
  },
  ({ describedBy, invalid }) =>
    html`<input id="token" name="token" type="password" autocomplete="current-password" required
autofocus aria-describedby="${describedBy}" aria-invalid="${invalid}">`,
)}
<div class="buttons"><button class="primary">Log in</button></div></form>`;
}
