import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { Directory } from "../../protocol/schemas/common.ts";
import type {
  CertificateReply,
  ConfigurationReply,
  EnrolmentReply,
} from "../../protocol/schemas/enrolment.ts";
import { validators } from "../../protocol/validators.ts";
import type { Transport } from "../../transport/http-transport.ts";
import { certificateRequest } from "../identity/certificate-request.ts";
import type { DeviceKey } from "../identity/device-key.ts";
import { type SignedClient, unsignedFailure } from "../session/signed-client.ts";

/**
 * The platform's directory, unsigned: it only says where to enrol. Who answers there must prove
 * that it knows the activation code, and its signed answer brings the directory that counts.
 */
export async function readDirectory(
  transport: Transport,
  platformUrl: string,
  nowMs: number,
  signal: AbortSignal,
): Promise<Directory> {
  const url = new URL("/.well-known/outrider", platformUrl);
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
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(reply.content));
  } catch {
    parsed = undefined;
  }
  const directory = validators.Directory(parsed);
  if (!directory.valid)
    throw new OutriderError("service-unexpected", {
      detail: fact("no-platform-at", { host: url.host }),
    });
  return directory.value;
}

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

/** A new certificate for the key that is known there already. */
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
