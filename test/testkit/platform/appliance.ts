import "reflect-metadata";
import { createHash, createPrivateKey, randomBytes, randomUUID, webcrypto } from "node:crypto";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import type { Dispatcher } from "undici";
import {
  activationKey,
  activationKeyId,
  requireActivationCode,
} from "../../../src/base/activation-code.ts";
import type { Validator } from "../../../src/base/validation.ts";
import type {
  Configuration,
  Directory,
  ServiceName,
} from "../../../src/protocol/schemas/common.ts";
import type { EnrolmentReply } from "../../../src/protocol/schemas/enrolment.ts";
import type { Heartbeat, HeartbeatReply } from "../../../src/protocol/schemas/health.ts";
import type { AcknowledgementReply, Job, JobsReply } from "../../../src/protocol/schemas/jobs.ts";
import type {
  Completion,
  CompletionReceipt,
  HostObservation,
  PartReceipt,
  PartsReply,
  ResultPart,
} from "../../../src/protocol/schemas/results.ts";
import { claimedSignature } from "../../../src/protocol/signature/claimed-signature.ts";
import {
  ecdsaSigner,
  ecdsaVerifierFromText,
  hmacKey,
  type SignatureVerifier,
  type Signer,
} from "../../../src/protocol/signature/keys.ts";
import {
  claimedKind,
  type ReplyKind,
  type SignedFields,
  signRequest,
  type Verification,
  verifyReply,
} from "../../../src/protocol/signature/profile.ts";
import { validators } from "../../../src/protocol/validators.ts";

/** How a test may deviate from what an honest appliance sends. */
export interface Deviations {
  nonce?: string;
  createdMs?: number;
  /** Changes the headers after signing. */
  headers?: (fields: SignedFields) => Record<string, string>;
  /** Content that is sent instead of the signed one. */
  sentContent?: Uint8Array;
  /** Path with query that is sent instead of the signed one. */
  sentPath?: string;
  signal?: AbortSignal;
}

export interface SignedAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
  /** Whether the platform's signature of this reply to this request is right. */
  verification: Verification;
  /** What the reply says it is; null without a signature. */
  kind: ReplyKind | null;
}

export interface SignedRequest extends Deviations {
  method: Dispatcher.HttpMethod;
  url: URL;
  content?: unknown;
  signer: Signer;
  /** Keys that the reply may be signed with, by key id. */
  verifiers: ReadonlyMap<string, SignatureVerifier>;
  dispatcher: Dispatcher;
  /** Where the connection goes, when not to the URL's own host. */
  origin?: string;
}

/** Bytes as they are, anything else as JSON; none for undefined. */
function contentBytes(content: unknown): Uint8Array {
  if (content === undefined) return new Uint8Array();
  return content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content));
}

/** One request signed by the profile, and its reply checked against it. */
export async function callSigned(request: SignedRequest): Promise<SignedAnswer> {
  const { method, url, signer, dispatcher } = request;
  const content = contentBytes(request.content);
  const signable = { method, url, content };
  const fields = signRequest(
    signable,
    signer,
    request.createdMs ?? Date.now(),
    request.nonce ?? randomBytes(16).toString("base64url"),
  );
  const sent = request.sentContent ?? content;
  const reply = await dispatcher.request({
    origin: request.origin ?? url.origin,
    path: request.sentPath ?? url.pathname + url.search,
    method,
    headers: {
      "accept-encoding": "identity",
      "content-type": "application/json",
      ...(request.origin === undefined ? {} : { host: url.host }),
      ...(request.headers ? request.headers(fields) : fields),
    },
    ...(sent.length > 0 ? { body: sent } : {}),
    ...(request.signal ? { signal: request.signal } : {}),
  });
  const bytes = new Uint8Array(await reply.body.arrayBuffer());
  const text = Buffer.from(bytes).toString("utf8");
  const replyFields: Record<string, string> = {};
  for (const name of ["content-digest", "signature-input", "signature"]) {
    const value = reply.headers[name];
    if (typeof value === "string") replyFields[name] = value;
  }
  const claimed = claimedSignature(replyFields);
  const kind = claimed && claimedKind(claimed);
  const verifier = request.verifiers.get(claimed?.keyId ?? "");
  const verification: Verification =
    verifier && kind
      ? verifyReply(
          kind,
          { status: reply.statusCode, content: bytes },
          replyFields,
          signable,
          request.headers ? request.headers(fields) : fields,
          verifier,
        )
      : { ok: false, fault: "missing" };
  return {
    status: reply.statusCode,
    headers: reply.headers,
    body: text.startsWith("{") ? JSON.parse(text) : text,
    verification,
    kind,
  };
}

export interface EnrolOptions {
  platformUrl: string;
  dispatcher: Dispatcher;
  code: string;
  hostname?: string;
  /** The device's key; made when absent. */
  keys?: webcrypto.CryptoKeyPair;
}

export const makeDeviceKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);

export async function certificateRequest(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const request = await Pkcs10CertificateRequestGenerator.create(
    { name: "CN=appliance", keys, signingAlgorithm: { name: "ECDSA", hash: "SHA-256" } },
    webcrypto,
  );
  return request.toString("pem");
}

/** The enrolment request itself, for tests of refusals. */
export async function callEnrolment(
  options: EnrolOptions,
  deviations: Deviations & { certificateRequest?: string } = {},
): Promise<SignedAnswer> {
  const code = requireActivationCode(options.code);
  const key = hmacKey(activationKeyId(code), await activationKey(code));
  const directory = await getDirectory(options);
  const { certificateRequest: given, ...rest } = deviations;
  return callSigned({
    method: "POST",
    url: new URL(`${directory.services.enrolment}/appliances`),
    content: {
      certificateRequest:
        given ?? (await certificateRequest(options.keys ?? (await makeDeviceKeys()))),
      hostname: options.hostname ?? "test-appliance",
      softwareVersion: "0.0.0-test",
    },
    signer: key,
    verifiers: new Map([[key.keyId, key]]),
    dispatcher: options.dispatcher,
    ...rest,
  });
}

/**
 * Enrols as the real appliance does, and returns an appliance that can call. Throws when the
 * platform refuses.
 */
export async function enrolAppliance(options: EnrolOptions): Promise<TestAppliance> {
  const keys = options.keys ?? (await makeDeviceKeys());
  const answer = await callEnrolment({ ...options, keys });
  if (!answer.verification.ok || answer.status !== 200)
    throw new Error(`enrolment: ${answer.status} ${JSON.stringify(answer.body)}`);
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const enrolment = valid(validators.EnrolmentReply, answer.body);
  const privateKey = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  return new TestAppliance(
    enrolment,
    ecdsaSigner(enrolment.applianceId, privateKey),
    options.dispatcher,
  );
}

/** An appliance whose every request a test makes. */
export class TestAppliance {
  readonly enrolment: EnrolmentReply;
  readonly signer: Signer;
  dispatcher: Dispatcher;
  readonly #bootId = randomUUID();
  #sequence = 0;

  constructor(enrolment: EnrolmentReply, signer: Signer, dispatcher: Dispatcher) {
    this.enrolment = enrolment;
    this.signer = signer;
    this.dispatcher = dispatcher;
  }

  get id(): string {
    return this.enrolment.applianceId;
  }

  get configuration(): Configuration {
    return this.enrolment.configuration;
  }

  /** The answer as it came, also when it is a refusal. */
  call(
    service: ServiceName,
    method: Dispatcher.HttpMethod,
    path: string,
    content?: unknown,
    deviations: Deviations = {},
  ): Promise<SignedAnswer> {
    return callSigned({
      method,
      url: new URL(this.configuration.directory.services[service] + path),
      content,
      signer: this.signer,
      verifiers: new Map(
        this.configuration.replyKeys.map((key) => [
          key.keyId,
          ecdsaVerifierFromText(key.publicKey),
        ]),
      ),
      dispatcher: this.dispatcher,
      ...deviations,
    });
  }

  beat(changes: Partial<Heartbeat> = {}): Promise<HeartbeatReply> {
    return this.#ok(
      validators.HeartbeatReply,
      "health",
      "POST",
      "/heartbeats",
      this.heartbeat(changes),
    );
  }

  heartbeat(changes: Partial<Heartbeat> = {}): Heartbeat {
    const gigabyte = 1024 ** 3;
    return {
      bootId: this.#bootId,
      sequence: this.#sequence++,
      softwareVersion: "0.0.0-test",
      configurationVersion: this.configuration.version,
      health: {
        uptimeSeconds: 7300,
        loadAverage: [0.12, 0.2, 0.3],
        processorPercent: 7,
        processorCount: 2,
        memoryTotalBytes: 2 * gigabyte,
        memoryAvailableBytes: gigabyte,
        dataTotalBytes: 20 * gigabyte,
        dataAvailableBytes: 17 * gigabyte,
      },
      interfaces: [
        {
          name: "eth0",
          role: "lan",
          macAddress: "52:54:00:12:34:56",
          linkUp: true,
          addresses: ["192.0.2.50/24"],
        },
      ],
      jobs: [],
      counters: { requests: 10, failures: 0, spooledParts: 0 },
      proxy: null,
      ...changes,
    };
  }

  inventory(): Promise<unknown> {
    return this.#ok(validators.InventoryReply, "health", "PUT", "/inventory", {
      hostname: "scanner-1",
      operatingSystem: "Debian GNU/Linux 13 (trixie)",
      kernel: "6.12.0-amd64",
      virtualization: "kvm",
      manufacturer: "QEMU",
      model: "Standard PC",
      processor: "Test processor",
      processorCount: 2,
      memoryTotalBytes: 2 * 1024 ** 3,
      softwareVersion: "0.0.0-test",
      engine: { name: "nmap", version: "7.95" },
    });
  }

  jobs({ after, wait }: { after?: number; wait?: number } = {}): Promise<JobsReply> {
    const query = [
      ...(after === undefined ? [] : [`after=${after}`]),
      ...(wait === undefined ? [] : [`wait=${wait}`]),
    ].join("&");
    return this.#ok(validators.JobsReply, "jobs", "GET", `/jobs${query === "" ? "" : `?${query}`}`);
  }

  acknowledge(job: Pick<Job, "id" | "attempt">): Promise<AcknowledgementReply> {
    return this.#ok(
      validators.AcknowledgementReply,
      "jobs",
      "POST",
      `/jobs/${job.id}/attempts/${job.attempt}/acknowledgement`,
      { receivedAt: Date.now() },
    );
  }

  upload(
    job: Pick<Job, "id" | "attempt">,
    number: number,
    hosts: HostObservation[],
  ): Promise<PartReceipt> {
    return this.#ok(
      validators.PartReceipt,
      "results",
      "PUT",
      partPath(job, number),
      partContent(job, number, hosts),
    );
  }

  parts(job: Pick<Job, "id" | "attempt">, from = 0): Promise<PartsReply> {
    return this.#ok(
      validators.PartsReply,
      "results",
      "GET",
      `/jobs/${job.id}/attempts/${job.attempt}/parts?from=${from}`,
    );
  }

  complete(
    job: Pick<Job, "id" | "attempt">,
    parts: readonly string[],
    changes: Partial<Completion> = {},
  ): Promise<CompletionReceipt> {
    return this.#ok(
      validators.CompletionReceipt,
      "results",
      "POST",
      `/jobs/${job.id}/attempts/${job.attempt}/completion`,
      completion(parts, changes),
    );
  }

  async #ok<T>(
    validator: Validator<T>,
    service: ServiceName,
    method: Dispatcher.HttpMethod,
    path: string,
    content?: unknown,
  ): Promise<T> {
    const answer = await this.call(service, method, path, content);
    if (!answer.verification.ok)
      throw new Error(
        `${service} ${path}: the reply's signature is wrong (${answer.verification.fault})`,
      );
    if (answer.status !== 200)
      throw new Error(`${service} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return valid(validator, answer.body);
  }
}

export const partPath = (job: Pick<Job, "id" | "attempt">, number: number) =>
  `/jobs/${job.id}/attempts/${job.attempt}/parts/${number}`;

export const partContent = (
  job: Pick<Job, "id" | "attempt">,
  number: number,
  hosts: HostObservation[],
): ResultPart => ({
  jobId: job.id,
  attempt: job.attempt,
  number,
  hosts,
});

export function completion(
  parts: readonly string[],
  changes: Partial<Completion> = {},
): Completion {
  return {
    state: "completed",
    partCount: parts.length,
    partsSha256: createHash("sha256").update(parts.join("")).digest("hex"),
    lost: [],
    addressesScanned: 256,
    hostsUp: 1,
    openPorts: 1,
    startedAt: Date.now() - 60_000,
    endedAt: Date.now(),
    engine: { name: "nmap", version: "7.95" },
    problems: [],
    ...changes,
  };
}

export const sha256 = (content: unknown): string =>
  createHash("sha256").update(JSON.stringify(content)).digest("hex");

/** A host with open ports and an SSH server on 22. */
export function observation(
  address: string,
  openPorts: readonly number[] = [22],
  changes: Partial<HostObservation> = {},
): HostObservation {
  return {
    address,
    hostnames: [],
    reason: "arp-response",
    timedOut: false,
    ports: openPorts.map((number) => ({
      protocol: "tcp",
      number,
      state: "open",
      reason: "syn-ack",
      service:
        number === 22
          ? {
              name: "ssh",
              product: "OpenSSH",
              version: "9.2p1 Debian 2",
              method: "probed",
              confidence: 10,
              cpe: ["cpe:/a:openbsd:openssh:9.2p1"],
            }
          : { name: "http", method: "table", confidence: 3, cpe: [] },
    })),
    ...changes,
  };
}

async function getDirectory({ platformUrl, dispatcher }: EnrolOptions): Promise<Directory> {
  const reply = await dispatcher.request({
    origin: platformUrl,
    path: "/.well-known/outrider",
    method: "GET",
  });
  return valid(validators.Directory, await reply.body.json());
}

function valid<T>(validator: Validator<T>, value: unknown): T {
  const checked = validator(value);
  if (!checked.valid)
    throw new Error(`the reply has another form: ${JSON.stringify(checked.violations)}`);
  return checked.value;
}
