import { X509Certificate } from "node:crypto";
import { OutriderError } from "../base/messages/error.ts";
import { fact } from "../base/messages/facts.ts";
import type { ConfigdClient } from "../configd/api/api.ts";
import { type Output, UsageError } from "./output.ts";

/**
 * The certificate (PEM) of an authority that the way shows now and whose SHA-256 is the one that the
 * operator has compared. A certificate is believed by its whole fingerprint only, so that nobody on
 * the way can put another one in its place between the look and the change.
 */
export async function seenAuthority(
  fingerprint: string,
  { client, output, json }: { client: ConfigdClient; output: Output; json: boolean },
): Promise<string> {
  const wanted = fingerprint.replace(/[\s:]/g, "").toUpperCase();
  if (!/^[\dA-F]{64}$/.test(wanted))
    throw new UsageError("--trust-seen takes the whole SHA-256 fingerprint: 64 digits from 0 to F");
  if (!json) output.line("Looking at the way to the platform ...");
  const { results } = await client.call("doctor", {});
  const seen = results.flatMap(({ authorities = [] }) => authorities);
  const found = seen.find((pem) => sha256Of(pem) === wanted);
  if (found !== undefined) return found;
  const shown = [...new Set(seen.map((pem) => fingerprintOf(pem)))];
  throw new OutriderError("authority-not-seen", {
    detail:
      shown.length === 0
        ? fact("authority-none-now")
        : fact("authority-others-now", { fingerprints: shown.join(", ") }),
  });
}

function sha256Of(pem: string): string {
  return fingerprintOf(pem).replaceAll(":", "").toUpperCase();
}

function fingerprintOf(pem: string): string {
  try {
    return new X509Certificate(pem).fingerprint256;
  } catch {
    return "";
  }
}
