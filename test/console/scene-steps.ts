import type { AskedVerb } from "../../console/contract/contract.ts";
import type { Status } from "../../src/configd/api/status.ts";
import type { SceneStep } from "./scene.ts";

export const minuteMs = 60_000;

export const change = (how: (status: Status) => Status): SceneStep => ({ change: how });
export const wait = (answer: Extract<SceneStep, { answer: unknown }>["answer"]): SceneStep => ({
  answer,
});
export const failed = (verb: AskedVerb, code: string): SceneStep =>
  wait({ type: "failed", verb, failure: { code, detail: null } });
export const reviewed: SceneStep[] = [
  "=1",
  "right",
  "tab",
  "=192.0.2.60/24",
  "tab",
  "=192.0.2.1",
  "tab",
  "=192.0.2.53",
  "f2",
];
export const more = (number: number): SceneStep[] => ["=9", `=${number}`];

export const longHost =
  "platform-of-the-company-group-in-europe-middle-east-and-africa.security-services.corporate.example.org";
export const longText =
  "A text that somebody wrote without a thought for those who read it on eighty columns at three in the morning, and then some more";
export const withSettings = (part: Partial<Status["settings"]>): SceneStep =>
  change((status) => ({ ...status, settings: { ...status.settings, ...part } }));

type ScanWait = NonNullable<NonNullable<Status["agent"]>["jobs"][number]["waitsFor"]>;
/** The running scan waits for its card. */
export const scanWaits = (waitsFor: ScanWait): SceneStep =>
  change((status) =>
    status.agent === null
      ? status
      : {
          ...status,
          agent: {
            ...status.agent,
            jobs: status.agent.jobs.map((job, index) => (index === 0 ? { ...job, waitsFor } : job)),
          },
        },
  );
const sinceMs = Date.parse("2026-11-12T03:02:00Z");
export const linkCut: ScanWait = {
  card: "eth0",
  kind: "no-link",
  from: sinceMs,
  until: sinceMs + 30 * minuteMs,
};
export const cardGone: ScanWait = { card: null, kind: "missing", from: sinceMs, until: null };
