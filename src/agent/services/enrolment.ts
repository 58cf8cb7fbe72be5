import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { Directory } from "../../protocol/schemas/common.ts";
import type {
  CertificateReply,
  ConfigurationReply,
  EnrolmentReply,
  SuccessionsReply,
} from "../../protocol/schemas/enrolment.ts";
import { validators } from "../../protocol/validators.ts";
import type { Transport, TransportReply } from "../../transport/http-transport.ts";
import { certificateRequest } from "../identity/certificate-request.ts";
import type { DeviceKey } from "../identity/device-key.ts";
import { contentAsJson } from "../session/reply-content.ts";
import { unsignedFailure } from "../session/reply-errors.ts";
import type { SignedClient } from "../session/signed-client.ts";

/**
 * Reads the platform's directory, which is unsigned and only tells where to enrol. The server there
 * must prove that it knows the activation code, and its signed reply brings the valid directory.
 *
 * Throws an OutriderError: "service-unexpected" when the reply is no directory, or a code of the
 * path.
 */
export async function readDirectory(
  transport: Transport,
  platformUrl: string,
  nowMs: number,
  signal: AbortSignal,
): Promise<Directory> {
  const url = new URL("/.well-known/outrider", platformUrl);
  const directory = validators.Directory(
    contentAsJson(await readUnsigned(transport, url, nowMs, signal)),
  );
  if (!directory.valid)
    throw new OutriderError("service-unexpected", {
      detail: fact("no-platform-at", { host: url.host }),
    });
  return directory.value;
}

/** A document that nobody signs. Throws OutriderError. */
async function readUnsigned(
  transport: Transport,
  url: URL,
  nowMs: number,
  signal: AbortSignal,
): Promise<TransportReply> {
  const headers = { accept: "application/json", "accept-encoding": "identity" };
  const reply = await transport.request({
    method: "GET",
    url,
    headers,
    content: new Uint8Array(),
    limitMs: 12_000,
    signal,
  });
  if (reply.status !== 200 || /html/i.test(reply.headers["content-type"] ?? "")) {
    const failure = unsignedFailure(reply, url.host, nowMs);
    throw failure.code === "reply-unsigned"
      ? new OutriderError("service-unexpected", {
          detail: fact("answered-path", {
            host: url.host,
            status: reply.status,
            path: url.pathname,
          }),
        })
      : failure;
  }
  return reply;
}

/** Exchanges the activation code, with which the client signs, for a certificate. */
export async function enrol(
  client: SignedClient,
  enrolmentUrl: string,
  appliance: { key: DeviceKey; hostname: string; softwareVersion: string },
  signal: AbortSignal,
): Promise<EnrolmentReply> {
  const { key, hostname, softwareVersion } = appliance;
  const body = {
    certificateRequest: certificateRequest(key, hostname || "outrider"),
    hostname,
    softwareVersion,
  };
  return client.request({
    method: "POST",
    url: `${enrolmentUrl}/appliances`,
    body,
    reply: validators.EnrolmentReply,
    signal,
  });
}

/**
 * Reads how the platform's keys followed each other. Nobody signs the whole; each succession proves
 * itself. Throws an OutriderError: "service-unexpected" when it is no such list, or a code of the
 * path.
 */
export async function readSuccessions(
  transport: Transport,
  enrolmentUrl: string,
  nowMs: number,
  signal: AbortSignal,
): Promise<SuccessionsReply> {
  const url = new URL(`${enrolmentUrl}/successions`);
  const reply = await readUnsigned(transport, url, nowMs, signal);
  const successions = validators.SuccessionsReply(contentAsJson(reply));
  if (!successions.valid)
    throw new OutriderError("service-unexpected", {
      detail: fact("no-platform-at", { host: url.host }),
    });
  return successions.value;
}

export async function readConfiguration(
  client: SignedClient,
  enrolmentUrl: string,
  signal: AbortSignal,
): Promise<ConfigurationReply> {
  return client.request({
    method: "GET",
    url: `${enrolmentUrl}/configuration`,
    reply: validators.ConfigurationReply,
    signal,
  });
}

/** Asks for a new certificate for the key that the platform knows already. */
export async function renewCertificate(
  client: SignedClient,
  enrolmentUrl: string,
  key: DeviceKey,
  name: string,
  signal: AbortSignal,
): Promise<CertificateReply> {
  const body = { certificateRequest: certificateRequest(key, name) };
  return client.request({
    method: "POST",
    url: `${enrolmentUrl}/certificate`,
    body,
    reply: validators.CertificateReply,
    signal,
  });
}
