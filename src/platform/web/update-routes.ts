import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Clock } from "../../base/clock.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import { errorCodes } from "../../base/messages/error-codes.ts";
import { contentKinds, longestTargetBytes } from "../../protocol/schemas/updates.ts";
import { validators } from "../../protocol/validators.ts";
import type { Actor } from "../operator/journal.ts";
import type { Operator } from "../operator/operator.ts";
import type { ContentPath, RolePath } from "../operator/schemas.ts";
import { keyNotReplacedPage, replaceKeyPage } from "./pages/keys.ts";
import { updatesPage, withdrawPage } from "./pages/updates.ts";
import { formValue } from "./parts/session.ts";
import type { SendPage, SessionProofs } from "./routes.ts";

const deedsShown = 20;

/** Publishing signature packs and software, taking them back, and the keys that sign them. */
export function addUpdatePages(
  scope: FastifyInstance,
  operator: Operator,
  clock: Clock,
  sendPage: SendPage,
  proofs: SessionProofs,
): void {
  const { content, fleet, about, journal } = operator;
  const { formToken } = proofs;
  const actor = (request: FastifyRequest): Actor => ({
    by: `page, session ${proofs.sessionName(request.sessionToken)}`,
    from: request.socket.remoteAddress ?? "unix",
  });

  scope.get<{ Querystring: { replaced?: string } }>("/updates", async (request, reply) => {
    const view = await content.view();
    const page = updatesPage({
      content: view,
      deeds: await journal.list({ limit: deedsShown }),
      replaced: view.keys.find(({ role }) => role === request.query.replaced) ?? null,
      appliances: await fleet.list(),
      platformUrl: about.platformUrl,
      formToken: formToken(request.sessionToken),
      nowMs: clock.nowMs(),
    });
    return sendPage(reply, request.sessionToken, {
      title: "Updates",
      section: "/updates",
      content: page,
    });
  });

  // The file comes as it is, as a stream: a system image is no matter for memory. The proof of the
  // form comes as a field of the request.
  scope.addContentTypeParser(
    "application/octet-stream",
    { bodyLimit: longestTargetBytes },
    (_request, payload, done) => done(null, payload),
  );
  scope.post<{ Querystring: Record<string, string> }>(
    "/updates/publish",
    { bodyLimit: longestTargetBytes },
    async (request, reply) => {
      const { kind = "", name = "", version = "", summary = "" } = request.query;
      const problem = (status: number, words: string) =>
        reply.code(status).send({ problem: words });
      const facts = validators.TargetFacts({
        kind,
        name,
        version,
        summary,
        publishedAt: 0,
        sequence: 1,
      });
      if (!facts.valid)
        return problem(
          422,
          `${fieldNames.get(facts.violations[0]?.path.replace("/", "") ?? "") ?? "A field"} is not as its hint says.`,
        );
      if (!isStream(request.body)) return problem(422, "There is no file.");
      try {
        const published = await content.publish(
          { kind: facts.value.kind, name, version, summary },
          request.body,
          actor(request),
        );
        return await reply.code(201).send({ sha256: published.sha256 });
      } catch (error) {
        const { code, detail } = asOutriderError(error);
        return problem(
          422,
          `${errorCodes[code].what}${detail ? ` (${detail})` : ""} ${errorCodes[code].remedy}`,
        );
      }
    },
  );

  const find = async ({ kind, name, version }: ContentPath) => {
    const found = content
      .list()
      .find((each) => each.kind === kind && each.name === name && each.version === version);
    if (!found || !contentKinds.includes(kind)) throw new OutriderError("not-found");
    return found;
  };
  scope.get<{ Params: ContentPath }>(
    "/updates/:kind/:name/:version/withdraw",
    async (request, reply) => {
      const page = withdrawPage(await find(request.params), formToken(request.sessionToken));
      return sendPage(reply, request.sessionToken, {
        title: "Take back an update",
        section: "/updates",
        content: page,
      });
    },
  );
  scope.post<{ Params: ContentPath }>(
    "/updates/:kind/:name/:version/withdraw",
    async (request, reply) => {
      await content.withdraw(await find(request.params), actor(request));
      return reply.redirect("/updates", 303);
    },
  );

  const findKey = async (wanted: string) => {
    const key = (await content.view()).keys.find(({ role }) => role === wanted);
    if (!key) throw new OutriderError("not-found");
    return key;
  };
  scope.get<{ Params: RolePath }>("/updates/keys/:role/replace", async (request, reply) => {
    const page = replaceKeyPage(
      await findKey(request.params.role),
      clock.nowMs(),
      formToken(request.sessionToken),
    );
    return sendPage(reply, request.sessionToken, {
      title: "Replace a key",
      section: "/updates",
      content: page,
    });
  });
  scope.post<{ Params: RolePath }>("/updates/keys/:role/replace", async (request, reply) => {
    const { role } = await findKey(request.params.role);
    try {
      await content.replaceKey(role, actor(request), formValue(request, "key"));
    } catch (error) {
      const { code, detail } = asOutriderError(error);
      const page = keyNotReplacedPage(
        role,
        `${errorCodes[code].what}${detail ? ` (${detail})` : ""} ${errorCodes[code].why} ${errorCodes[code].remedy}`,
      );
      return sendPage(
        reply,
        request.sessionToken,
        { title: "Replace a key", section: "/updates", content: page },
        422,
      );
    }
    return reply.redirect(`/updates?replaced=${role}`, 303);
  });
}

const fieldNames = new Map([
  ["kind", "The kind"],
  ["name", "The name"],
  ["version", "The version"],
  ["summary", "The summary"],
]);

function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}
