import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { InterfaceStatus } from "../api/status.ts";
import type { StatusStore } from "../status/status-store.ts";

/** The interface that has a role now. Throws OutriderError "interface-missing". */
export function interfaceOf(store: StatusStore, role: "lan" | "wan"): InterfaceStatus {
  const found = store.stored.interfaces.find((entry) => entry.role === role);
  if (found === undefined)
    throw new OutriderError("interface-missing", {
      detail: fact("card-named", { card: role.toUpperCase() }),
    });
  return found;
}
