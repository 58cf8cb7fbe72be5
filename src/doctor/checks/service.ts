import type { OutriderError } from "../../protocol/error.ts";
import { asOutriderError, OutriderError as CodedError } from "../../protocol/error.ts";
import type { Transport, TransportReply } from "../../transport/http-transport.ts";
import type { StageResult } from "../../transport/stages.ts";
import { failedBy, ok, type Rung } from "../outcome.ts";
import type { RungResult } from "../result.ts";
import type { Surroundings } from "../surroundings.ts";

/** A service and the URL that is asked for, without a signature: any answer in JSON shows that it is there. */
export interface ServiceTarget {
  name: string;
  url: URL;
}

export interface ServiceProbe {
  rung: Rung;
  stages: readonly StageResult[];
  error: OutriderError | null;
  result: RungResult;
}

/** How long the service itself may take once the way to it is open; the stages before have limits of their own. */
const answerLimitMs = 5000;

/** Goes the way to one service as the agent does, stage by stage, and asks it something. */
export async function probeService({ name, url }: ServiceTarget, surroundings: Surroundings, signal: AbortSignal): Promise<ServiceProbe> {
  const rung = { id: `service:${name}`, rung: "service", subject: `${name === "platform" ? name : `${name} service`}, ${url.host}` } as const;
  let stages: readonly StageResult[] = [];
  // A transport of its own: a connection that another probe opened would hide this way's stages.
  const transport = surroundings.transport(surroundings.path, (_, seen) => {
    stages = seen;
  });
  const startedMs = surroundings.monotonicMs();
  const took = () => surroundings.monotonicMs() - startedMs;
  try {
    const reply = await ask(transport, url, signal);
    const result = ok(rung, `${stageWords(stages)}, answered ${reply.status}`, took());
    return { rung, stages, error: null, result };
  } catch (thrown) {
    const error = asOutriderError(thrown);
    return { rung, stages, error, result: failedBy(rung, error, took()) };
  } finally {
    await transport.close();
  }
}

async function ask(transport: Transport, url: URL, signal: AbortSignal): Promise<TransportReply> {
  const headers = { accept: "application/json", "accept-encoding": "identity" };
  const reply = await transport.request({ method: "GET", url, headers, content: new Uint8Array(), limitMs: answerLimitMs, signal });
  const type = reply.headers["content-type"] ?? "";
  if (/html/i.test(type) || Buffer.from(reply.content.subarray(0, 200)).toString("latin1").trimStart().startsWith("<"))
    throw new CodedError("service-block-page", { detail: `${url.host} answered ${reply.status} with ${type || "no content type"}` });
  // 4xx are the service's own words for an unsigned question; a gateway before it says 502 to 504.
  if (reply.status >= 500) throw new CodedError(reply.status === 503 ? "service-busy" : "service-error", { detail: `${url.host} answered ${reply.status}` });
  return reply;
}

function stageWords(stages: readonly StageResult[]): string {
  return stages.map((stage) => `${stage.stage} ${Math.round(stage.durationMs)} ms`).join(", ");
}
