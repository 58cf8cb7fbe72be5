import type { FastifyInstance } from "fastify";
import type { Operator } from "../operator/operator.ts";
import * as schemas from "../operator/schemas.ts";
import { errorReplies } from "./refusals.ts";

/** The platform itself: its settings and what its About page shows. */
export function addPlatformRoutes(scope: FastifyInstance, operator: Operator): void {
  scope.get(
    "/settings",
    { schema: { summary: "Settings", response: { 200: schemas.SettingsView, ...errorReplies } } },
    async () => operator.settings,
  );
  scope.put<{ Body: schemas.SettingsView }>(
    "/settings",
    {
      schema: {
        summary: "Change the settings",
        body: schemas.SettingsView,
        response: { 200: schemas.SettingsView, ...errorReplies },
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
        response: { 200: schemas.AboutView, ...errorReplies },
      },
    },
    async () => operator.about,
  );
}
