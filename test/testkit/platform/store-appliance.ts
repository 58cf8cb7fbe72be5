import { randomUUID } from "node:crypto";
import type { Store } from "../../../src/platform/store/store.ts";
import type { Heartbeat } from "../../../src/protocol/schemas/health.ts";
import { idleHealth } from "../health.ts";

/** Makes an appliance in the store alone, as an enrolment does; returns its id. */
export async function enrolInStore(store: Store): Promise<string> {
  const [id, codeId] = [randomUUID(), randomUUID()];
  await store.codes.add({
    id: codeId,
    name: "",
    activationKey: new Uint8Array(32),
    createdAt: 0,
    expiresAt: 1000,
    usedAt: null,
    applianceId: null,
    forApplianceId: null,
  });
  const used = await store.codes.use(
    codeId,
    { id, name: id, hostname: "", publicKey: id, certificate: "", softwareVersion: "1" },
    0,
  );
  if (used.kind !== "enrolled") throw new Error(used.kind);
  return id;
}

/** A heartbeat of an appliance that does nothing. */
export const exampleBeat: Heartbeat = {
  bootId: "00000000-0000-4000-8000-000000000000",
  sequence: 0,
  softwareVersion: "1",
  configurationVersion: 1,
  health: idleHealth,
  interfaces: [],
  jobs: [],
  counters: { requests: 0, failures: 0, spooledParts: 0 },
  proxy: null,
};
