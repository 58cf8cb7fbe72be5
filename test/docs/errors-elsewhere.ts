import type { ErrorCode } from "../../src/base/messages/error-codes.ts";

/**
 * Codes that none of the lab's faults shows: the test that brings each about, or in words how it
 * comes about where no test does.
 */
export const shownByTest: Partial<Record<ErrorCode, `test/${string}.test.ts`>> = {
  "interface-added": "test/network/card-memory.test.ts",
  "interface-replaced": "test/network/card-memory.test.ts",
  "same-network": "test/configd/network-reports.test.ts",
  "in-lan-network": "test/configd/network-reports.test.ts",
  "packets-stopped": "test/configd/network-reports.test.ts",
  "dns-differs": "test/doctor/resolver.test.ts",
  "connect-forgotten": "test/transport/http-transport.test.ts",
  "proxy-credentials-unusable": "test/transport/proxy-digest.test.ts",
  "authority-not-seen": "test/cli/seen-authority.test.ts",
  "tls-untrusted": "test/transport/tls-chains.test.ts",
  "service-unexpected": "test/agent/signed-client.test.ts",
  "service-refused": "test/agent/signed-client.test.ts",
  "too-large": "test/agent/path-limit.test.ts",
  "not-found": "test/agent/call-home.test.ts",
  "part-conflict": "test/platform/results.test.ts",
  "parts-missing": "test/platform/results.test.ts",
  "attempt-outdated": "test/agent/job-desk.test.ts",
  "signature-invalid": "test/platform/request-signatures.test.ts",
  "signature-replayed": "test/platform/request-signatures.test.ts",
  "signature-clock": "test/platform/request-signatures.test.ts",
  "appliance-unknown": "test/platform/request-signatures.test.ts",
  "appliance-revoked": "test/agent/refused.test.ts",
  "sealed-elsewhere": "test/configd/secrets.test.ts",
  "appliance-copy": "test/platform/copies.test.ts",
  "code-malformed": "test/configd/api.test.ts",
  "code-unknown": "test/agent/end-to-end.test.ts",
  "code-expired": "test/console/screens.test.ts",
  "code-used": "test/platform/enrolment.test.ts",
  "not-enrolled": "test/console/screens.test.ts",
  "settings-invalid": "test/configd/remote.test.ts",
  "settings-unreadable": "test/lab/recovery.test.ts",
  "trial-pending": "test/configd/trial.test.ts",
  "trial-unknown": "test/configd/trial.test.ts",
  "trial-failed": "test/configd/trial.test.ts",
  "history-unknown": "test/configd/history.test.ts",
  "confirmation-wrong": "test/configd/recovery.test.ts",
  "pin-wrong": "test/configd/console-verbs.test.ts",
  "volume-missing": "test/configd/console-verbs.test.ts",
  "volume-read-only": "test/configd/console-verbs.test.ts",
  "scan-unknown": "test/configd/console-verbs.test.ts",
  "configd-unreachable": "test/agent/commands.test.ts",
  "system-failed": "test/configd/secrets.test.ts",
  "request-invalid": "test/configd/console-verbs.test.ts",
  "not-allowed": "test/configd/console-requests.test.ts",
  "internal-error": "test/base/error-codes.test.ts",
  "command-expired": "test/agent/commands.test.ts",
  "network-change-reverted": "test/lab/network-change.test.ts",
  "scan-targets-invalid": "test/agent/scan-job.test.ts",
  "scan-engine-failed": "test/scan/engine.test.ts",
  "scan-incomplete": "test/platform/results.test.ts",
  "scan-accepts-all": "test/agent/scan-job.test.ts",
  "scan-stopped": "test/agent/spool-room.test.ts",
  "update-not-trusted": "test/agent/updates-metadata.test.ts",
  "update-rolled-back": "test/agent/updates-metadata.test.ts",
  "update-expired": "test/agent/updates-metadata.test.ts",
  "update-mixed": "test/agent/updates-metadata.test.ts",
  "update-altered": "test/agent/updates-fetch.test.ts",
  "update-no-root": "test/agent/updates-fetch.test.ts",
  "content-exists": "test/platform/content.test.ts",
  "content-key-changed": "test/platform/content.test.ts",
  "content-keys-missing": "test/platform/content.test.ts",
  "storage-full": "test/agent/jobs-reply.test.ts",
  "spool-full": "test/agent/spool-room.test.ts",
  "storage-damaged": "test/agent/spool-unreadable.test.ts",
};

export const inWords: Partial<Record<ErrorCode, string>> = {
  "command-unknown":
    "no platform of this version gives such a command; the code is for later ones.",
  "update-too-large":
    "publish a file that is larger than the bound built in: no test moves so many bytes.",
};

/** Codes that a path can give, and why the lab has no fault that shows them. */
export const whyNoFault: Partial<Record<ErrorCode, string>> = {
  "connect-forgotten":
    "It is never shown as a failure: the agent opens another connection at once.",
  "dns-differs": "It lasts only until systemd-resolved turns to its other server.",
  "proxy-credentials-unusable":
    "The settings refuse beforehand what no log-in has a form for, but for what only the proxy's own question decides.",
  "tls-untrusted":
    "An enrolled appliance knows the platform's authority and says `tls-intercepted`.",
  "service-unexpected": "Only the platform itself can sign an answer that does not fit.",
  "internal-error": "It stands for a fault of the software that nobody knows yet.",
};
