import type { FastifyReply, FastifyRequest } from "fastify";
import {
  actionForm,
  type Column,
  codeChip,
  copyable,
  empty,
  exactTime,
  field,
  moment,
  table,
} from "../parts/components.ts";
import { type Html, html } from "../parts/html.ts";
import type { Page } from "../parts/layout.ts";
import type { IdRoute, WebPage } from "../parts/send-page.ts";
import { formValue } from "../parts/session.ts";
import type {
  ActivationCodeView,
  ApplianceView,
  CreatedActivationCode,
} from "../parts/view-types.ts";

const longestName = 200;

type Made = CreatedActivationCode | ActivationCodeView;

/** Making activation codes, and the state of each. */
export const codesPage: WebPage = {
  navigation: { path: "/codes", name: "Codes" },
  addRoutes(scope, { operator, clock, sendPage, formToken }) {
    const { codes, fleet } = operator;
    const page = async (request: FastifyRequest, made: Made | null): Promise<Page> => ({
      title: "Activation codes",
      section: "/codes",
      content: codesContent({
        codes: await codes.list(),
        appliances: await fleet.list(),
        made,
        formToken: formToken(request),
        nowMs: clock.nowMs(),
      }),
    });
    // Answered with the page itself and not with a redirect: the code's text is kept nowhere, so no
    // other request could show it.
    const sendMade = async (request: FastifyRequest, reply: FastifyReply, made: Made) =>
      sendPage(reply, { ...(await page(request, made)), liveUrl: `/codes?made=${made.id}` });

    scope.get<{ Querystring: { made?: string } }>("/codes", async (request, reply) => {
      const made = (await codes.list()).find(({ id }) => id === request.query.made) ?? null;
      return sendPage(reply, await page(request, made));
    });
    scope.post("/codes", async (request, reply) =>
      sendMade(
        request,
        reply,
        await codes.create(formValue(request, "name").slice(0, longestName)),
      ),
    );
    scope.post<IdRoute>("/appliances/:id/code", async (request, reply) =>
      sendMade(request, reply, await codes.create("", request.params.id)),
    );
  },
};

interface CodesContent {
  codes: readonly ActivationCodeView[];
  appliances: readonly ApplianceView[];
  /** The code that was just made, with its text; only its state when a live page asks again. */
  made: Made | null;
  formToken: string;
  nowMs: number;
}

function codesContent({ codes, appliances, made, formToken, nowMs }: CodesContent): Html {
  const names = new Map(appliances.map(({ id, name }) => [id, name]));
  return html`<div class="title"><h1>Activation codes</h1></div>
<p>An appliance proves with an activation code that it belongs to you. Each code is good for one
appliance and for seven days.</p>
${made ? madeCode(made, names) : ""}
${actionForm(
  "/codes",
  formToken,
  html`${field(
    {
      name: "name",
      label: made ? "Name of the next appliance" : "Name of the appliance",
      hint: "As it shall be called here, for example Berlin office. May be empty: then it is called by its host name.",
    },
    ({ describedBy }) => html`<input id="name" name="name" maxlength="200" autocomplete="off"
aria-describedby="${describedBy}">`,
  )} <div class="buttons"><button class="${made ? "" : "primary"}">Make
${made ? "another" : "an activation"} code</button></div>`,
  "card",
)}
<div id="codes" data-live="${codes.length === 0 ? "empty" : "table"}">${
    codes.length === 0
      ? empty(
          "No activation code yet",
          html`<p>Make one above; it is shown once, with what to do next.</p>`,
        )
      : codeTable(codes, names, nowMs)
  }</div>`;
}

function madeCode(made: Made, names: ReadonlyMap<string, string>): Html {
  const state = html`<p id="made-state" data-live>${codeChip(made.state)} ${
    made.applianceId !== null
      ? html`<a href="/appliances/${made.applianceId}">${
          names.get(made.applianceId) ?? "The appliance"
        }</a> has enrolled with this code.`
      : "This line changes when the appliance has enrolled."
  }</p>`;
  if (!("code" in made)) return state;
  return html`<section class="card made" aria-label="New activation code"><h2>${
    made.name === "" ? "New activation code" : `Activation code for ${made.name}`
  }</h2> ${copyable("activation-code", made.code, "big")}
<p><strong>Shown only now.</strong> It is good until ${exactTime(made.expiresAt)}.</p>
<ol><li>At the appliance's console, open <strong>Platform</strong>.</li><li>Type the platform's
address: ${copyable("platform-url", made.platformUrl)}</li><li>Type the activation code and confirm.</li></ol>
${state}</section>`;
}

function codeTable(
  codes: readonly ActivationCodeView[],
  names: ReadonlyMap<string, string>,
  nowMs: number,
): Html {
  const columns: Column<ActivationCodeView>[] = [
    { title: "Code begins", cell: ({ id }) => html`<span class="code">${id}-…</span>` },
    { title: "For", cell: ({ name }) => name || html`<span class="quiet">no name</span>` },
    { title: "State", cell: ({ state }) => codeChip(state) },
    { title: "Made", cell: ({ createdAt }) => moment(createdAt, nowMs) },
    {
      title: "Used by",
      cell: ({ applianceId, usedAt }) =>
        applianceId === null
          ? ""
          : html`<a href="/appliances/${applianceId}">${names.get(applianceId) ?? "appliance"}</a>
${usedAt === null ? "" : exactTime(usedAt)}`,
    },
    {
      title: "Good until",
      cell: ({ state, expiresAt }) => (state === "waiting" ? exactTime(expiresAt) : ""),
    },
  ];
  return table("code-rows", "Activation codes", columns, codes, ({ id }) => id);
}
