import type { FastifyInstance } from "fastify";
import { OutriderError } from "../../base/messages/error.ts";
import {
  type BundlePartReceipt,
  bundlePartBytes,
  type Command,
  type CommandReceipt,
  mostBundleParts,
} from "../../protocol/schemas/commands.ts";
import { validators } from "../../protocol/validators.ts";
import type { PlatformContext } from "./context.ts";
import { callerAppliance, readContent, wholeNumber } from "./signed-service.ts";

const mostCommandsSearched = 50;
const bundleLifetimeMs = 24 * 3_600_000;

/** Adds the routes by which appliances report the results of commands, and send support bundles. */
export function addCommandResults(
  scope: FastifyInstance,
  { store, clock, changes, log, random }: PlatformContext,
): void {
  // The result of a decommission revokes the appliance. It must be able to repeat the result,
  // because the reply may have been lost.
  scope.post<{ Params: { id: string } }>(
    "/commands/:id/result",
    { config: { revokedToo: true } },
    async (request): Promise<CommandReceipt> => {
      const applianceId = callerAppliance(request);
      const { id } = request.params;
      const result = readContent(request, validators.CommandResult);
      const ending = await store.commands.end(applianceId, id, result, clock.nowMs());
      if (ending.kind === "not-found") throw new OutriderError("not-found");
      const command = await store.commands.find(id);
      if (ending.first)
        log.info("command ended", {
          command: id,
          kind: command?.kind,
          appliance: applianceId,
          end: result.end,
          code: result.code,
        });
      // Also for a repeated result: the platform may have ended before it revoked the appliance.
      if (command?.kind === "decommission" && command.endState === "done")
        await store.appliances.revoke(applianceId, clock.nowMs());
      changes.publish(applianceId);
      return { commandId: id, receivedAt: ending.receivedAt };
    },
  );

  // Announces a bundle that an operator requested at the console. The platform answers with a
  // command of its own, which the upload then follows. One at a time.
  scope.post("/support-bundles", async (request): Promise<Command> => {
    const applianceId = callerAppliance(request);
    const now = clock.nowMs();
    const open = (await store.commands.list(applianceId, mostCommandsSearched)).find(
      ({ kind, endedAt, expiresAt }) =>
        kind === "support-bundle" && endedAt === null && expiresAt > now,
    );
    if (open)
      return { id: open.id, kind: open.kind, createdAt: open.createdAt, expiresAt: open.expiresAt };
    const command = {
      id: random.uuid(),
      kind: "support-bundle" as const,
      expiresAt: now + bundleLifetimeMs,
    };
    await store.commands.add({ ...command, applianceId, network: null }, now);
    log.info("support bundle announced by the appliance", {
      command: command.id,
      appliance: applianceId,
    });
    changes.publish(applianceId);
    return { ...command, createdAt: now };
  });

  scope.put<{ Params: { id: string; number: string } }>(
    "/commands/:id/bundle/:number",
    { bodyLimit: bundlePartBytes },
    async (request): Promise<BundlePartReceipt> => {
      const { id } = request.params;
      const number = wholeNumber(request.params.number, "part", mostBundleParts - 1);
      const content = request.body instanceof Uint8Array ? request.body : new Uint8Array();
      const sha256 = await store.commands.addBundlePart(
        callerAppliance(request),
        id,
        number,
        content,
      );
      if (sha256 === null) throw new OutriderError("not-found");
      return { commandId: id, number, sha256 };
    },
  );
}
