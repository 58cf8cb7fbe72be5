import type { Terminal } from "../../test/testkit/terminal.ts";

/** What a person presses at the appliance's console, screen by screen. */
export async function goHome(screen: Terminal): Promise<void> {
  await screen.press("f10");
  await screen.waitFor(/Call home/, { what: "the console's Home screen" });
}

/** The Platform screen: address and activation code. Resolves when configd has taken them. */
export async function enrolAtConsole(screen: Terminal, platformUrl: string, code: string): Promise<void> {
  await goHome(screen);
  await screen.press("3");
  await screen.waitFor("Activation code", { what: "the Platform screen" });
  await screen.press("up", "up", "end", "ctrl-u");
  await screen.type(platformUrl);
  await screen.press("tab");
  await screen.type(code);
  await screen.waitFor("The check digits are right", { what: "the code is complete" });
  await screen.press("f2");
  await screen.waitFor("Address and code are saved", { what: "configd has taken address and code" });
}

export interface StaticAddress {
  /** With prefix length. */
  address: string;
  gateway: string;
  dns: string;
}

/** The Network screen: a static address, up to the review. */
export async function reviewStaticAddress(screen: Terminal, { address, gateway, dns }: StaticAddress): Promise<void> {
  await goHome(screen);
  await screen.press("1");
  await screen.waitFor("Nothing changes until", { what: "the Network screen" });
  await screen.press("up", "up", "up", "up", "up", "up", "up");
  // The first field is the network card, as there are two of them.
  await screen.press("tab", "right", "tab");
  await screen.waitFor("Address and mask", { what: "the fields of a static address" });
  for (const text of [address, gateway, dns]) {
    await screen.press("end", "ctrl-u");
    await screen.type(text);
    await screen.press("tab");
  }
  await screen.press("f2");
  await screen.waitFor("Apply on trial", { what: "the review" });
}

export interface ProxyWish {
  host: string;
  port: number;
  user?: string;
  password?: string;
}

/** The Proxy screen, up to the review. */
export async function reviewProxy(screen: Terminal, { host, port, user, password }: ProxyWish): Promise<void> {
  await goHome(screen);
  await screen.press("2");
  await screen.waitFor("Way to the platform", { what: "the Proxy screen" });
  await screen.press("up", "right", "tab", "end", "ctrl-u");
  await screen.type(host);
  await screen.press("tab", "end", "ctrl-u");
  await screen.type(String(port));
  await screen.press("tab");
  if (user !== undefined && password !== undefined) {
    await screen.press("right", "tab", "end", "ctrl-u");
    await screen.type(user);
    await screen.press("tab");
    await screen.type(password);
  }
  await screen.press("f2");
  await screen.waitFor("Apply on trial", { what: "the review" });
}

/** From the review to the new settings being active on trial, with the countdown. */
export async function applyOnTrial(screen: Terminal): Promise<void> {
  await screen.press("f2");
  await screen.waitFor("Back to the old settings in", { what: "the trial's countdown", timeoutMs: 40_000 });
  await screen.waitFor("The new settings are active.", { what: "the trial's checks have run", timeoutMs: 60_000 });
}

export async function keepTrial(screen: Terminal): Promise<void> {
  await screen.press("k");
  await screen.waitFor("The new settings are kept", { what: "the new settings are kept" });
}

export async function revertTrial(screen: Terminal): Promise<void> {
  await screen.press("r");
  await screen.waitFor("The old settings are active again", { what: "the old settings are back", timeoutMs: 40_000 });
}
