import type { FastifyInstance } from "fastify";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { longestTargetBytes } from "../../protocol/schemas/updates.ts";
import type { Operator } from "../operator/operator.ts";
import * as schemas from "../operator/schemas.ts";
import { actor } from "./actor.ts";
import { pageOf } from "./page-query.ts";
import { errorReplies } from "./refusals.ts";

/**
 * Publishing, the keys that sign, and the journal. To publish: `curl --data-binary @pack -H
 * 'content-type: application/octet-stream' '.../api/content?kind=signatures&name=core&version=1'`
 */
export function addContentRoutes(scope: FastifyInstance, { content, journal }: Operator): void {
  // The file arrives as a stream, because a system image does not fit into memory.
  scope.addContentTypeParser(
    "application/octet-stream",
    { bodyLimit: longestTargetBytes },
    (_request, payload, done) => done(null, payload),
  );
  scope.get(
    "/content",
    {
      schema: {
        summary: "Signature packs and software",
        response: { 200: schemas.ContentReply, ...errorReplies },
      },
    },
    async () => content.view(),
  );
  scope.post<{ Querystring: schemas.NewContent; Body: unknown }>(
    "/content",
    {
      bodyLimit: longestTargetBytes,
      schema: {
        summary: "Publish a signature pack or software",
        querystring: schemas.NewContent,
        response: { 201: schemas.ContentReply, ...errorReplies },
      },
    },
    async (request, reply) => {
      if (!isStream(request.body))
        throw new OutriderError("request-invalid", {
          detail: fact("file-type-wrong"),
        });
      await content.publish(request.query, request.body, actor(request));
      return reply.code(201).send(await content.view());
    },
  );
  scope.delete<{ Params: schemas.ContentPath }>(
    "/content/:kind/:name/:version",
    {
      schema: {
        summary: "Take a version back",
        params: schemas.ContentPath,
        response: { 200: schemas.ContentReply, ...errorReplies },
      },
    },
    async (request) => {
      await content.withdraw(request.params, actor(request));
      return content.view();
    },
  );
  scope.post<{ Params: schemas.RolePath; Querystring: schemas.KeyQuery }>(
    "/content/keys/:role",
    {
      schema: {
        summary:
          "Replace a key that signs updates; with `key`, only where that is the one that counts",
        params: schemas.RolePath,
        querystring: schemas.KeyQuery,
        response: { 200: schemas.ContentReply, ...errorReplies },
      },
    },
    async (request) => {
      await content.replaceKey(request.params.role, actor(request), request.query.key ?? null);
      return content.view();
    },
  );
  scope.get<{ Querystring: schemas.PageQuery }>(
    "/journal",
    {
      schema: {
        summary: "What operators did, newest first",
        querystring: schemas.PageQuery,
        response: { 200: schemas.JournalReply, ...errorReplies },
      },
    },
    async (request) => ({
      deeds: await journal.list(pageOf(request.query)),
      total: await journal.count(),
    }),
  );
}

function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}
