import { relativeTime } from "./relative-time.ts";

/**
 * Keeps a page up to date without a reload: after an event from the platform it fetches the page
 * again and exchanges the live parts that differ.
 */
const refreshEveryMs = 30_000;
const pageUrl = document.body.dataset.liveUrl ?? location.href;
/** The HTML that the platform sent for each live part. The part itself changes as times go by. */
const sent = new WeakMap<Element, string>();

function remember(root: ParentNode): void {
  for (const part of root.querySelectorAll("[data-live], [data-live] > [id]"))
    sent.set(part, part.outerHTML);
}

function showTimes(): void {
  const now = Date.now() + clockOffsetMs;
  for (const time of document.querySelectorAll<HTMLTimeElement>("time[data-relative]")) {
    const words = relativeTime(Date.parse(time.dateTime), now);
    if (time.textContent !== words) time.textContent = words;
  }
  for (const time of document.querySelectorAll<HTMLTimeElement>("time[data-exact]")) {
    const date = new Date(time.dateTime);
    const two = (value: number) => String(value).padStart(2, "0");
    const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    const words = `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
    if (time.textContent !== words) time.textContent = words;
    time.title = `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  }
}

/**
 * Exchanges a part that differs, or, in a list, the items that differ by their id. A part whose
 * `data-live` names a shape contains other live parts; it is exchanged only when its shape changes.
 */
function exchange(old: Element, fresh: Element): void {
  const html = fresh.outerHTML;
  const shape = old.getAttribute("data-live");
  if (sent.get(old) === html || (shape !== "" && shape === fresh.getAttribute("data-live"))) return;
  if (old.hasAttribute("data-list") && fresh.hasAttribute("data-list")) exchangeItems(old, fresh);
  else replace(old, fresh);
}

/** Replaces an element and keeps the keyboard's focus. Returns the new element. */
function replace(old: Element, fresh: Element): Element {
  const adopted = document.importNode(fresh, true);
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(adopted);
  for (const part of [adopted, ...adopted.querySelectorAll("[data-live], [data-live] > [id]")])
    sent.set(part, part.outerHTML);
  if (focused) {
    const link = focused.getAttribute("href");
    const same = focused.id
      ? document.getElementById(focused.id)
      : [...adopted.querySelectorAll("a")].find((one) => one.getAttribute("href") === link);
    same?.focus({ preventScroll: true });
  }
  return adopted;
}

function exchangeItems(list: Element, fresh: Element): void {
  const old = new Map([...list.children].map((item) => [item.id, item]));
  const wanted = [...fresh.children];
  for (const [index, item] of wanted.entries()) {
    const known = old.get(item.id);
    old.delete(item.id);
    let placed = known;
    if (!placed) {
      placed = document.importNode(item, true);
      sent.set(placed, item.outerHTML);
    } else if (sent.get(placed) !== item.outerHTML) placed = replace(placed, item);
    if (list.children[index] !== placed) list.insertBefore(placed, list.children[index] ?? null);
  }
  for (const gone of old.values()) gone.remove();
}

let clockOffsetMs = 0;
let refreshing = false;
let again = false;

async function refresh(): Promise<void> {
  if (refreshing) {
    again = true;
    return;
  }
  refreshing = true;
  try {
    const reply = await fetch(pageUrl, {
      headers: { accept: "text/html", "x-outrider-live": "1" },
      credentials: "same-origin",
      redirect: "error",
    });
    if (!reply.ok) return;
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
    learnClock(fresh);
    for (const part of document.querySelectorAll("[data-live]")) {
      const replacement = fresh.getElementById(part.id);
      if (replacement && part.isConnected) exchange(part, replacement);
    }
    showTimes();
    setLost(false);
  } catch {
    setLost(true);
  } finally {
    refreshing = false;
    if (again) {
      again = false;
      void refresh();
    }
  }
}

/** Ages are computed with the platform's clock, because this computer's may be wrong. */
function learnClock(page: Document): void {
  const now = Number(page.body.dataset.now);
  if (Number.isFinite(now) && now > 0) clockOffsetMs = now - Date.now();
}

function setLost(lost: boolean): void {
  const notice = document.getElementById("lost");
  if (notice) notice.hidden = !lost;
}

let events: EventSource | null = null;

function listen(): void {
  if (document.hidden) {
    events?.close();
    events = null;
    return;
  }
  if (events) return;
  events = new EventSource("/live");
  events.onmessage = () => void refresh();
  events.onerror = () => setLost(true);
  events.onopen = () => void refresh();
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const source = document.getElementById(button.dataset.copy ?? "");
  if (!source) return;
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    button.textContent = "Copied";
  } catch {
    getSelection()?.selectAllChildren(source);
    button.textContent = "Press Ctrl+C";
  }
  setTimeout(() => {
    button.textContent = before;
  }, 2000);
}

document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLButtonElement && event.target.dataset.copy)
    void copy(event.target);
});
for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]"))
  button.hidden = false;

learnClock(document);
remember(document);
showTimes();
setInterval(showTimes, 1000);
const zone = document.getElementById("time-zone");
if (zone)
  zone.textContent = `Times are in your time zone, ${Intl.DateTimeFormat().resolvedOptions().timeZone}.`;
if (document.querySelector("[data-live]")) {
  listen();
  document.addEventListener("visibilitychange", listen);
  setInterval(() => {
    if (!document.hidden) void refresh();
  }, refreshEveryMs);
}
