import { type Fact, fact } from "../../base/messages/facts.ts";
import type { PlatformContext } from "./context.ts";

/** Both machines that call under one identity, so that the reader can tell them apart. */
export async function describeCopy(
  { store }: Pick<PlatformContext, "store">,
  applianceId: string,
  bootId: string | null,
): Promise<Fact[]> {
  const [appliance, boots] = await Promise.all([
    store.appliances.find(applianceId),
    store.appliances.boots(applianceId),
  ]);
  const describe = (code: "copy-original" | "copy-this", id: string | null | undefined): Fact => {
    const boot = boots.find((each) => each.bootId === id);
    if (!boot) return fact(code === "copy-this" ? "copy-this-unknown" : "copy-original-unknown");
    return fact(code, {
      addresses: boot.addresses || "no address",
      from: boot.seenFrom ?? "nowhere",
      start: boot.bootId.slice(0, 8),
    });
  };
  return [describe("copy-original", appliance?.bootId), describe("copy-this", bootId)];
}
