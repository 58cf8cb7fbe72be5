import type { Dispatcher } from "undici";
import type { TestPlatform } from "./platform.ts";

export interface PageRequest {
  /** A form's fields, or its text as it is sent. */
  form?: Record<string, string> | URLSearchParams | string;
  /** Sent instead of the session's own cookie. */
  cookie?: string;
  headers?: Record<string, string>;
}

export interface PageAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  content: Buffer;
  text: string;
  /** The Set-Cookie header; empty without one. */
  setCookie: string;
}

/** A browser without a screen: asks for the platform's pages and sends their forms. */
export class PageSession {
  /** NAME=VALUE; empty before logging in. */
  cookie = "";
  readonly #platform: TestPlatform;

  constructor(platform: TestPlatform) {
    this.#platform = platform;
  }

  static async logIn(platform: TestPlatform): Promise<PageSession> {
    const session = new PageSession(platform);
    session.cookie = cookieOf(await session.sendToken(platform.operatorToken));
    return session;
  }

  /** Asks to log in, without the session's cookie. */
  sendToken(token: string, next = "/fleet"): Promise<PageAnswer> {
    return this.send("POST", "/log-in", { form: { token, next }, cookie: "" });
  }

  read(path: string, headers: Record<string, string> = {}): Promise<PageAnswer> {
    return this.send("GET", path, { headers });
  }

  /** Sends a form of the page at `from`, with the token that stands there. */
  async submit(from: string, path: string, fields: Record<string, string>): Promise<PageAnswer> {
    return this.send("POST", path, { form: { form: await this.formToken(from), ...fields } });
  }

  async formToken(path: string): Promise<string> {
    return /name="form" value="([^"]+)"/.exec((await this.read(path)).text)?.[1] ?? "";
  }

  async send(
    method: Dispatcher.HttpMethod,
    path: string,
    { form, cookie = this.cookie, headers = {} }: PageRequest = {},
  ): Promise<PageAnswer> {
    const reply = await this.#platform.dispatcher.request({
      origin: this.#platform.url,
      method,
      path,
      headers: {
        cookie,
        ...(form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
        ...headers,
      },
      body: form === undefined ? null : new URLSearchParams(form).toString(),
    });
    const content = Buffer.from(await reply.body.arrayBuffer());
    return {
      status: reply.statusCode,
      headers: reply.headers,
      content,
      text: content.toString("utf8"),
      setCookie: String(reply.headers["set-cookie"] ?? ""),
    };
  }
}

/** NAME=VALUE of the cookie that an answer sets. */
export function cookieOf({ setCookie }: PageAnswer): string {
  return setCookie.split(";")[0] ?? "";
}
