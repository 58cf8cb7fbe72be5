import type { ErrorCode } from "../../../../../src/base/messages/error-codes.ts";
import type { NetworkFault, Remedy } from "../fault.ts";
import type { NetworkName } from "../networks.ts";
import { type Portal, portalPorts } from "../ports.ts";
import { on, rulesGone } from "../remedies.ts";
import { portal } from "../rules.ts";

const dayMs = 86_400_000;
const answers = (
  name: string,
  kind: Portal,
  code: ErrorCode,
  networks: readonly NetworkName[] = ["IPv4"],
  remedy?: Remedy,
) =>
  on(networks, {
    name,
    rules: portal(portalPorts[kind]),
    agent: code,
    doctor: `tls ${code}`,
    remedy,
  });
const alone = ["IPv4", "IPv6-only"] as const;

/** TLS with whoever answers in the platform's place, and wrong certificates of the platform's own. */
export const tlsFaults: readonly NetworkFault[] = [
  ...answers("captive portal, without TLS", "plain", "tls-not-tls", alone),
  ...answers("another service answers: SSH", "ssh", "tls-not-tls"),
  ...answers("captive portal, under its own name", "ownName", "tls-name-mismatch", alone),
  ...answers("portal under the platform's name", "forged", "tls-intercepted", alone),
  ...answers("the platform's certificate is for another name", "otherName", "tls-name-mismatch"),
  ...answers("the platform's certificate has expired", "expired", "tls-expired", alone),
  ...answers("the platform's certificate is not valid before 2040", "notYet", "tls-not-yet-valid"),
  ...answers("the certificate's key is too short (RSA 1024)", "shortKey", "tls-weak"),
  ...answers("the certificate is signed with SHA-1", "sha1", "tls-weak"),
  ...answers("an authority between has expired", "authorityExpired", "tls-authority-expired"),
  ...answers("the other side has only TLS 1.1", "oldProtocol", "tls-failed"),
  ...answers("the other side refuses the handshake by an alert", "refusesHandshake", "tls-failed"),
  ...answers("the other side answers noise", "garbage", "tls-not-tls"),
  ...on(["IPv4"], {
    name: "the clock is 400 days behind: no certificate is valid yet",
    clockOffsetMs: -400 * dayMs,
    agent: "tls-clock",
    doctor: "tls tls-clock",
  }),
  ...on(alone, {
    name: "the clock is 400 days ahead: every certificate has expired",
    clockOffsetMs: 400 * dayMs,
    agent: "tls-clock",
    doctor: "tls tls-clock",
  }),
];

const service = (name: string, kind: Portal, code: ErrorCode, remedy?: Remedy) =>
  on(["IPv4"], {
    name,
    rules: portal(portalPorts[kind]),
    agent: code,
    doctor: `service:* ${code}`,
    remedy,
  });

/** Whoever has a right certificate (a company's own balancer, an inspecting device) and answers. */
export const serviceFaults: readonly NetworkFault[] = [
  ...service("a page answers in the platform's place (200)", "page", "service-block-page"),
  ...service("a block page answers (403)", "forbiddenPage", "service-block-page"),
  ...service("a log-in page is led to (302)", "redirect", "service-block-page"),
  ...service("the service reports an error of its own (500)", "error", "service-error"),
  ...service("the service is under maintenance (503)", "busy", "service-busy"),
  ...service("the balancer does not reach the platform (502)", "badGateway", "service-error"),
  ...service("another service answers in words", "words", "reply-unsigned"),
  ...service("the connection is cut instead of an answer", "cut", "connect-reset"),
  ...service(
    "TLS is answered, then nothing",
    "silentService",
    "service-silent",
    rulesGone("what stood between was taken away"),
  ),
  ...service("an answer without a signature", "unsigned", "reply-unsigned"),
  ...service("a device takes the signature away", "stripped", "reply-unsigned"),
  ...service("a device alters the answer", "altered", "reply-forged"),
  ...on(["IPv4"], {
    name: "a device limits uploads",
    rules: portal(portalPorts.smallUploads),
    agent: null,
    doctor: "service:results path-upload-limit",
  }),
];

export const survivedClocks: readonly NetworkFault[] = [
  ...on(["IPv4"], {
    name: "the clock is two hours behind",
    clockOffsetMs: -2 * 3_600_000,
    agent: null,
    doctor: null,
    warning: "clock-wrong",
  }),
  ...on(["IPv4"], {
    name: "the clock is two hours ahead",
    clockOffsetMs: 2 * 3_600_000,
    agent: null,
    doctor: null,
    warning: "clock-wrong",
  }),
];
