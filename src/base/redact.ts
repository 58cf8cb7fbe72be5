const removed = "[removed]";

/** Patterns of secrets, with what replaces them: the value is removed, its name stays. */
const patterns: readonly [RegExp, string][] = [
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g, removed],
  // Activation codes: four groups of five characters of Crockford's base 32.
  [/\b[0-9A-HJKMNP-TV-Z]{5}(?:-[0-9A-HJKMNP-TV-Z]{5}){3}\b/gi, removed],
  [
    /((?:proxy-)?authorization["']?\s*[:=]\s*["']?)(?:(?:basic|bearer|digest|ntlm|negotiate)\s+)?[^\s"',{}[\]]+/gi,
    `$1${removed}`,
  ],
  [
    /((?:pass(?:word|phrase|wd)?|secret|token|api[-_]?key|credential)s?["']?\s*[:=]\s*["']?)(?!true|false|null)[^\s"',{}[\]]+/gi,
    `$1${removed}`,
  ],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi, `$1:${removed}@`],
];

/** Removes the given secrets, and every text that looks like a secret. */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text;
  // A shorter secret would also match ordinary text.
  for (const secret of secrets)
    if (secret.length >= 4)
      for (const form of formsOf(secret)) clean = clean.replaceAll(form, removed);
  for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement);
  return clean;
}

function formsOf(secret: string): Set<string> {
  const json = JSON.stringify(secret).slice(1, -1);
  return new Set([
    secret,
    json,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64"),
    Buffer.from(secret).toString("base64").replace(/=+$/, ""),
  ]);
}
