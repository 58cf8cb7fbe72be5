import { OutriderError } from "../../../base/messages/error.ts";
import { errorCodes, isErrorCode } from "../../../base/messages/error-codes.ts";
import { fact } from "../../../base/messages/facts.ts";
import type { CommandKind, NetworkChange } from "../../../protocol/schemas/commands.ts";
import { validators } from "../../../protocol/validators.ts";
import { isCommandKind } from "../../operator/commands.ts";
import { actionForm, commandChip, field, moment, table } from "../parts/components.ts";
import { type Content, type Html, html } from "../parts/html.ts";
import type { Page } from "../parts/layout.ts";
import type { IdRoute, WebPage } from "../parts/send-page.ts";
import { formValue } from "../parts/session.ts";
import type { ApplianceView, CommandView } from "../parts/view-types.ts";

const longestChange = 60_000;

/** Commands to one appliance: those that ask first, the network's form, and downloaded bundles. */
export const commandsPage: WebPage = {
  addRoutes(scope, { operator, sendPage, formToken }) {
    const { fleet, commands } = operator;

    for (const kind of ["reboot", "decommission"] as const) {
      scope.get<IdRoute>(`/appliances/:id/commands/${kind}`, async (request, reply) => {
        const appliance = await fleet.find(request.params.id);
        const content = confirmContent(appliance, kind, formToken(request));
        return sendPage(reply, {
          title: `Command for ${appliance.name}`,
          section: "/fleet",
          content,
        });
      });
    }

    scope.get<IdRoute>("/appliances/:id/commands/network", async (request, reply) => {
      const appliance = await fleet.find(request.params.id);
      const content = networkContent(appliance, emptyNetworkChange, undefined, formToken(request));
      return sendPage(reply, networkPage(appliance, content));
    });

    scope.post<IdRoute>("/appliances/:id/commands", async (request, reply) => {
      const appliance = await fleet.find(request.params.id);
      const kind = formValue(request, "kind");
      if (!isCommandKind(kind))
        throw new OutriderError("request-invalid", { detail: fact("no-such-command-kind") });
      if (kind !== "network") {
        await commands.give(appliance.id, { kind });
        return reply.redirect(`/appliances/${appliance.id}`, 303);
      }
      const text = formValue(request, "change").slice(0, longestChange);
      const read = readChange(text);
      if (!read.ok) {
        const content = networkContent(appliance, text, read.problem, formToken(request));
        return sendPage(reply, networkPage(appliance, content), 422);
      }
      await commands.give(appliance.id, { kind, network: read.change });
      return reply.redirect(`/appliances/${appliance.id}`, 303);
    });

    scope.get<IdRoute>("/commands/:id/bundle", async (request, reply) =>
      reply
        .type("application/gzip")
        .header(
          "content-disposition",
          `attachment; filename="outrider-support-${request.params.id.slice(0, 8)}.tar.gz"`,
        )
        .send(await commands.bundle(request.params.id)),
    );
  },
};

function readChange(
  text: string,
): { ok: true; change: NetworkChange } | { ok: false; problem: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { ok: false, problem: "This is not JSON." };
  }
  const change = validators.NetworkChange(parsed);
  if (change.valid) return { ok: true, change: change.value };
  const [first] = change.violations;
  const place = first?.path === "" ? "The change" : first?.path;
  return { ok: false, problem: `${place} ${first?.message}.` };
}

const networkPage = ({ name }: ApplianceView, content: Html): Page => ({
  title: `Network of ${name}`,
  section: "/fleet",
  content,
});

const names: Record<CommandKind, string> = {
  "check-in": "Check in fully",
  doctor: "Run the doctor",
  update: "Update now",
  "support-bundle": "Support bundle",
  network: "Change the network",
  reboot: "Reboot",
  decommission: "Decommission",
};
/** Commands that change nothing at the site: they are given without a question. */
const simple = ["check-in", "doctor", "update", "support-bundle"] as const;

export function commandsSection(
  appliance: ApplianceView,
  commands: readonly CommandView[],
  formToken: string,
  nowMs: number,
): Html {
  const { id, state } = appliance;
  const buttons = html`<div class="buttons">${simple.map((kind) => commandButton(id, kind, formToken))}
<a class="button" href="/appliances/${id}/commands/reboot">Reboot …</a>
<a class="button" href="/appliances/${id}/commands/network">Change the network …</a>
<a class="button danger" href="/appliances/${id}/commands/decommission">Decommission …</a></div>`;
  return html`<section><h2>Commands</h2>${state === "revoked" ? "" : buttons}
<div id="appliance-commands" data-live="${commands.length === 0 ? "empty" : "table"}">${
    commands.length === 0
      ? html`<p class="quiet">No command was given to this appliance yet.</p>`
      : commandTable(commands, nowMs)
  }</div></section>`;
}

function commandButton(id: string, kind: CommandKind, formToken: string): Html {
  return actionForm(
    `/appliances/${id}/commands`,
    formToken,
    html`<input type="hidden" name="kind" value="${kind}"><button>${names[kind]}</button>`,
    "inline",
  );
}

function commandTable(commands: readonly CommandView[], nowMs: number): Html {
  return table<CommandView>(
    "commands",
    "Commands, newest first",
    [
      { title: "Command", cell: ({ kind }) => names[kind] },
      { title: "State", cell: ({ state }) => commandChip(state) },
      { title: "Given", cell: ({ createdAt }) => moment(createdAt, nowMs) },
      { title: "Ended", cell: ({ endedAt }) => (endedAt === null ? "" : moment(endedAt, nowMs)) },
      { title: "Result", cell: outcome },
    ],
    commands,
    ({ id }) => id,
  );
}

function outcome({ id, result }: CommandView): Content {
  if (!result) return "";
  const { code, detail, checks, bundle } = result;
  const what = code !== null && isErrorCode(code) ? errorCodes[code].what : "";
  const bad = (checks ?? []).filter(
    (check) => check.outcome === "failed" || check.outcome === "warning",
  );
  return html`${[what, detail].filter((text) => text !== "").join(" ")}${
    bad.length > 0
      ? html`<ul class="plain-list">${bad.map(
          (check) => html`<li><strong>${check.subject}</strong> ${check.detail}</li>`,
        )}</ul>`
      : ""
  }${bundle ? html` <a href="/commands/${id}/bundle">Download</a>` : ""}`;
}

function confirmContent(
  { id, name }: ApplianceView,
  kind: "reboot" | "decommission",
  formToken: string,
): Html {
  const words =
    kind === "reboot"
      ? html`Scans that run are interrupted and go on afterwards. It is away for about a minute.`
      : html`The appliance <strong>removes its identity, its settings and every result that has not
been uploaded</strong>, and restarts as a new one. Its record here stays, revoked. This cannot be undone.`;
  return html`<p class="path"><a href="/fleet">Fleet</a> / <a href="/appliances/${id}">${name}</a></p>
<h1>${names[kind]} ${name}?</h1><p>${words}</p>
${actionForm(
  `/appliances/${id}/commands`,
  formToken,
  html`<input type="hidden" name="kind" value="${kind}"><div class="buttons"><button
class="${kind === "decommission" ? "danger" : "primary"}">${names[kind]}</button><a class="button"
href="/appliances/${id}">Leave it</a></div>`,
)}`;
}

function networkContent(
  { id, name }: ApplianceView,
  value: string,
  problem: string | undefined,
  formToken: string,
): Html {
  const hint = html`JSON with why and any of network, proxy, time, platformUrl, in the form of the
appliance's settings. No passwords: they are typed at its console.`;
  const input = field(
    { name: "change", label: "The change", hint, problem },
    ({ describedBy, invalid }) => {
      return html`<textarea id="change" name="change" rows="12" spellcheck="false"
autocomplete="off" aria-describedby="${describedBy}" aria-invalid="${invalid}">
${value}</textarea>`;
    },
  );
  return html`<p class="path"><a href="/fleet">Fleet</a> / <a href="/appliances/${id}">${name}</a></p>
<h1>Change the network of ${name}</h1>
<p>The appliance tries the change for two minutes. It keeps it only when it has called home over
it; otherwise it goes back to what it has now.</p>
${actionForm(
  `/appliances/${id}/commands`,
  formToken,
  html`<input type="hidden" name="kind" value="network">${input}<div class="buttons"><button
class="primary">Try it</button><a class="button" href="/appliances/${id}">Leave it</a></div>`,
)}`;
}

const emptyNetworkChange = JSON.stringify({ why: "", proxy: { kind: "none" } }, null, 2);
