import type { FastifyRequest } from "fastify";
import type { PlatformKeysReply } from "../../operator/key-schemas.ts";
import { intervalBounds } from "../../services/configuration.ts";
import { amount } from "../browser/relative-time.ts";
import { actionForm, field } from "../parts/components.ts";
import { type Html, html } from "../parts/html.ts";
import type { Page } from "../parts/layout.ts";
import { platformKeySection } from "../parts/platform-key-section.ts";
import type { WebPage } from "../parts/send-page.ts";
import { formValue } from "../parts/session.ts";

/** The platform's settings. */
export const settingsPage: WebPage = {
  navigation: { path: "/settings", name: "Settings" },
  addRoutes(scope, { operator, clock, sendPage, formToken }) {
    const page = async (
      request: FastifyRequest,
      shown: Omit<SettingsContent, "formToken" | "keys" | "nowMs">,
    ): Promise<Page> => ({
      title: "Settings",
      section: "/settings",
      content: settingsContent({
        ...shown,
        formToken: formToken(request),
        keys: await operator.keys.view(),
        nowMs: clock.nowMs(),
      }),
    });

    scope.get<{ Querystring: { saved?: string } }>("/settings", async (request, reply) =>
      sendPage(
        reply,
        await page(request, {
          interval: String(operator.settings.intervalSeconds),
          problem: undefined,
          saved: request.query.saved !== undefined,
        }),
      ),
    );

    scope.post("/settings", async (request, reply) => {
      const interval = formValue(request, "intervalSeconds").trim();
      const seconds = /^\d{1,6}$/.test(interval) ? Number(interval) : Number.NaN;
      const { minimum, maximum } = intervalBounds;
      if (seconds >= minimum && seconds <= maximum) {
        await operator.changeSettings({ intervalSeconds: seconds });
        return reply.redirect("/settings?saved", 303);
      }
      const problem = `Type a whole number of seconds from ${minimum} to ${maximum}.`;
      return sendPage(
        reply,
        await page(request, { interval: interval.slice(0, 10), problem, saved: false }),
        422,
      );
    });
  },
};

interface SettingsContent {
  /** As typed. */
  interval: string;
  problem: string | undefined;
  saved: boolean;
  formToken: string;
  keys: PlatformKeysReply;
  nowMs: number;
}

function settingsContent(shown: SettingsContent): Html {
  const { interval, problem, saved, formToken } = shown;
  const { minimum, maximum } = intervalBounds;
  const seconds = Number(interval);
  const inWords = problem === undefined && seconds >= 120 ? ` (${amount(seconds)})` : "";
  return html`<div class="title"><h1>Settings</h1></div>
${saved ? html`<p class="notice good" role="status">Saved. Each appliance learns it with its next call.</p>` : ""}
${actionForm(
  "/settings",
  formToken,
  html`${field(
    {
      name: "intervalSeconds",
      label: "Call-home interval, in seconds",
      hint: html`How often each appliance calls, ${minimum} to ${maximum.toLocaleString("en-GB")};
usual is 180. One that is not heard of for two intervals is called silent.`,
      problem,
    },
    ({ describedBy, invalid }) =>
      html`<span class="with-unit"><input id="intervalSeconds" name="intervalSeconds"
inputmode="numeric" value="${interval}" maxlength="10" autocomplete="off"
aria-describedby="${describedBy}" aria-invalid="${invalid}"> seconds${inWords}</span>`,
  )}
<div class="buttons"><button class="primary">Save</button></div>`,
  "card",
)}
${platformKeySection(shown.keys, shown.nowMs)}`;
}
