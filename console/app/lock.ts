import type { VerbReply } from "../../src/configd/api/api.ts";
import type { Status } from "../../src/configd/api/status.ts";
import type { Context } from "../contract/contract.ts";
import { countdown } from "../contract/times.ts";
import { longestPin, textRules } from "../fields/rules.ts";
import { editText, type TextField, textField, visibleText } from "../fields/text-field.ts";
import type { Key } from "../page/key.ts";
import type { Block, Page } from "../page/page.ts";
import { addressText } from "../screens/shared/address-text.ts";
import { callHomeNote } from "../screens/shared/call-home-note.ts";
import { keyboardHere } from "../screens/shared/layouts.ts";

/** The lock above the open screens: while it is there, no key reaches them. */
export interface Lock {
  readonly pin: TextField;
  /** The PIN that configd is asked for; null while it is not asked. `pin` is what is typed then. */
  readonly checking: TextField | null;
  readonly failure: keyof typeof failureWords | null;
  /** By the monotonic clock. Until then configd checks no further PIN. */
  readonly waitUntilMs: number;
}

const failureWords = {
  wrong: "lock.wrong",
  damaged: "lock.damaged",
  "no-configd": "lock.noConfigd",
} as const;

export const freshLock: Lock = { pin: textField(), checking: null, failure: null, waitUntilMs: 0 };

/** configd's answers to the lock come back to this number, which no screen has. */
export const lockNumber = -1;

/** True at the start (`idleMs` null), and after the idle time of the settings without a key. */
export function shouldLock(status: Status, idleMs: number | null): boolean {
  if (status.secrets.consolePin !== true) return false;
  const { lockAfterMinutes } = status.settings.console;
  return idleMs === null || (lockAfterMinutes !== null && idleMs >= lockAfterMinutes * 60_000);
}

/** The lock after a key, and the PIN to have configd check, if any. */
export function pressLocked(
  lock: Lock,
  key: Key,
  nowMs: number,
): { lock: Lock; ask: string | null } {
  if (key.name === "enter") {
    if (lock.checking !== null || lock.pin.text === "" || nowMs < lock.waitUntilMs)
      return { lock, ask: null };
    if ([...lock.pin.text].length > longestPin)
      return { lock: { ...lock, pin: textField(), failure: "wrong" }, ask: null };
    // What is typed before the answer is the begin of the next PIN, not lost.
    const asked = { ...lock, pin: textField(), checking: lock.pin, failure: null };
    return { lock: asked, ask: lock.pin.text };
  }
  return { lock: { ...lock, pin: editText(lock.pin, key, textRules).field }, ask: null };
}

/** The lock after configd's answer or the code of a failure; null when it is open now. */
export function answerLocked(
  lock: Lock,
  answer: VerbReply<"unlock"> | { code: string },
  nowMs: number,
): Lock | null {
  if ("code" in answer)
    return {
      ...lock,
      pin: shownPin(lock),
      checking: null,
      failure: answer.code === "pin-damaged" ? "damaged" : "no-configd",
    };
  if (answer.unlocked) return null;
  return {
    pin: lock.pin,
    checking: null,
    failure: "wrong",
    waitUntilMs: nowMs + answer.retryAfterMs,
  };
}

function shownPin({ pin, checking }: Lock): TextField {
  return checking !== null && pin.text === "" ? checking : pin;
}

const fieldWidth = 34;

/** What anybody in front of the machine may know: its addresses, and whether it calls home. */
function stateBlocks(context: Context): Block[] {
  const { words, status } = context;
  const used = (status?.interfaces ?? []).filter(({ role }) => role !== null);
  const addresses = used.flatMap((nic) => addressText(nic, words) ?? []);
  const note = callHomeNote(context);
  return [
    {
      kind: "text",
      text: addresses.length === 0 ? words.say("home.noAddress") : addresses.join(", "),
    },
    { kind: "text", text: note.text, style: note.style ?? "normal" },
  ];
}

export function lockPage(lock: Lock, context: Context, nowMs: number): Page {
  const { words, status } = context;
  const leftMs = lock.waitUntilMs - nowMs;
  const blocks: Block[] = [
    { kind: "text", text: status?.hostname ?? "", style: "strong" },
    { kind: "text", text: words.say("lock.intro") },
    ...stateBlocks(context),
    { kind: "gap" },
    {
      kind: "field",
      label: words.say("lock.pin"),
      focused: true,
      secret: true,
      value: { type: "text", width: fieldWidth, ...visibleText(shownPin(lock), fieldWidth, true) },
      hint: words.say("lock.hint", { keyboard: keyboardHere(context) }),
    },
    { kind: "gap" },
  ];
  if (lock.checking !== null)
    blocks.push({ kind: "text", text: words.say("lock.checking"), style: "strong" });
  else if (leftMs > 0)
    blocks.push({
      kind: "text",
      text: words.say("lock.wait", { time: countdown(leftMs) }),
      style: "bad",
    });
  else if (lock.failure !== null)
    blocks.push({
      kind: "text",
      text: words.say(failureWords[lock.failure]),
      style: "bad",
    });
  blocks.push({ kind: "gap" }, { kind: "text", text: words.say("lock.forgotten"), style: "muted" });
  return {
    title: words.say("lock.title"),
    blocks,
    keys: [
      { key: "Enter", label: words.say("lock.open") },
      { key: "F1", label: words.say("key.help") },
    ],
  };
}
