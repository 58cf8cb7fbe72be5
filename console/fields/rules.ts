import type { TextRules } from "./text-field.ts";

/**
 * The characters and the length that each kind of field takes. Limits are those of
 * src/settings/model/schema.ts; masks and lists are typed longer than they are saved.
 */
export const addressRules: TextRules = {
  // With " on-link" behind it.
  limit: 23,
  allowed: /[0-9.onlikONLIK -]/,
  refusal: "form.refused.address",
};
export const addressWithMaskRules: TextRules = {
  limit: 33,
  allowed: /[0-9./ ]/,
  refusal: "form.refused.addressMask",
};
export const ipv6Rules: TextRules = {
  limit: 53,
  allowed: /[0-9A-Fa-f:.onlikONLIK -]/,
  refusal: "form.refused.ipv6",
};
export const ipv6WithPrefixRules: TextRules = {
  limit: 51,
  allowed: /[0-9A-Fa-f:./ ]/,
  refusal: "form.refused.ipv6",
};
export const anyAddressListRules: TextRules = {
  limit: 290,
  allowed: /[0-9A-Fa-f:., ]/,
  refusal: "form.refused.anyAddresses",
};
export const routeListRules: TextRules = {
  limit: 2000,
  allowed: /[0-9A-Fa-fviametrconlkVIAMETRCONLK:./, -]/,
  refusal: "form.refused.routes",
};
export const numberRules: TextRules = {
  limit: 4,
  allowed: /[0-9]/,
  refusal: "form.refused.digits",
};
export const hostnameRules: TextRules = {
  limit: 63,
  allowed: /[A-Za-z0-9-]/,
  refusal: "form.refused.hostname",
};
export const domainListRules: TextRules = {
  limit: 600,
  allowed: /[A-Za-z0-9.,_ \p{L}\p{M}\p{N}-]/u,
  refusal: "form.refused.domains",
};
export const hostRules: TextRules = {
  limit: 253,
  allowed: /[A-Za-z0-9.:_[\]\p{L}\p{M}\p{N}-]/u,
  refusal: "form.refused.host",
};
export const portRules: TextRules = { limit: 5, allowed: /[0-9]/, refusal: "form.refused.digits" };
export const urlRules: TextRules = {
  limit: 300,
  allowed: /[A-Za-z0-9.:/_[\]\p{L}\p{M}\p{N}-]/u,
  refusal: "form.refused.url",
};
export const hostListRules: TextRules = {
  limit: 1500,
  allowed: /[A-Za-z0-9.,:[\]_ \p{L}\p{M}\p{N}-]/u,
  refusal: "form.refused.hosts",
};
export const bypassRules: TextRules = {
  limit: 3000,
  allowed: /[A-Za-z0-9.,:/*[\]_ \p{L}\p{M}\p{N}-]/u,
  refusal: "form.refused.hosts",
};
export const pacUrlRules: TextRules = {
  limit: 300,
  allowed: /[!-~]/,
  refusal: "form.refused.pacUrl",
};
export const exclusionRules: TextRules = {
  limit: 4000,
  allowed: /[0-9A-Fa-f:./, -]/,
  refusal: "form.refused.anyAddresses",
};
export const timeZoneRules: TextRules = {
  limit: 60,
  allowed: /[A-Za-z0-9/_+-]/,
  refusal: "form.refused.timeZone",
};
export const targetRules: TextRules = {
  limit: 253,
  allowed: /[A-Za-z0-9.:_-]/,
  refusal: "form.refused.host",
};
export const filterRules: TextRules = {
  limit: 100,
  allowed: /[^\u0000-\u001f\u007f-\u009f]/u,
  refusal: "form.refused.text",
};
export const pinRules: TextRules = {
  limit: 60,
  allowed: /[^\u0000-\u001f\u007f-\u009f]/u,
  refusal: "form.refused.text",
};
export const credentialRules: TextRules = {
  limit: 200,
  allowed: /[^\u0000-\u001f\u007f-\u009f]/u,
  refusal: "form.refused.text",
};
/** 20 characters and three hyphens, which the shape inserts. */
export const activationCodeRules: TextRules = {
  limit: 23,
  // What a pasted code has between its characters is taken, and left out by its shape.
  allowed: /[A-Za-z0-9\s\p{Pd}\p{Cf}\p{Pi}\p{Pf}\u2212_.,;"'`„‚]/u,
  refusal: "form.refused.code",
  shape: shapeActivationCode,
};

function shapeActivationCode(typed: string): string {
  const characters = typed
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "")
    .slice(0, 20);
  return (characters.match(/.{1,5}/g) ?? []).join("-");
}
