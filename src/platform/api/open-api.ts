import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import type { AboutView } from "../operator/schemas.ts";

/** Adds openapi.json, which describes every route of the scope that has a schema. */
export async function describeApi(scope: FastifyInstance, about: AboutView): Promise<void> {
  await scope.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Outrider platform",
        version: about.versions.platform,
        description: "What the operator's page does, as JSON.",
      },
      servers: [{ url: about.platformUrl }],
      components: { securitySchemes: { operatorToken: { type: "http", scheme: "bearer" } } },
      security: [{ operatorToken: [] }],
    },
  });
  scope.get("/openapi.json", { schema: { hide: true } }, async () => scope.swagger());
}
