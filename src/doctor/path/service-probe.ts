import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import type { Transport, TransportReply } from "../../transport/http-transport.ts";
import type { Route } from "../../transport/routes/routes.ts";
import type { TlsFacts } from "../../transport/stages/certificate.ts";
import type { Hello, HelloTo } from "../../transport/stages/hello.ts";
import type { StageResult } from "../../transport/stages/stages.ts";
import { strangersCode } from "../../transport/strangers-reply.ts";
import { checkSignature } from "./reply-proof.ts";
import type { ServiceTarget } from "./service-targets.ts";
import type { Surroundings } from "./surroundings.ts";

/** What one unsigned request to a service showed of the way to it and of the service. */
export interface ServiceProbe {
  target: ServiceTarget;
  stages: readonly StageResult[];
  /** null where no TLS connection came about. */
  tls: TlsFacts | null;
  route: Route | null;
  /** null when the service answered. */
  error: OutriderError | null;
  /** HTTP status of the answer. */
  status: number | null;
  /** How an upload went; null where none was tried: only the results service is asked. */
  upload: Upload | null;
  /** The server's clock less this one's, from the Date field of its answer. */
  clockOffsetMs: number | null;
  durationMs: number;
}

/** How much got through, or why a part's worth of bytes does not. */
export interface Upload {
  error: OutriderError | null;
  megabytes: number;
}

/** For the service's own answer; the stages of the way to it have time limits of their own. */
const answerLimitMs = 5000;
/** Packets of full size all the same: what passes these and not more is slow. */
const smallestUploadBytes = 16_000;
/** A line of 0.4 Mbit/s carries it within the limit. */
const firstUploadBytes = 250_000;
/** Above the largest part of results. */
const uploadBytes = 4_000_000;
/** A line that needs longer for the large upload is slow, and is not asked to carry it. */
const uploadLimitMs = 5000;
const smallestUploadLimitMs = 3000;

/**
 * Goes the way to one service as the agent does, stage by stage, and asks it something without a
 * signature: any answer in JSON shows that it is there. Never rejects.
 *
 * @param hello unset, as the agent begins TLS
 * @param to whom with that ClientHello; unset, the service
 */
export async function probeService(
  target: ServiceTarget,
  surroundings: Surroundings,
  signal: AbortSignal,
  hello?: Hello,
  to?: HelloTo,
): Promise<ServiceProbe> {
  let seen: Pick<ServiceProbe, "stages" | "tls" | "route"> = { stages: [], tls: null, route: null };
  // Each probe has its own transport: a kept connection of another one would hide the stages.
  const transport = surroundings.transport(
    (_, stages, tls, route) => {
      seen = { stages, tls, route };
    },
    hello,
    to,
  );
  const startedMs = surroundings.monotonicMs();
  const took = () => surroundings.monotonicMs() - startedMs;
  try {
    const reply = await ask(transport, target.url, signal);
    const dateMs = Date.parse(reply.headers.date ?? "");
    const clockOffsetMs = Number.isNaN(dateMs) ? null : dateMs - surroundings.nowMs();
    judgeReply(reply, target.url);
    checkSignature(reply, { method: "GET", url: target.url }, surroundings.platform);
    // The upload uses the connection again, which shows no new stages.
    const { stages, tls, route } = seen;
    const upload =
      target.name === "results"
        ? await tryUploads(transport, target.url, surroundings, signal)
        : null;
    return {
      target,
      stages,
      tls,
      route,
      error: null,
      status: reply.status,
      upload,
      clockOffsetMs,
      durationMs: took(),
    };
  } catch (thrown) {
    return {
      target,
      ...seen,
      error: asOutriderError(thrown),
      status: null,
      upload: null,
      clockOffsetMs: null,
      durationMs: took(),
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
 * Sends something larger than a part of results, after something small: what small requests pass may
 * stop large ones, by a limit, by the size of packets or by the time that they take.
 */
async function tryUploads(
  transport: Transport,
  url: URL,
  { monotonicMs }: Surroundings,
  signal: AbortSignal,
): Promise<Upload> {
  const startedMs = monotonicMs();
  const first = await tryUpload(transport, url, firstUploadBytes, uploadLimitMs, signal);
  const passed = { error: null, megabytes: firstUploadBytes / 1e6 };
  if (first?.code === "service-silent") return tryFewPackets(transport, url, signal);
  if (first !== null) return { ...passed, error: first };
  const expectedMs = ((monotonicMs() - startedMs) * uploadBytes) / firstUploadBytes;
  // Twice as long as expected is slow, too, and no limit of somebody's.
  if (2 * expectedMs > uploadLimitMs) return passed;
  const error = await tryUpload(transport, url, uploadBytes, uploadLimitMs, signal);
  const megabytes = uploadBytes / 1e6;
  if (error?.code !== "service-silent") return { error, megabytes };
  const hangs = fact("upload-hangs", { host: url.host, megabytes, passed: passed.megabytes });
  return { error: new OutriderError("path-upload-limit", { detail: hangs }), megabytes };
}

/**
 * After an upload that was not answered in time: whether the line is slow, or loses every packet of
 * full size. Requests without content passed it.
 */
async function tryFewPackets(transport: Transport, url: URL, signal: AbortSignal): Promise<Upload> {
  const bytes = smallestUploadBytes;
  const error = await tryUpload(transport, url, bytes, smallestUploadLimitMs, signal);
  const megabytes = bytes / 1e6;
  if (error?.code !== "service-silent") return { error, megabytes };
  const lost = fact("upload-lost", { host: url.host, megabytes });
  return { error: new OutriderError("path-mtu", { detail: lost }), megabytes };
}

/**
 * Sends so many bytes, without a signature, so that the service refuses them. A proxy or firewall
 * that limits uploads refuses them in another way, or closes the connection.
 */
async function tryUpload(
  transport: Transport,
  url: URL,
  bytes: number,
  limitMs: number,
  signal: AbortSignal,
): Promise<OutriderError | null> {
  const headers = {
    accept: "application/json",
    "accept-encoding": "identity",
    "content-type": "application/octet-stream",
  };
  const upload = { host: url.host, megabytes: bytes / 1e6 };
  const limit = (detail: Fact) => new OutriderError("path-upload-limit", { detail });
  try {
    const reply = await transport.request({
      method: "PUT",
      url,
      headers,
      content: new Uint8Array(bytes),
      limitMs,
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
    return error;
  }
}

/** Throws the error of a reply that the platform did not make. */
function judgeReply(reply: TransportReply, url: URL): void {
  const code = strangersCode(reply);
  if (code === null) return;
  const type = reply.headers["content-type"] ?? "";
  const answer = { host: url.host, status: reply.status };
  const isPage = code === "service-block-page" && type !== "";
  const untyped = code === "service-block-page" ? "host-answered-untyped" : "host-answered";
  throw new OutriderError(code, {
    detail: isPage ? fact("host-answered-with", { ...answer, type }) : fact(untyped, answer),
  });
}

/** The error of a probe that did not get past the proxy, or null. */
export function proxyErrorOf(probe: ServiceProbe): OutriderError | null {
  const last = probe.stages.at(-1);
  const before = last !== undefined && last.outcome === "failed" && last.stage !== "tls";
  return before ? probe.error : null;
}

/** The error of a probe that ended in TLS with the platform, or null. */
export function tlsErrorOf(probe: ServiceProbe): OutriderError | null {
  const last = probe.stages.at(-1);
  return last?.stage === "tls" && last.outcome === "failed" ? probe.error : null;
}
