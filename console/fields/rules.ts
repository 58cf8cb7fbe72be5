import type { TextRules } from "./text-field.ts";

/**
 * Any text: what it means is judged by src/settings/, not by the key. A character that were refused
 * here would leave another text, which could be valid.
 */
export const textRules: TextRules = {};

/** 20 characters and three hyphens, which the shape inserts. */
export const activationCodeRules: TextRules = { shape: shapeActivationCode };

/** A text with anything else than letters and digits in groups stays as it was typed. */
function shapeActivationCode(typed: string): string {
  if (!/^[A-Za-z0-9 -]*$/.test(typed)) return typed;
  const characters = typed.toUpperCase().replace(/[ -]/g, "");
  return (characters.match(/.{1,5}/g) ?? []).join("-");
}

/** Characters of the secrets that configd takes. */
export const longestPin = 60;
export const longestPassword = 200;
