import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { startPlatform, type TestPlatform, type TestPlatformOptions } from "./platform.ts";

const executablePath = "/usr/bin/chromium";
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** OUTRIDER_PAGE_PICTURES=FOLDER keeps pictures of the tested pages. */
const pictures = process.env.OUTRIDER_PAGE_PICTURES;

export const hasChromium = existsSync(executablePath);

/**
 * A platform and an operator's browser for all tests of a file. Each test must leave the browser
 * without complaints. Skips the tests where there is no Chromium.
 */
export function browserTests(options: TestPlatformOptions = {}) {
  let operator: OperatorBrowser | null = null;
  const started = () => {
    if (!operator) throw new Error("the browser has not started");
    return operator;
  };
  if (hasChromium) {
    test.before(async () => {
      operator = await OperatorBrowser.start(await startPlatform(options));
    });
    test.afterEach((t) => {
      t.deepEqual(started().takeComplaints(), []);
    });
    test.after.always(async () => {
      await operator?.close();
      await operator?.platform.remove();
    });
  }
  return {
    browserTest: hasChromium ? test.serial : test.serial.skip,
    operator: started,
    platform: () => started().platform,
    /** A page of the operator's session. */
    open: (t: ExecutionContext, path: string, width?: number) => started().open(t, path, width),
  };
}

/** An operator who is logged in at the platform's page, in Debian's Chromium. */
export class OperatorBrowser {
  /**
   * Messages on the browser's console, for example about a script or style that the page's policy
   * refuses.
   */
  readonly complaints: string[] = [];
  readonly platform: TestPlatform;
  readonly #browser: Browser;
  readonly #context: BrowserContext;

  private constructor(platform: TestPlatform, browser: Browser, context: BrowserContext) {
    this.platform = platform;
    this.#browser = browser;
    this.#context = context;
  }

  static async start(platform: TestPlatform): Promise<OperatorBrowser> {
    const browser = await chromium.launch({ executablePath, args: flags });
    const operator = new OperatorBrowser(platform, browser, await newContext(browser));
    const page = await operator.#context.newPage();
    await page.goto(`${platform.url}/fleet`);
    await page.getByLabel("Operator's token").fill(platform.operatorToken);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.waitForURL("**/fleet");
    await page.close();
    return operator;
  }

  /** A browser that has not logged in yet. */
  newContext(): Promise<BrowserContext> {
    return newContext(this.#browser);
  }

  /** A page of the common session. */
  async open(t: ExecutionContext, path: string, width = 1280): Promise<Page> {
    const page = await this.#context.newPage();
    await page.setViewportSize({ width, height: width < 600 ? 860 : 900 });
    page.on("console", (message) =>
      message.type() === "error" ? this.complaints.push(message.text()) : undefined,
    );
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    t.teardown(() => page.close());
    await page.goto(this.platform.url + path);
    return page;
  }

  /**
   * The browser's complaints since the last call. They include the 422 with which the platform
   * answers a refused form.
   */
  takeComplaints(): string[] {
    return this.complaints.splice(0).filter((text) => !text.includes("status of 422"));
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

const newContext = (browser: Browser) =>
  browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1280, height: 900 },
    timezoneId: "Europe/Berlin",
  });

export async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  await mkdir(pictures, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`), fullPage: true });
  }
}

/** Marks the document: a reload would lose it. */
export const markDocument = (page: Page) =>
  page.evaluate("document.documentElement.dataset.marked = 'yes'");
export const isMarked = async (page: Page) =>
  (await page.evaluate("document.documentElement.dataset.marked")) === "yes";
