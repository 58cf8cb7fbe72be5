import type { Status } from "../../src/configd/api/status.ts";
import { loadDescribedMachine } from "../../src/simulation/described-machine.ts";
import { describedLog } from "../../src/simulation/tools.ts";
import { type Scene, type SceneStep, sceneTimeMs } from "./scene.ts";
import { cardGone, failed, linkCut, more, scanWaits, wait } from "./scene-steps.ts";
import { forbidden, pinged, shown, toCapture, toTls } from "./scenes-tools.ts";

const machine = await loadDescribedMachine("one-nic");

export const withPin = (status: Status): Status => ({
  ...status,
  secrets: { ...status.secrets, consolePin: true },
});
const volumes: SceneStep = wait({
  type: "reply",
  verb: "volumes",
  reply: {
    volumes: [
      {
        id: "sdb1",
        label: "OUTRIDER",
        fileSystem: "vfat",
        sizeBytes: 8_000_000_000,
        writable: true,
      },
      {
        id: "sr0",
        label: "CERTIFICATES",
        fileSystem: "iso9660",
        sizeBytes: 4_000_000,
        writable: false,
      },
    ],
  },
});

/** Made for this test with openssl; its key was thrown away. */
export const exampleAuthority = `-----BEGIN CERTIFICATE-----
MIIBojCCAUmgAwIBAgIUAf8lPxDIiwK8Qh6QvYd8F4kBr60wCgYIKoZIzj0EAwIw
-----END CERTIFICATE-----`;

const log: SceneStep = wait({
  type: "reply",
  verb: "logs",
  reply: { entries: describedLog("agent", machine, sceneTimeMs) },
});
const longLog: SceneStep = wait({
  type: "reply",
  verb: "logs",
  reply: {
    entries: Array.from({ length: 60 }, (_, index) => ({
      cursor: `s=1;i=${index}`,
      at: sceneTimeMs - (60 - index) * 1000,
      priority: index % 10 === 3 ? 3 : 6,
      from: "systemd-networkd",
      text: `line ${index}: ${"a long text that does not fit ".repeat(index % 4)}{red-fg}é`,
    })),
  },
});

const jobs: SceneStep = {
  change: (status) =>
    status.agent === null
      ? status
      : {
          ...status,
          agent: {
            ...status.agent,
            content: content,
            contentCheck: { at: sceneTimeMs - 3_600_000, failure: null },
          },
        },
};
const facts = { publishedAt: sceneTimeMs - 86_400_000, summary: "" };
const content: NonNullable<NonNullable<Status["agent"]>["content"]> = [
  {
    ...facts,
    kind: "signatures",
    name: "base",
    version: "2026.11.11",
    state: "fetched",
    length: 4_200_000,
    received: 4_200_000,
  },
  {
    ...facts,
    kind: "software",
    name: "outrider",
    version: "0.2.0",
    state: "fetching",
    length: 120_000_000,
    received: 61_000_000,
  },
  {
    ...facts,
    kind: "signatures",
    name: "base",
    version: "2026.11.12",
    state: "refused",
    length: 4_300_000,
    received: 0,
    code: "update-not-trusted",
    detail: "threshold",
  },
].map(
  ({ publishedAt: _, summary: __, ...item }) =>
    item as NonNullable<NonNullable<Status["agent"]>["content"]>[number],
);

/** Seldom used screens, in their usual state and with errors. */
export const moreScenes: readonly Scene[] = [
  { name: "more", machine: "one-nic", steps: ["=9", "down"] },
  { name: "time", machine: "clock-wrong", steps: more(2) },
  {
    name: "time-error",
    machine: "one-nic",
    steps: [...more(2), "=pool..example.org", "tab", "end", "ctrl-u", "=Mars/Olympus", "tab"],
  },
  { name: "limits", machine: "one-nic", steps: [...more(3), "=192.0.2.7, 198.51.100.0/24"] },
  {
    name: "limits-error",
    machine: "one-nic",
    steps: [...more(3), "=192.0.2.999", "tab"],
  },
  { name: "console", machine: "one-nic", steps: [...more(4), "tab"] },
  {
    name: "console-error",
    machine: "one-nic",
    steps: [...more(4), "tab", "tab", "=y-z", "tab", "end", "ctrl-u", "=999", "tab"],
  },
  { name: "pin", machine: "one-nic", steps: more(5) },
  {
    name: "pin-error",
    machine: "one-nic",
    steps: [
      { change: withPin },
      wait({ type: "reply", verb: "unlock", reply: { unlocked: true, retryAfterMs: 0 } }),
      ...more(5),
      "f2",
    ],
  },
  {
    name: "pin-differ",
    machine: "one-nic",
    steps: [...more(5), "=open sesame", "tab", "=open sesam", "tab"],
  },
  { name: "locked", machine: "scanning", steps: [{ change: withPin }, "=1", "=1", { lock: true }] },
  {
    name: "locked-typing",
    machine: "scanning",
    steps: [{ change: withPin }, { lock: true }, "=open sesame"],
  },
  {
    name: "locked-wrong",
    machine: "scanning",
    steps: [
      { change: withPin },
      { lock: true },
      "=x",
      "enter",
      { unlock: { unlocked: false, retryAfterMs: 0 } },
    ],
  },
  {
    name: "locked-wait",
    machine: "scanning",
    steps: [
      { change: withPin },
      { lock: true },
      "=x",
      "enter",
      { unlock: { unlocked: false, retryAfterMs: 20_000 } },
    ],
  },
  { name: "support", machine: "one-nic", steps: [...more(6), volumes] },
  {
    name: "support-none",
    machine: "one-nic",
    steps: [...more(6), wait({ type: "reply", verb: "volumes", reply: { volumes: [] } })],
  },
  {
    name: "support-written",
    machine: "one-nic",
    steps: [
      ...more(6),
      volumes,
      "enter",
      wait({
        type: "reply",
        verb: "supportBundle",
        reply: { file: "outrider-support-20261112T0314.tar.gz", bytes: 48_213 },
      }),
    ],
  },
  {
    name: "support-error",
    machine: "one-nic",
    steps: [...more(6), volumes, "enter", failed("supportBundle", "volume-missing")],
  },
  { name: "certificates", machine: "one-nic", steps: more(1) },
  {
    name: "certificates-paste",
    machine: "one-nic",
    steps: [
      ...more(1),
      "f3",
      `=${exampleAuthority.split("\n")[0] ?? ""}`,
      "enter",
      "=MIIBojCCAUmgAwIBAgIUAf8lPxDIiwK8",
    ],
  },
  {
    name: "certificates-wrong",
    machine: "one-nic",
    steps: [...more(1), "f3", "=this is no certificate", "f2"],
  },
  { name: "certificates-volumes", machine: "one-nic", steps: [...more(1), "f4", volumes] },
  {
    name: "certificates-files",
    machine: "one-nic",
    steps: [
      ...more(1),
      "f4",
      volumes,
      "down",
      "enter",
      wait({
        type: "reply",
        verb: "certificateFiles",
        reply: { files: ["example-ca.pem", "old/proxy.crt"] },
      }),
    ],
  },
  { name: "recovery", machine: "one-nic", steps: more(7) },
  { name: "recovery-network", machine: "one-nic", steps: [...more(7), "enter"] },
  {
    name: "recovery-factory",
    machine: "long-values",
    steps: [...more(7), "down", "enter", "=outrid"],
  },
  {
    name: "recovery-wrong",
    machine: "one-nic",
    steps: [...more(7), "down", "enter", "=no", "enter", "enter"],
  },
  {
    name: "recovery-error",
    machine: "one-nic",
    steps: [...more(7), "enter", "left", "enter", failed("recoverNetwork", "configd-unreachable")],
  },
  { name: "scans", machine: "scanning", steps: ["=6"] },
  { name: "scans-none", machine: "not-enrolled", steps: ["=6"] },
  { name: "scans-long", machine: "long-values", steps: ["=6"] },
  { name: "scans-stop", machine: "scanning", steps: ["=6", "=s"] },
  { name: "scans-card", machine: "scanning", steps: [scanWaits(linkCut), "=6"] },
  {
    name: "scans-address",
    machine: "scanning",
    steps: [scanWaits({ ...linkCut, kind: "no-address" }), "=6", "=s"],
  },
  { name: "scans-nocard", machine: "scanning", steps: [scanWaits(cardGone), "=6"] },
  {
    name: "scans-error",
    machine: "scanning",
    steps: ["=6", "=s", "left", "enter", failed("stopScan", "scan-unknown")],
  },
  { name: "updates", machine: "update-waiting", steps: [jobs, "=8"] },
  { name: "updates-refused", machine: "update-waiting", steps: [jobs, "=8", "end"] },
  { name: "updates-none", machine: "not-enrolled", steps: ["=8"] },
  { name: "logs", machine: "one-nic", steps: ["=7", log] },
  { name: "logs-filter", machine: "one-nic", steps: ["=7", log, "f3", "=busy"] },
  { name: "logs-long", machine: "one-nic", steps: ["=7", longLog, "page-up"] },
  {
    name: "logs-none",
    machine: "one-nic",
    steps: ["=7", "right", wait({ type: "reply", verb: "logs", reply: { entries: [] } })],
  },
  { name: "logs-error", machine: "one-nic", steps: ["=7", failed("logs", "configd-unreachable")] },
  { name: "tools", machine: "two-nics", steps: ["=4", "f6"] },
  {
    name: "tools-answer",
    machine: "one-nic",
    steps: ["=4", "f6", "f2", wait(pinged)],
  },
  { name: "tools-failed", machine: "one-nic", steps: ["=4", "f6", "f2", wait(forbidden)] },
  { name: "tools-tls", machine: "behind-broken-proxy", steps: ["=4", "f6", ...toTls, wait(shown)] },
  { name: "tools-capture", machine: "two-nics", steps: ["=4", "f6", ...toCapture] },
  { name: "tools-running", machine: "one-nic", steps: ["=4", "f6", "f2"] },
  { name: "tools-stopping", machine: "one-nic", steps: ["=4", "f6", "f2", "escape"] },
  { name: "tools-error", machine: "one-nic", steps: ["=4", "f6", "tab", "end", "ctrl-u", "f2"] },
];
