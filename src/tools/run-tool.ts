import type { Credential } from "../base/credential.ts";
import { asOutriderError } from "../base/messages/error.ts";
import { fact } from "../base/messages/facts.ts";
import type { ToolAnswer } from "../configd/api/tool-shapes.ts";
import type { ToolOutput, ToolTask } from "../configd/api/tool-task.ts";
import type { KnownAuthorities } from "../transport/uplink.ts";
import { capture } from "./capture/capture.ts";
import { resolveOn } from "./look-up/find-host.ts";
import { lookUp } from "./look-up/look-up.ts";
import { ping } from "./ping/ping.ts";
import { bad, ofError } from "./program/answer.ts";
import { networksOf, reachableOf } from "./program/own-networks.ts";
import { peekTls } from "./tls/tls.ts";
import { trace } from "./trace/trace.ts";

/** What comes as credentials of the unit. */
export interface ToolSecrets {
  proxyPassword: Credential;
  /** The authorities for that host; null where it is none of the platform's. */
  platformFor: (host: string) => KnownAuthorities | null;
}

/** Runs a tool; an error becomes its answer. */
export async function runTool(
  task: ToolTask,
  secrets: ToolSecrets,
  stop: AbortSignal,
): Promise<ToolOutput> {
  try {
    if (task.request.tool === "capture") {
      const { answer, file } = await capture(task.request, task.device, stop);
      return { answer, capture: file?.toString("base64") ?? null };
    }
    return { answer: await tried(task, secrets, stop), capture: null };
  } catch (error) {
    if (stop.aborted)
      return { answer: bad("tool-stopped", fact("tool-stopped-before")), capture: null };
    return { answer: ofError(asOutriderError(error, "tool-failed")), capture: null };
  }
}

async function tried(
  task: ToolTask,
  { proxyPassword, platformFor }: ToolSecrets,
  stop: AbortSignal,
): Promise<ToolAnswer> {
  const { request, device } = task;
  const resolve = resolveOn(task);
  const networks = networksOf(device);
  const addressOf = async (host: string): Promise<string> =>
    reachableOf(await resolve(host, stop), networks) ?? host;
  switch (request.tool) {
    case "ping":
      return ping(await addressOf(request.target), networks, stop);
    case "trace":
      return trace(await addressOf(request.target), request.port, networks, stop);
    case "look-up":
      return lookUp(request, task, stop);
    case "tls":
      return peekTls(
        request,
        task,
        { proxyPassword, platform: platformFor(request.target), resolve },
        stop,
      );
    default:
      throw new TypeError(`${request.tool} is run elsewhere`);
  }
}
