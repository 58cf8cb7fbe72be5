/** The checks of single fields, for whoever has one field only. */
export { parseOwnAddress } from "./checks/address.ts";
export {
  type CertificateFacts,
  describeCertificate,
  parseCertificate,
} from "./checks/certificate.ts";
export { parseMacAddress } from "./checks/interface.ts";
export { parseHostname, parsePlatformUrl, parsePort } from "./checks/names.ts";
export { parseTimeZone } from "./checks/other.ts";
export { type FieldValue, problemAt, quoted } from "./checks/values.ts";
