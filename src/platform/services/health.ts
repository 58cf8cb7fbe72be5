import type { FastifyInstance } from "fastify";
import type { HeartbeatReply, InventoryReply } from "../../protocol/schemas/health.ts";
import { validators } from "../../protocol/validators.ts";
import type { PlatformContext } from "./context.ts";
import { addSignedService, callerAppliance, readContent } from "./signed-service.ts";

export function addHealthService(app: FastifyInstance, context: PlatformContext): void {
  const { store, configuration, content, clock, changes } = context;
  addSignedService(app, "health", context, (scope) => {
    scope.post("/heartbeats", async (request): Promise<HeartbeatReply> => {
      const applianceId = callerAppliance(request);
      const heartbeat = readContent(request, validators.Heartbeat);
      const jobs = await store.appliances.heartbeat(applianceId, heartbeat, clock.nowMs(), configuration.leaseMs);
      changes.publish(applianceId);
      return { serverTime: clock.nowMs(), versions: { configuration: configuration.current.version, jobs, updates: content.version } };
    });

    scope.put("/inventory", async (request): Promise<InventoryReply> => {
      const applianceId = callerAppliance(request);
      await store.appliances.inventory(applianceId, readContent(request, validators.Inventory));
      changes.publish(applianceId);
      return { serverTime: clock.nowMs() };
    });
  });
}
