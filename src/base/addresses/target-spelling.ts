import { parseAddress } from "./address.ts";

/**
 * How people write targets: with the dashes of word processors, spaces around a hyphen, the last
 * number of a range alone, a star for a whole byte, and netmasks. Here all that becomes the spelling
 * that scan-targets.ts reads.
 */

/** Hyphens and dashes of Unicode, and the minus sign. */
const dashes = /[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g;
/**
 * Left behind at the ends by copies out of documents: zero-width characters and byte order marks.
 * Between digits they are refused: a soft hyphen there was somebody's hyphen.
 */
const invisible = /[\u200b-\u200d\u2060\ufeff]/;
/** A network and its netmask in two columns, as routers and `route print` show them. */
const columns = /(\d{1,3}(?:\.\d{1,3}){3})[ \t]{1,20}(255(?:\.\d{1,3}){3})(?![\d./-])/g;

/**
 * The targets of a text that lists them with commas, semicolons, spaces or line ends. The spaces
 * around a range's hyphen and a prefix's slash belong to it.
 */
export function splitTargets(typed: string): string[] {
  return tidied(typed)
    .split(/[\s,;]+/)
    .filter((target) => target !== "");
}

/** One target, in the spelling that addresses, prefixes and ranges have. */
export function plainTarget(typed: string): string {
  const text = tidied(typed);
  const short = /^(\d+\.\d+\.\d+\.)(\d+)-(\d{1,3})$/.exec(text);
  if (short) return `${short[1]}${short[2]}-${short[1]}${short[3]}`;
  const starred = /^((?:\d{1,3}\.){1,3})\*(?:\.\*)*$/.exec(text);
  const stars = text.split("*").length - 1;
  const bytes = (starred?.[1] ?? "").split(".").length - 1;
  if (starred?.[1] !== undefined && bytes + stars === 4)
    return `${starred[1]}${Array(stars).fill("0").join(".")}/${8 * bytes}`;
  return text;
}

function tidied(typed: string): string {
  return (
    trimmed(typed)
      .replace(dashes, "-")
      // Bounded: a longer gap belongs to no range, and would cost time.
      .replace(/[ \t\u00a0]{0,20}([-/])[ \t\u00a0]{0,20}/g, "$1")
      .replace(columns, "$1/$2")
  );
}

/** Not by a regular expression: one for both ends takes the square of a long gap's time. */
function trimmed(text: string): string {
  const isNothing = (character: string) => character.trim() === "" || invisible.test(character);
  let [first, last] = [0, text.length];
  while (first < last && isNothing(text.charAt(first))) first++;
  while (last > first && isNothing(text.charAt(last - 1))) last--;
  return text.slice(first, last);
}

/**
 * The prefix length of an IPv4 netmask; null when its ones do not stand together at its start, or
 * when it has none: 0.0.0.0 is how routers mark a single host.
 */
export function lengthOfNetmask(text: string): number | null {
  const mask = parseAddress(text);
  if (mask?.family !== 4) return null;
  const bits = mask.value.toString(2).padStart(32, "0");
  return /^1+0*$/.test(bits) ? bits.replaceAll("0", "").length : null;
}

/** Whether a text could be a host's name, also in another script. */
export function isName(text: string): boolean {
  return /^[\p{L}\p{N}](?:[\p{L}\p{N}._-]*[\p{L}\p{N}])?\.?$/u.test(text) && /\p{L}/u.test(text);
}
