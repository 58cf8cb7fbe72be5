import type { ErrorCode } from "../../base/messages/error-codes.ts";

const statuses: Partial<Record<ErrorCode, number>> = {
  "signature-invalid": 401,
  "signature-replayed": 401,
  "signature-clock": 401,
  "appliance-unknown": 401,
  "appliance-revoked": 403,
  "appliance-copy": 403,
  "not-allowed": 403,
  "code-unknown": 403,
  "code-expired": 403,
  "code-used": 403,
  "not-found": 404,
  "part-conflict": 409,
  "parts-missing": 409,
  "attempt-outdated": 409,
  "content-exists": 409,
  "content-key-changed": 409,
  "content-keys-missing": 409,
  "too-large": 413,
  "request-invalid": 422,
  "scan-targets-invalid": 422,
  "service-busy": 503,
  "storage-full": 507,
};

export function errorStatus(code: ErrorCode): number {
  return statuses[code] ?? 500;
}
