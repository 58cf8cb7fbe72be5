import { moreMenu } from "../../console/screens/shared/menu.ts";
import { en } from "../../console/words/en.ts";
import type { MessageKey } from "../../console/words/words.ts";
import type { Terminal } from "../terminal/terminal.ts";

/**
 * Waits until the screen shows one of the console's own texts, with any line breaks and any
 * values.
 */
export async function seen(
  screen: Terminal,
  key: MessageKey,
  timeoutMs = 30_000,
): Promise<string[]> {
  const parts = en[key]
    .split(/\{\w+\}/)
    .map((part) => flat(part).replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const wanted = new RegExp(parts.join(".*?"));
  return await screen.waitFor((rows) => wanted.test(flat(rows.join(" "))), {
    timeoutMs,
    what: `"${en[key]}"`,
  });
}

/** The screen of that title is open. */
async function opened(screen: Terminal, title: MessageKey, timeoutMs = 30_000): Promise<void> {
  await screen.waitFor(`${en.product} - ${en[title]}`, {
    timeoutMs,
    what: `the screen ${en[title]}`,
  });
}

function flat(text: string): string {
  return text.replace(/\s+/g, " ");
}

/** The keys that a person presses at the appliance's console, screen by screen. */
export async function goHome(screen: Terminal): Promise<void> {
  await screen.press("f10");
  await opened(screen, "home.title");
}

/**
 * Opens a screen from Home. Repeats the key, since the console may not be able to open a screen
 * while the appliance starts.
 */
async function openFromHome(screen: Terminal, key: string, title: MessageKey): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await goHome(screen);
    await screen.press(key);
    try {
      return await opened(screen, title, 5_000);
    } catch (error) {
      if (tries === 6) throw error;
    }
  }
}

/** Opens a screen of the list "More". */
export async function openFromMore(
  screen: Terminal,
  entry: MessageKey,
  title: MessageKey,
): Promise<void> {
  await openFromHome(screen, "9", "more.title");
  const number = moreMenu.findIndex(({ label }) => label === entry) + 1;
  await screen.press(String(number));
  await opened(screen, title);
}

/** The Platform screen: address and activation code. Resolves when configd has taken them. */
export async function enrolAtConsole(
  screen: Terminal,
  platformUrl: string,
  code: string,
): Promise<void> {
  await openFromHome(screen, "3", "platform.title");
  await screen.press("up", "up", "end", "ctrl-u");
  await screen.type(platformUrl);
  await screen.press("tab");
  await screen.type(code);
  await seen(screen, "platform.codeGood");
  await screen.press("f2");
  await seen(screen, "platform.saved");
}

export interface StaticAddress {
  /** With prefix length. */
  address: string;
  gateway: string;
  dns: string;
}

/** The Network screen: a static address, up to the review. */
export async function reviewStaticAddress(
  screen: Terminal,
  { address, gateway, dns }: StaticAddress,
): Promise<void> {
  await openFromHome(screen, "1", "network.title");
  await focusField(screen, "label.ipv4.method");
  await chooseOption(screen, en["choice.ipv4.method.static"]);
  await fillField(screen, "label.ipv4.address", address);
  await fillField(screen, "label.ipv4.gateway", gateway);
  await fillField(screen, "label.dns.servers", dns);
  await submitForReview(screen);
}

/** The Network screen: tag and largest packet of the LAN side, up to the review; blank for none. */
export async function reviewVlan(
  screen: Terminal,
  { vlan, mtu }: { vlan: string; mtu: string },
): Promise<void> {
  await openFromHome(screen, "1", "network.title");
  await focusField(screen, "network.more");
  await chooseOption(screen, en["form.yes"]);
  await fillField(screen, "label.vlan", vlan);
  await fillField(screen, "label.mtu", mtu);
  await submitForReview(screen);
}

export interface ProxyWish {
  host: string;
  port: number;
  user?: string;
  password?: string;
}

/** The Proxy screen, up to the review. */
export async function reviewProxy(
  screen: Terminal,
  { host, port, user, password }: ProxyWish,
): Promise<void> {
  await openFromHome(screen, "2", "proxy.title");
  await focusField(screen, "label.proxy.kind");
  await chooseOption(screen, en["choice.proxy.kind.http"]);
  await fillField(screen, "label.proxy.host", host);
  await fillField(screen, "label.proxy.port", String(port));
  if (user !== undefined && password !== undefined) {
    await focusField(screen, "label.proxy.authentication");
    await chooseOption(screen, en["choice.proxy.authentication.basic"]);
    await fillField(screen, "label.proxy.user", user);
    await fillField(screen, "proxy.password", password);
  }
  await submitForReview(screen);
}

/** Tab until the field has the focus, wherever it is on the screen. */
export async function focusField(screen: Terminal, label: MessageKey): Promise<void> {
  await focusSeen(screen);
  for (let presses = 0; focusedLabel(screen) !== en[label]; presses += 1) {
    if (presses === 40)
      throw new Error(`there is no field "${en[label]}":\n${screen.screen().join("\n")}`);
    await nextField(screen);
  }
}

/**
 * The label beside the focus mark, without the field's value, or the button. An empty text while a
 * slow line has removed the mark and not yet painted the next one, or only the first letters of the
 * label: a text that is not one of the console's is still being painted.
 */
function focusedLabel(screen: Terminal): string {
  const row = screen.screen().find((text) => /^ > |\[> /.test(text)) ?? "";
  if (!row.startsWith(" > ")) return /\[> .*? <\]/.exec(row)?.[0] ?? "";
  const label = row.slice(3).split(/ {2}/)[0] ?? "";
  return wholeTexts.has(label) ? label : "";
}

const wholeTexts: ReadonlySet<string> = new Set(Object.values(en));

/** A slow line brings a screen's title long before its first field. */
async function focusSeen(screen: Terminal): Promise<void> {
  await screen.waitFor(() => focusedLabel(screen) !== "", { what: "the field in focus" });
}

/**
 * Resolves when the focus is seen elsewhere: a key that is still under way would move it once more,
 * later.
 */
async function nextField(screen: Terminal): Promise<void> {
  await focusSeen(screen);
  const before = focusedLabel(screen);
  await screen.press("tab");
  await screen.waitFor(() => !["", before].includes(focusedLabel(screen)), {
    what: "the focus moves",
  });
}

/** Replaces a field's value. */
export async function fillField(screen: Terminal, label: MessageKey, text: string): Promise<void> {
  await focusField(screen, label);
  await screen.press("end", "ctrl-u");
  await screen.type(text);
  await nextField(screen);
}

/** Presses Right until the option of the field in focus is chosen. */
export async function chooseOption(screen: Terminal, option: string): Promise<void> {
  await screen.waitFor(() => chosenOption(screen) !== "", { what: "the option that is chosen" });
  for (let presses = 0; chosenOption(screen) !== option; presses += 1) {
    if (presses === 10)
      throw new Error(`there is no option "${option}":\n${screen.screen().join("\n")}`);
    const before = chosenOption(screen);
    await screen.press("right");
    await screen.waitFor(() => !["", before].includes(chosenOption(screen)), {
      what: "another option is chosen",
    });
  }
}

/**
 * Long options have rows of their own below the label. An empty text while a slow line has painted
 * only the first letters of the option.
 */
function chosenOption(screen: Terminal): string {
  const rows = screen.screen();
  const first = rows.findIndex((row) => row.startsWith(" > "));
  const last = rows.findIndex((row, index) => index > first && !/^ {8,}\((?:\*| )\) /.test(row));
  const marked = rows.slice(first, last).find((row) => row.includes("(*) ")) ?? "";
  const option = (/\(\*\) ((?:(?! {2}|\( \)).)*)/.exec(marked)?.[1] ?? "").trim();
  return wholeTexts.has(option) ? option : "";
}

export async function submitForReview(screen: Terminal): Promise<void> {
  await screen.press("f2");
  await opened(screen, "review.title");
  await screen.waitFor(en["review.apply"], { what: "the review with its button" });
}

/**
 * From the review to the new settings being active on trial, with the countdown and the checks'
 * advice.
 */
export async function applyOnTrial(screen: Terminal): Promise<void> {
  await screen.press("f2");
  await opened(screen, "trial.title");
  await seen(screen, "trial.countdown", 60_000);
  await seen(screen, "trial.waiting", 60_000);
}

export async function keepTrial(screen: Terminal): Promise<void> {
  await screen.press("k");
  await seen(screen, "trial.ended.kept");
}

export async function revertTrial(screen: Terminal): Promise<void> {
  await screen.press("r");
  await seen(screen, "trial.ended.reverted", 40_000);
}
