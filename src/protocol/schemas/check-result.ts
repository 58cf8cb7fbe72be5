import { type Static, Type } from "@sinclair/typebox";
import { Facts } from "../../base/messages/fact-schema.ts";

/**
 * One check's outcome: the shape that the doctor, the settings trial, the console and the support
 * bundle share.
 */
export const CheckResult = Type.Object({
  /** Unique in one run, as `link:lan`, `dns:192.0.2.53`, `service:health`. */
  id: Type.String({ maxLength: 100 }),
  /**
   * The check's id in the doctor's list, as `dns`. The schema does not list the ids, so that a
   * platform shows the results of a later appliance, which has more checks.
   */
  check: Type.String({ pattern: "^[a-z][a-z0-9-]*$", maxLength: 40 }),
  /** The subject, as "LAN link" or "health service, health.example.org". */
  subject: Type.String({ maxLength: 200 }),
  outcome: Type.Union([
    Type.Literal("ok"),
    Type.Literal("warning"),
    Type.Literal("failed"),
    Type.Literal("skipped"),
  ]),
  /** Code of error-codes.ts when failed or warning. */
  code: Type.Union([Type.String({ maxLength: 60 }), Type.Null()]),
  /**
   * Addresses, timings of stages, offered schemes; never a secret. Results of older versions have
   * only `detail`.
   */
  facts: Type.Optional(Facts),
  /** The facts in English. */
  detail: Type.String({ maxLength: 1000 }),
  durationMs: Type.Number({ minimum: 0 }),
  /**
   * Certificates (PEM) of authorities that are not trusted, as they were seen on the way: those whose
   * fingerprints `detail` shows, in that order. What an operator has compared is what is trusted then.
   */
  authorities: Type.Optional(Type.Array(Type.String({ maxLength: 8192 }), { maxItems: 3 })),
});
export type CheckResult = Static<typeof CheckResult>;
