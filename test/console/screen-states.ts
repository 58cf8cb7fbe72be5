import type { ScreenName } from "../../console/contract/screens.ts";

/** The scene of each state of a screen, or the reason why there is none. */
type States = Readonly<Record<"normal" | "error" | "empty" | "long", string | { why: string }>>;

const neverEmpty = { why: "what it shows is always there" };
const fixedTexts = { why: "it shows only its own words, which the pseudo-locale makes longer" };

/** A screen without a line here does not compile: every state has a golden or a reason. */
export const screenStates: Readonly<Record<ScreenName, States>> = {
  home: { normal: "home", error: "home-no-configd", empty: "home-no-cards", long: "home-long" },
  welcome: {
    normal: "welcome",
    error: "welcome-error",
    empty: neverEmpty,
    long: { why: "its values come from a closed list" },
  },
  network: {
    normal: "network",
    error: "network-error",
    empty: "network-no-cards",
    long: "network-long",
  },
  history: {
    normal: "history",
    error: "history-error",
    empty: "history-none",
    long: "history-long",
  },
  proxy: { normal: "proxy-http", error: "proxy-error", empty: "proxy", long: "proxy-long" },
  enrolment: {
    normal: "enrolment-done",
    error: "enrolment-error",
    empty: "enrolment",
    long: "enrolment-long",
  },
  firewall: {
    normal: "firewall",
    error: "firewall-error",
    empty: "firewall-empty",
    long: "firewall-long",
  },
  egress: { normal: "egress", error: "egress-error", empty: "egress-none", long: "egress-long" },
  diagnostics: {
    normal: "diagnostics",
    error: "diagnostics-error",
    empty: "diagnostics-running",
    long: "diagnostics-long",
  },
  tools: {
    normal: "tools-answer",
    error: "tools-error",
    empty: "tools-nothing",
    long: "tools-long",
  },
  power: { normal: "power", error: "power-error", empty: neverEmpty, long: "power-long" },
  scans: { normal: "scans", error: "scans-error", empty: "scans-none", long: "scans-long" },
  logs: { normal: "logs", error: "logs-error", empty: "logs-none", long: "logs-long" },
  updates: {
    normal: "updates",
    error: "updates-refused",
    empty: "updates-none",
    long: "updates-long",
  },
  more: {
    normal: "more",
    error: { why: "it asks for nothing that could fail" },
    empty: neverEmpty,
    long: fixedTexts,
  },
  certificates: {
    normal: "certificates-set",
    error: "certificates-wrong",
    empty: "certificates",
    long: "certificates-long",
  },
  time: { normal: "time", error: "time-error", empty: "time-empty", long: "time-long" },
  limits: { normal: "limits", error: "limits-error", empty: "limits-empty", long: "limits-long" },
  console: {
    normal: "console",
    error: "console-error",
    empty: neverEmpty,
    long: { why: "its values come from closed lists" },
  },
  pin: { normal: "pin-differ", error: "pin-error", empty: "pin", long: "pin-long" },
  support: {
    normal: "support",
    error: "support-error",
    empty: "support-none",
    long: "support-long",
  },
  recovery: {
    normal: "recovery",
    error: "recovery-error",
    empty: neverEmpty,
    long: "recovery-factory",
  },
  review: {
    normal: "review",
    error: "review-problem",
    empty: "review-nothing",
    long: "review-long",
  },
  trial: {
    normal: "trial-keep",
    error: "trial-revert",
    empty: "trial-checking",
    long: "trial-long",
  },
};
