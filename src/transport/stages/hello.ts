/**
 * The first message of a TLS handshake. With the key of 1.1 kB for post-quantum agreement it takes
 * two packets, which some devices on the path swallow or reset (https://tldr.fail). RFC 8446 section
 * 4.2.8 lets the client choose which groups it offers.
 *
 * - `classical`: without that key
 *
 * The others are questions of the doctor, for a protocol that no server speaks: the server answers
 * with an alert of a few bytes (RFC 7301 section 3.2) instead of its certificate.
 *
 * - `small`: as short as possible
 * - `large`: as long as usual
 * - `cut`: as long as usual, in TCP segments of a few hundred bytes
 */
export type Hello = "usual" | "classical" | "small" | "large" | "cut";

/** Whom TLS is begun with. */
export type HelloTo = "platform" | "proxy" | "pac";

export const classicalGroups = "X25519:P-256:P-384";

/** Whether the server is to answer with an alert. */
export function isQuestion(hello: Hello): boolean {
  return hello === "small" || hello === "large" || hello === "cut";
}
