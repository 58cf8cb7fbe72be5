import compress from "@fastify/compress";
import rateLimit from "@fastify/rate-limit";
import type { FastifyError, FastifyInstance } from "fastify";
import type { Log } from "../../base/log.ts";
import type { OutriderError } from "../../base/messages/error.ts";
import { compression } from "../https/compression.ts";
import { requestLimit } from "../https/request-limit.ts";
import type { Access } from "../operator/access.ts";
import type { Operator } from "../operator/operator.ts";
import { addApplianceRoutes } from "./appliance-routes.ts";
import { addCodeRoutes } from "./code-routes.ts";
import { addCommandRoutes } from "./command-routes.ts";
import { addContentRoutes } from "./content-routes.ts";
import { addKeyRoutes } from "./key-routes.ts";
import { describeApi } from "./open-api.ts";
import { addPlatformRoutes } from "./platform-routes.ts";
import { answerError, refuse } from "./refusals.ts";
import { addScanRoutes } from "./scan-routes.ts";
import { requireToken } from "./token.ts";

/**
 * A hundred a second: far above scripts that wait for something, and a bound for one that runs
 * wild, since all requests share one database connection.
 */
const mostRequestsPerMinute = 6000;

/**
 * Adds the operator's API: JSON, with the operator's token as bearer token. The plugins are
 * registered in the API's own scope: the five services do without them.
 */
export async function addApi(
  app: FastifyInstance,
  operator: Operator,
  access: Access,
  log: Log,
): Promise<void> {
  await app.register(
    async (scope) => {
      await scope.register(compress, compression);
      await scope.register(rateLimit, requestLimit(mostRequestsPerMinute));
      await describeApi(scope, operator.about);
      scope.addHook("onRequest", async (request) => requireToken(request, access));
      scope.setErrorHandler((error: FastifyError | OutriderError, request, reply) =>
        answerError(error, request, reply, log),
      );
      scope.setNotFoundHandler((_request, reply) => refuse(reply, "not-found"));
      addCodeRoutes(scope, operator);
      addApplianceRoutes(scope, operator);
      addCommandRoutes(scope, operator);
      addScanRoutes(scope, operator);
      addContentRoutes(scope, operator);
      addKeyRoutes(scope, operator);
      addPlatformRoutes(scope, operator);
    },
    { prefix: "/api" },
  );
}
