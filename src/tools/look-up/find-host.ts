import { isIP } from "node:net";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { ToolTask } from "../../configd/api/tool-task.ts";
import { type Resolve, systemResolve } from "../../transport/stages/resolve.ts";
import { askServer } from "./ask-server.ts";
import { zoned } from "./look-up.ts";

/**
 * How a side finds a host's addresses: the one that calls home as the agent does, the scanned side by
 * its own DNS servers. Tools give only addresses to other programs. Rejects with an OutriderError
 * "dns-…".
 */
export function resolveOn({ callsHome, servers, device }: ToolTask): Resolve {
  const system = systemResolve();
  return async (host, signal) => {
    if (isIP(host) !== 0) return [zoned(host, device)];
    if (callsHome) return system(host, signal);
    if (servers.length === 0)
      throw new OutriderError("dns-no-server", { detail: fact("tool-no-server", { device }) });
    let failure: OutriderError | null = null;
    for (const server of servers.slice(0, 3)) {
      const answer = await askServer(server, { name: host, type: "address" }, signal);
      signal.throwIfAborted();
      if (answer.outcome === "found") return answer.records.map(({ text }) => text);
      const { said } = answer;
      const isUnknown = answer.outcome === "no-name" || answer.outcome === "no-record";
      const code = answer.outcome === "refused" ? "dns-refused" : "dns-silent";
      failure ??= new OutriderError(isUnknown ? "dns-not-found" : code, {
        detail: fact("dns-asked-for", { server, host, said: said || "-" }),
      });
    }
    throw failure ?? new OutriderError("dns-not-found", { detail: fact("name-unknown", { host }) });
  };
}
