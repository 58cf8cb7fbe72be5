import { fact, quoted } from "../../src/base/messages/facts.ts";
import type { Status } from "../../src/configd/api/status.ts";
import type { Scene } from "./scene.ts";
import { sceneTimeMs } from "./scene.ts";
import {
  change,
  failed,
  longHost,
  longText,
  more,
  reviewed,
  wait,
  withSettings,
} from "./scene-steps.ts";
import { withPin } from "./scenes-more.ts";
import { settingsOfNoInterest } from "./scenes-settings.ts";
import { manyLines, nothing } from "./scenes-tools.ts";

/** Made for these tests with openssl; their keys were thrown away. */
const authorities = [
  `-----BEGIN CERTIFICATE-----
MIIBlzCCAT2gAwIBAgIUSMi/P1ncemzosk6TMmHFvI04klEwCgYIKoZIzj0EAwIw
IDEeMBwGA1UEAwwVRXhhbXBsZSBJbnNwZWN0aW9uIENBMCAXDTI2MTEyMjIwMDcx
NVoYDzIwNTYxMTE0MjAwNzE1WjAgMR4wHAYDVQQDDBVFeGFtcGxlIEluc3BlY3Rp
b24gQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQMgTsIcwJDCPcCqoy484Tf
3I6Gh964vxw+6DnoI/nDvzJdbqZcwoNvKXrQYbjb9yeln8+/1bs8EukxC4NJNfDC
o1MwUTAdBgNVHQ4EFgQUEP0wfPwzANY8+0Lm+hVEmm9iHZswHwYDVR0jBBgwFoAU
EP0wfPwzANY8+0Lm+hVEmm9iHZswDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQD
AgNIADBFAiB/CJMQ/qZmR9bzhY+ONypkAAPQ2rwRkozuVqbiZSLxAgIhAPfXOG71
Wr6kDXPyDsbmHc71n9gdHPOd2Z+RmmYbwbb3
-----END CERTIFICATE-----
`,
  `-----BEGIN CERTIFICATE-----
MIIB7jCCAZOgAwIBAgIUZHumOW81D1iru7z5bmdMPRYOJMQwCgYIKoZIzj0EAwIw
SzFJMEcGA1UEAwxARXhhbXBsZSBDb21wYW55IEdyb3VwIE5ldHdvcmsgU2VjdXJp
dHkgSW5zcGVjdGlvbiBSb290IENBIDIgRU1FQTAgFw0yNjExMjIyMDA4MzBaGA8y
MDU2MTExNDIwMDgzMFowSzFJMEcGA1UEAwxARXhhbXBsZSBDb21wYW55IEdyb3Vw
IE5ldHdvcmsgU2VjdXJpdHkgSW5zcGVjdGlvbiBSb290IENBIDIgRU1FQTBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABEppK/RqiLb21LG3vWJTzThvS6FN3k3XwQUm
TrA33vxawzx7qZucB1UdQc3dJ05kldDdE6J3R07m2jkVdJ8yQ8OjUzBRMB0GA1Ud
DgQWBBT/wGLiDCq2o3G0LXXLsKjrpSGg/jAfBgNVHSMEGDAWgBT/wGLiDCq2o3G0
LXXLsKjrpSGg/jAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQCm
sFQZA54dovh8J33f4J33FA3y+0tqPo9TzyYFk9asHAIhAMcgwIr2BpAMzfI9M4di
rxvReanPtmbr6+i1L65KlKYQ
-----END CERTIFICATE-----
`,
];
const withAuthorities = (count: number) =>
  withSettings({ trust: { certificates: authorities.slice(0, count) } });

/** What the doctor found where a company's device issues certificates. */
const untrusted = wait({
  type: "reply",
  verb: "doctor",
  reply: {
    results: [
      {
        id: "tls",
        check: "tls",
        subject: "TLS with the platform",
        outcome: "failed",
        code: "tls-intercepted",
        detail: "issuer of the certificate not trusted",
        durationMs: 12,
        authorities: authorities.slice(0, 2),
      },
    ],
  },
});

const sceneTrialOf = (status: Status): Status["trial"] => ({
  id: "0b9f6a52-6a50-4a3e-9d0e-2f1c5a7d8e90",
  by: { how: "console", who: "tty1", why: "" },
  deadlineAt: status.now + 101_000,
  remainingMs: 101_000,
  phase: "waiting",
  changes: [],
  checksBefore: [],
  checks: [],
  advice: "keep",
});

/** Further states of screens: empty, failed, and with values of the longest length. */
export const stateScenes: readonly Scene[] = [
  {
    name: "network-no-cards",
    machine: "one-nic",
    steps: [change((status) => ({ ...status, interfaces: [] })), "=1"],
  },
  {
    name: "history-error",
    machine: "one-nic",
    steps: ["=1", "f8", failed("history", "configd-unreachable")],
  },
  {
    name: "history-long",
    machine: "one-nic",
    steps: [
      "=1",
      "f8",
      wait({
        type: "reply",
        verb: "history",
        reply: {
          entries: Array.from({ length: 11 }, (_, index) => ({
            number: 1000 - index,
            keptAt: sceneTimeMs - index * 3_600_000,
            by: {
              how: "platform" as const,
              who: "job 6d3f2c1a-4b5e-4f60-8a7b-9c0d1e2f3a4b",
              why: longText,
            },
            changes: Array.from({ length: 12 }, () => ({
              field: "Called directly",
              before: `.${longHost}`,
              after: `.${longHost}, ${longHost}`,
            })),
            settings: settingsOfNoInterest,
          })),
        },
      }),
    ],
  },
  { name: "enrolment-long", machine: "long-values", steps: ["=3"] },
  {
    name: "diagnostics-long",
    machine: "long-values",
    steps: [
      "=4",
      wait({
        type: "reply",
        verb: "doctor",
        reply: {
          results: [
            {
              id: "link:lan",
              check: "link",
              subject: "LAN link, enp101s0f1np1",
              outcome: "ok",
              code: null,
              facts: [fact("card-up", { mac: "52:54:00:12:34:56" })],
              detail: "52:54:00:12:34:56, link is up",
              durationMs: 1,
            },
            ...Array.from({ length: 6 }, (_, index) => ({
              id: `dns:2001:db8:1234:5678:9abc:def0:1234:${index}`,
              check: "dns" as const,
              subject: `DNS server 2001:db8:1234:5678:9abc:def0:1234:${index}`,
              outcome: "warning" as const,
              code: "dns-silent",
              facts: [quoted(longText)],
              detail: longText,
              durationMs: 5000,
            })),
            {
              id: "service:health",
              check: "service",
              subject: `health service, ${longHost}:65535`,
              outcome: "failed",
              code: "service-block-page",
              facts: [
                fact("host-answered-with", { host: longHost, status: 403, type: "text/html" }),
                quoted(longText),
              ],
              detail: `${longHost} answered 403 with text/html; ${longText}`,
              durationMs: 14_999.6,
            },
          ],
        },
      }),
    ],
  },
  {
    name: "tools-nothing",
    machine: "one-nic",
    steps: ["=4", "f6", "f2", wait(nothing)],
  },
  {
    name: "tools-long",
    machine: "one-nic",
    steps: ["=4", "f6", "right", "tab", "ctrl-u", `=${longHost}`, "f2", wait(manyLines)],
  },
  {
    name: "power-error",
    machine: "one-nic",
    steps: ["=5", "enter", "left", "enter", failed("power", "configd-unreachable")],
  },
  { name: "power-long", machine: "long-values", steps: ["=5", "down", "enter"] },
  {
    name: "updates-long",
    machine: "long-values",
    steps: [
      change((status) =>
        status.agent === null
          ? status
          : {
              ...status,
              software: { version: "10.20.30-rc.4+build.20261112.deadbeef" },
              agent: {
                ...status.agent,
                content: Array.from({ length: 30 }, (_, index) => ({
                  kind: "signatures" as const,
                  name: `signatures-of-a-product-with-a-long-name-${index}`,
                  version: "2026.11.12-0314.very.long.version",
                  state: "refused" as const,
                  length: 999_999_999_999,
                  received: 0,
                  code: "update-not-trusted",
                  detail: longText,
                })),
                contentCheck: {
                  at: sceneTimeMs - 86_400_000 * 90,
                  failure: { code: "proxy-denied", detail: longText, at: sceneTimeMs },
                },
              },
            },
      ),
      "=8",
      "end",
    ],
  },
  { name: "diagnostics-authority", machine: "one-nic", steps: ["=4", untrusted] },
  { name: "certificates-seen", machine: "one-nic", steps: ["=4", untrusted, "=t", "down"] },
  {
    name: "certificates-seen-added",
    machine: "one-nic",
    steps: ["=4", untrusted, "=t", "down", "enter"],
  },
  {
    name: "certificates-seen-review",
    machine: "one-nic",
    steps: ["=4", untrusted, "=t", "down", "enter", "f2"],
  },
  { name: "certificates-set", machine: "one-nic", steps: [withAuthorities(1), ...more(1)] },
  {
    name: "certificates-long",
    machine: "one-nic",
    steps: [withAuthorities(2), ...more(1), "down"],
  },
  { name: "time-empty", machine: "one-nic", steps: more(2) },
  {
    name: "time-long",
    machine: "one-nic",
    steps: [
      withSettings({
        time: { servers: Array.from({ length: 6 }, (_, index) => `ntp${index}.${longHost}`) },
        scan: { exclusions: [], timeZone: "America/Argentina/ComodRivadavia" },
      }),
      ...more(2),
    ],
  },
  { name: "limits-empty", machine: "one-nic", steps: more(3) },
  {
    name: "limits-long",
    machine: "one-nic",
    steps: [
      withSettings({
        scan: {
          exclusions: Array.from(
            { length: 200 },
            (_, index) => `198.51.100.${index}-198.51.100.${index + 1}`,
          ),
          timeZone: "UTC",
        },
      }),
      ...more(3),
    ],
  },
  { name: "pin-long", machine: "one-nic", steps: [...more(5), `=${"open sesame ".repeat(8)}`] },
  {
    name: "locked-long",
    machine: "scanning",
    steps: [{ change: withPin }, { lock: true }, `=${"open sesame ".repeat(8)}`],
  },
  {
    name: "support-long",
    machine: "one-nic",
    steps: [
      ...more(6),
      wait({
        type: "reply",
        verb: "volumes",
        reply: {
          volumes: Array.from({ length: 20 }, (_, index) => ({
            id: `mapper0name0${index}`,
            label: `A LABEL AS LONG AS EXT4 AND NTFS ALLOW ${index} ${longText}`.slice(0, 128),
            fileSystem: "ext4",
            sizeBytes: 20_000_000_000_000,
            writable: true,
          })),
        },
      }),
    ],
  },
  ...(["sending", "sent", "failed"] as const).map((state) => ({
    name: `support-${state}`,
    machine: "update-waiting",
    steps: [
      change((status) =>
        status.agent === null
          ? status
          : {
              ...status,
              agent: {
                ...status.agent,
                bundle: {
                  state,
                  at: sceneTimeMs - 90_000,
                  failure:
                    state === "failed"
                      ? { code: "service-silent", detail: "", at: sceneTimeMs }
                      : null,
                },
              },
            },
      ),
      ...more(6),
      wait({ type: "reply", verb: "volumes", reply: { volumes: [] } }),
    ],
  })),
  {
    name: "trial-unsaved",
    machine: "one-nic",
    steps: [
      ...reviewed.slice(0, -1),
      change((status) => ({ ...status, trial: sceneTrialOf(status) })),
      "f10",
    ],
  },
  { name: "review-waiting", machine: "one-nic", steps: reviewed },
  {
    name: "review-nothing",
    machine: "one-nic",
    steps: [
      ...reviewed,
      wait({
        type: "reply",
        verb: "review",
        reply: { problems: [], changes: [], netplan: "", needsTrial: false },
      }),
    ],
  },
  {
    name: "review-long",
    machine: "one-nic",
    steps: [
      ...reviewed,
      wait({
        type: "reply",
        verb: "review",
        reply: {
          problems: [],
          changes: Array.from({ length: 30 }, () => ({
            field: "Called directly",
            before: `.${longHost}`,
            after: `.${longHost}, ${longHost}`,
          })),
          netplan: "",
          needsTrial: true,
        },
      }),
    ],
  },
  {
    name: "trial-long",
    machine: "one-nic",
    steps: [
      change((status) => ({
        ...status,
        trial: {
          id: "0b9f6a52-6a50-4a3e-9d0e-2f1c5a7d8e90",
          by: { how: "platform", who: "job 6d3f2c1a-4b5e-4f60-8a7b-9c0d1e2f3a4b", why: longText },
          deadlineAt: sceneTimeMs + 101_000,
          remainingMs: 101_000,
          phase: "waiting",
          changes: Array.from({ length: 30 }, () => ({
            field: "Called directly",
            before: `.${longHost}`,
            after: `.${longHost}, ${longHost}`,
          })),
          checksBefore: [],
          checks: Array.from({ length: 20 }, (_, index) => ({
            id: `dns:2001:db8:1234:5678:9abc:def0:1234:${index}`,
            check: "dns" as const,
            subject: `DNS server 2001:db8:1234:5678:9abc:def0:1234:${index}`,
            outcome: "failed" as const,
            code: "dns-silent",
            facts: [quoted(longText)],
            detail: longText,
            durationMs: 5000,
          })),
          advice: "revert",
        },
      })),
    ],
  },
];
