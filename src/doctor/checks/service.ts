import type { OutriderError } from "../../base/messages/error.ts";
import { asOutriderError, OutriderError as CodedError } from "../../base/messages/error.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import type { Transport, TransportReply } from "../../transport/http-transport.ts";
import type { Route } from "../../transport/routes/routes.ts";
import type { StageResult } from "../../transport/stages/stages.ts";
import type { TlsFacts } from "../../transport/stages/tls.ts";
import { type CheckSubject, failedBy, ok } from "../outcome.ts";
import type { Surroundings } from "../surroundings.ts";

/**
 * A service and the URL that is asked for, without a signature: any answer in JSON shows that it is
 * there.
 */
export interface ServiceTarget {
  name: string;
  url: URL;
}

export interface ServiceProbe {
  target: ServiceTarget;
  check: CheckSubject;
  stages: readonly StageResult[];
  /** What the connection was, when there was one. */
  tls: TlsFacts | null;
  route: Route | null;
  error: OutriderError | null;
  result: CheckResult;
  /** The server's clock less this one's, as its answer told it. */
  clockOffsetMs: number | null;
}

/**
 * How long the service itself may take once the way to it is open; the stages before have limits of
 * their own.
 */
const answerLimitMs = 5000;
/** As large as most parts of results are. */
const uploadBytes = 1_000_000;
const megabytes = uploadBytes / 1e6;

export function serviceCheck({ name, url }: ServiceTarget): CheckSubject {
  return {
    id: `service:${name}`,
    check: "service",
    subject: `${name === "platform" ? name : `${name} service`}, ${url.host}`,
  };
}

/** Goes the way to one service as the agent does, stage by stage, and asks it something. */
export async function probeService(
  target: ServiceTarget,
  surroundings: Surroundings,
  signal: AbortSignal,
  small = false,
): Promise<ServiceProbe> {
  const check = serviceCheck(target);
  let seen: Pick<ServiceProbe, "stages" | "tls" | "route"> = { stages: [], tls: null, route: null };
  // A transport of its own: a connection that another probe opened would hide this way's stages.
  const transport = surroundings.transport((_, stages, tls, route) => {
    seen = { stages, tls, route };
  }, small);
  const startedMs = surroundings.monotonicMs();
  const took = () => surroundings.monotonicMs() - startedMs;
  try {
    const reply = await ask(transport, target.url, signal);
    const dateMs = Date.parse(reply.headers.date ?? "");
    const clockOffsetMs = Number.isNaN(dateMs) ? null : dateMs - surroundings.nowMs();
    judgeReply(reply, target.url);
    const answered = [
      ...seen.stages.map(timeOf),
      fact("service-answered", { status: reply.status }),
    ];
    const fault =
      target.name === "results" ? await uploadFault(transport, target.url, signal) : null;
    const result = fault
      ? failedBy(check, fault, took())
      : ok(
          check,
          target.name === "results"
            ? [...answered, fact("upload-answered", { megabytes })]
            : answered,
          took(),
        );
    return { target, check, ...seen, error: null, result, clockOffsetMs };
  } catch (thrown) {
    const error = asOutriderError(thrown);
    return {
      target,
      check,
      ...seen,
      error,
      result: failedBy(check, error, took()),
      clockOffsetMs: null,
    };
  } finally {
    await transport.close();
  }
}

function ask(transport: Transport, url: URL, signal: AbortSignal): Promise<TransportReply> {
  const headers = { accept: "application/json", "accept-encoding": "identity" };
  return transport.request({
    method: "GET",
    url,
    headers,
    content: new Uint8Array(),
    limitMs: answerLimitMs,
    signal,
  });
}

/**
 * Whether results get through: something as large as a part is sent, without a signature, so that
 * the service only says no. Who limits uploads says another kind of no, or hangs up.
 */
async function uploadFault(
  transport: Transport,
  url: URL,
  signal: AbortSignal,
): Promise<OutriderError | null> {
  const headers = {
    accept: "application/json",
    "accept-encoding": "identity",
    "content-type": "application/octet-stream",
  };
  const upload = { host: url.host, megabytes };
  const limit = (detail: Fact) => new CodedError("path-upload-limit", { detail });
  try {
    const reply = await transport.request({
      method: "PUT",
      url,
      headers,
      content: new Uint8Array(uploadBytes),
      limitMs: answerLimitMs,
      signal,
    });
    if (reply.status === 413)
      return limit(fact("upload-refused", { ...upload, status: reply.status }));
    judgeReply(reply, url);
    return null;
  } catch (thrown) {
    const error = asOutriderError(thrown);
    if (error.code === "connect-reset") return limit(fact("upload-cut", upload));
    if (error.code === "service-block-page") return limit(fact("upload-blocked", upload));
    // Small things were answered just now.
    if (error.code === "service-silent")
      return new CodedError("path-mtu", { detail: fact("upload-lost", upload) });
    return error;
  }
}

function judgeReply(reply: TransportReply, url: URL): void {
  const type = reply.headers["content-type"] ?? "";
  const answer = { host: url.host, status: reply.status };
  if (
    /html/i.test(type) ||
    Buffer.from(reply.content.subarray(0, 200)).toString("latin1").trimStart().startsWith("<")
  )
    throw new CodedError("service-block-page", {
      detail:
        type === ""
          ? fact("host-answered-untyped", answer)
          : fact("host-answered-with", { ...answer, type }),
    });
  // 4xx are the service's own words for an unsigned question; a gateway before it says 502 to 504.
  if (reply.status >= 500)
    throw new CodedError(reply.status === 503 ? "service-busy" : "service-error", {
      detail: fact("host-answered", answer),
    });
}

function timeOf({ stage, durationMs }: StageResult): Fact {
  return fact(`took-${stage}`, { milliseconds: Math.round(durationMs) });
}
