import type { FastifyInstance } from "fastify";
import { OutriderError } from "../../base/messages/error.ts";
import type { HeartbeatReply, InventoryReply } from "../../protocol/schemas/health.ts";
import { validators } from "../../protocol/validators.ts";
import type { PlatformContext } from "./context.ts";
import { describeCopy } from "./describe-copy.ts";
import { addSignedService, callerAppliance, readContent } from "./signed-service.ts";

export function addHealthService(app: FastifyInstance, context: PlatformContext): void {
  const { store, configuration, leases, content, clock, changes, log } = context;
  addSignedService(app, "health", context, (scope) => {
    scope.post("/heartbeats", async (request): Promise<HeartbeatReply> => {
      const applianceId = callerAppliance(request);
      const heartbeat = readContent(request, validators.Heartbeat);
      const now = clock.nowMs();
      const result = await store.appliances.heartbeat(
        applianceId,
        heartbeat,
        {
          from: request.socket.remoteAddress ?? null,
          atMs: now,
          signedMs: request.exchange?.createdMs ?? now,
        },
        leases.current,
      );
      changes.publish(applianceId);
      context.rolls.heard();
      if (result.kind === "copy") {
        const copy = new OutriderError("appliance-copy", {
          detail: await describeCopy(context, applianceId, heartbeat.bootId),
        });
        if (result.news)
          log.warning("a copy of an appliance calls home", {
            appliance: applianceId,
            machines: copy.detail,
          });
        throw copy;
      }
      const jobs = result.jobsVersion;
      return {
        serverTime: clock.nowMs(),
        versions: { configuration: configuration.current.version, jobs, updates: content.version },
      };
    });

    scope.put("/inventory", async (request): Promise<InventoryReply> => {
      const applianceId = callerAppliance(request);
      await store.appliances.inventory(applianceId, readContent(request, validators.Inventory));
      changes.publish(applianceId);
      return { serverTime: clock.nowMs() };
    });
  });
}
