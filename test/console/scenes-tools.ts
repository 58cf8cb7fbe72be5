import type { Reply } from "../../console/contract/contract.ts";
import { fact } from "../../src/base/messages/facts.ts";
import type { ToolAnswer } from "../../src/configd/api/tool-shapes.ts";
import type { SceneStep } from "./scene.ts";
import { longHost, longText } from "./scene-steps.ts";

/** Answers of the operator's tools, as configd gives them. */
const replied = (answer: Partial<ToolAnswer>): Reply => ({
  type: "reply",
  verb: "runTool",
  reply: { outcome: "ok", code: null, verdict: [], lines: [], contacted: [], ...answer },
});

export const toTls: readonly SceneStep[] = ["right", "right", "right", "f2"];
export const toCapture: readonly SceneStep[] = ["left", "tab", "tab", "right"];

export const pinged = replied({
  verdict: [fact("ping-counts", { answered: 4, sent: 4, milliseconds: 0.05 })],
  lines: [
    ...[1, 2, 3, 4].map((sequence) => [
      fact("ping-reply", { sequence, address: "192.0.2.1", milliseconds: 0.05, hops: 64 }),
    ]),
    [fact("ping-times", { fastest: 0.04, slowest: 0.07 })],
  ],
});

export const forbidden = replied({
  outcome: "failed",
  code: "trace-prohibited",
  verdict: [fact("hop-prohibits", { number: 3, address: "198.51.100.2" })],
  lines: [
    [fact("hop", { number: 1, address: "192.0.2.1", milliseconds: 0.04 })],
    [fact("hop-silent", { number: 2 })],
    [fact("hop-end", { number: 3, address: "198.51.100.2", milliseconds: 1.2, end: "!X" })],
  ],
});

export const shown = replied({
  outcome: "warning",
  code: "tls-intercepted",
  verdict: [
    fact("tls-shown", {
      host: "platform.example.org",
      issuer: "Example Inspection CA",
      until: "2030-01-01",
      protocol: "TLSv1.3",
      group: "X25519MLKEM768",
    }),
    fact("tls-read-along", { issuer: "Example Inspection CA" }),
  ],
  lines: [
    [fact("tls-through", { proxy: "proxy.example.org:3128" })],
    [
      fact("name-found", { host: "proxy.example.org", addresses: "192.0.2.80" }),
      fact("took-resolve", { milliseconds: 2 }),
    ],
    [
      fact("connected", { address: "192.0.2.80", port: 3128 }),
      fact("took-connect", { milliseconds: 1 }),
    ],
    [
      fact("tls-agreed-group", {
        protocol: "TLSv1.3",
        cipher: "TLS_AES_256_GCM_SHA384",
        group: "X25519MLKEM768",
      }),
    ],
    [
      fact("certificate-of", {
        number: 1,
        subject: "platform.example.org",
        issuer: "Example Inspection CA",
      }),
    ],
    [fact("certificate-dates", { from: "2026-01-01", to: "2030-01-01" })],
    [fact("certificate-key", { key: "ec prime256v1", signature: "ecdsa-with-SHA256" })],
    [fact("certificate-fingerprint", { fingerprint: Array(32).fill("A7").join(":") })],
  ],
});

export const nothing = replied({
  outcome: "failed",
  code: "ping-silent",
  verdict: [fact("ping-none", { sent: 4, address: "192.0.2.1" })],
});

export const manyLines = replied({
  verdict: [fact("look-up-all", { name: longHost, records: longText, count: 3 })],
  lines: Array.from({ length: 60 }, (_, index) => [
    fact("dns-record-ttl", { type: "TXT", text: `${index} ${longText}`, ttl: 300 }),
  ]),
});
