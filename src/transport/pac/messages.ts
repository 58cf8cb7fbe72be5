/** A question to the process that evaluates PAC files: one line of JSON, answered by one line. */
export interface PacQuestion {
  script: string;
  url: string;
  host: string;
  nowMs: number;
  ownAddress: string;
  /** The addresses of the names that the script asked for in earlier runs. */
  names: Readonly<Record<string, readonly string[]>>;
  /** For this run of the script. */
  limitMs: number;
}

export type PacReply =
  | { kind: "answer"; answer: string }
  /** The script needs these names' addresses: ask again with them. */
  | { kind: "missing"; names: string[] }
  | { kind: "fault"; fault: string };

export const longestReply = 64 * 1024;

/**
 * Reads a reply. The process ran a foreign script, so its output is untrusted. Null when it is
 * malformed.
 */
export function readPacReply(line: string): PacReply | null {
  if (line.length > longestReply) return null;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const field = (name: string): unknown =>
    Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  const [kind, answer, names, fault] = ["kind", "answer", "names", "fault"].map(field);
  if (kind === "answer" && typeof answer === "string") return { kind, answer };
  if (kind === "fault" && typeof fault === "string")
    return { kind, fault: fault.replace(/[^\x20-\x7e]/g, "?").slice(0, 300) };
  if (kind !== "missing" || !Array.isArray(names) || names.length === 0 || names.length > 20)
    return null;
  const list: unknown[] = names;
  const texts = list.filter(
    (name): name is string => typeof name === "string" && name.length <= 4096,
  );
  return texts.length === list.length ? { kind, names: texts } : null;
}
