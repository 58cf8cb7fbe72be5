import { PassThrough } from "node:stream";
import type { ExecutionContext } from "ava";
import { lineInput } from "../../console/plain/lines.ts";
import { runPlain } from "../../console/plain/run.ts";
import { english } from "../../console/words/words.ts";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { patientMs } from "../testkit/patience.ts";
import type { ScriptedConfigd } from "./client-fake.ts";

export interface Dialogue {
  configd: ScriptedConfigd;
  said(): string;
  /** Types a line and waits for output that matches. */
  tell(line: string, wanted: RegExp | string): Promise<string>;
  heard(wanted: RegExp | string): Promise<string>;
  ended: Promise<void>;
}

/** A person who uses line mode. */
export function talkWith(
  t: ExecutionContext,
  configd: ScriptedConfigd,
  atMachine = false,
): Dialogue {
  const input = new PassThrough();
  let said = "";
  const watchers = new Set<() => void>();
  const stop = new AbortController();
  const ended = runPlain({
    client: configd,
    words: english,
    clock: systemClock,
    log: silentLog,
    canLeave: true,
    atMachine,
    signal: stop.signal,
    input: lineInput(input, () => undefined),
    write: (text) => {
      said += text;
      for (const watcher of watchers) watcher();
    },
  });
  t.teardown(() => stop.abort());
  const heard = (wanted: RegExp | string, from = 0) =>
    new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`not heard: ${wanted}\n${said.slice(from)}`)),
        patientMs,
      );
      const check = () => {
        const fresh = said.slice(from);
        // All output has come once the next prompt is there.
        if (
          !(typeof wanted === "string" ? fresh.includes(wanted) : wanted.test(fresh)) ||
          !/(: |it\s+is\.\n|empties\s+it\.\n)$/.test(said)
        )
          return;
        clearTimeout(timer);
        watchers.delete(check);
        resolve(fresh);
      };
      watchers.add(check);
      check();
    });
  return {
    configd,
    said: () => said,
    heard: (wanted) => heard(wanted),
    tell: (line, wanted) => {
      const from = said.length;
      input.write(`${line}\n`);
      return heard(wanted, from);
    },
    ended,
  };
}
