import { errorCodes } from "../../../base/messages/error-codes.ts";
import { type Html, html } from "./html.ts";
import type { Page } from "./layout.ts";

function messageContent(title: string, text: string): Html {
  return html`<h1>${title}</h1><p>${text}</p><p><a class="button" href="/fleet">To the fleet</a></p>`;
}

export const notFoundPage: Page = {
  title: "Not found",
  section: "",
  content: messageContent("There is nothing here", errorCodes["not-found"].why),
};

export function faultPage(text: string): Page {
  return { title: "Fault", section: "", content: messageContent("This did not work", text) };
}
