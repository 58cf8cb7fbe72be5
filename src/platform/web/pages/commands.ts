import { errorCodes, isErrorCode } from "../../../base/messages/error-codes.ts";
import type { CommandKind } from "../../../protocol/schemas/commands.ts";
import { actionForm, commandChip, field, moment, table } from "../parts/components.ts";
import { type Content, type Html, html } from "../parts/html.ts";
import type { ApplianceView, CommandView, MachineView } from "../parts/view-types.ts";

const names: Record<CommandKind, string> = {
  "check-in": "Check in fully",
  doctor: "Run the doctor",
  update: "Update now",
  "support-bundle": "Support bundle",
  network: "Change the network",
  reboot: "Reboot",
  decommission: "Decommission",
};
/** Those that surprise nobody: done at a press. */
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
      ? html`<ul class="plain-list">${bad.map((check) => html`<li><strong>${check.subject}</strong> ${check.detail}</li>`)}</ul>`
      : ""
  }${bundle ? html` <a href="/commands/${id}/bundle">Download</a>` : ""}`;
}

export function confirmCommandPage(
  { id, name }: ApplianceView,
  kind: "reboot" | "decommission",
  formToken: string,
): Html {
  const words =
    kind === "reboot"
      ? html`Scans that run are interrupted and go on afterwards. It is away for about a minute.`
      : html`The appliance <strong>removes its identity, its settings and every result that has not been uploaded</strong>, and restarts as a new one. Its record here stays, revoked. This cannot be undone.`;
  return html`<p class="path"><a href="/fleet">Fleet</a> / <a href="/appliances/${id}">${name}</a></p>
<h1>${names[kind]} ${name}?</h1><p>${words}</p>
${actionForm(
  `/appliances/${id}/commands`,
  formToken,
  html`<input type="hidden" name="kind" value="${kind}"><div class="buttons"><button class="${kind === "decommission" ? "danger" : "primary"}">${names[kind]}</button><a class="button" href="/appliances/${id}">Leave it</a></div>`,
)}`;
}

export function networkCommandPage(
  { id, name }: ApplianceView,
  value: string,
  problem: string | undefined,
  formToken: string,
): Html {
  const hint =
    "JSON with why and any of network, proxy, time, platformUrl, in the form of the appliance's settings. No passwords: they are typed at its console.";
  const input = field(
    { name: "change", label: "The change", hint, problem },
    ({ describedBy, invalid }) => {
      return html`<textarea id="change" name="change" rows="12" spellcheck="false" autocomplete="off" aria-describedby="${describedBy}" aria-invalid="${invalid}">
${value}</textarea>`;
    },
  );
  return html`<p class="path"><a href="/fleet">Fleet</a> / <a href="/appliances/${id}">${name}</a></p>
<h1>Change the network of ${name}</h1>
<p>The appliance tries the change for two minutes. It keeps it only when it has called home over it; otherwise it goes back to what it has now.</p>
${actionForm(
  `/appliances/${id}/commands`,
  formToken,
  html`<input type="hidden" name="kind" value="network">${input}<div class="buttons"><button class="primary">Try it</button><a class="button" href="/appliances/${id}">Leave it</a></div>`,
)}`;
}

export const emptyNetworkChange = JSON.stringify({ why: "", proxy: { kind: "none" } }, null, 2);

/** Shown only when there is a copy. */
export function copiesNotice(
  { id }: ApplianceView,
  machines: readonly MachineView[],
  formToken: string,
  nowMs: number,
): Html | "" {
  const copies = machines.filter(({ refused }) => refused);
  if (copies.length === 0) return "";
  const words = ({ addresses, seenFrom, bootId, lastSeenAt }: MachineView) =>
    html`<span class="code">${addresses || "no address"}</span>, seen from <span class="code">${seenFrom ?? "nowhere"}</span>, start ${bootId.slice(0, 8)}, ${moment(lastSeenAt, nowMs)}`;
  return html`<div class="notice bad"><p><strong>${copies.length === 1 ? "A copy of this appliance calls" : "Copies of this appliance call"} home under its identity, and ${copies.length === 1 ? "is" : "are"} given no work.</strong> A cloned machine must be enrolled anew, with an activation code of its own.</p>
<ul>${machines.filter(({ present }) => present).map((machine) => html`<li>The appliance: ${words(machine)}</li>`)}${copies.map((machine) => html`<li>Copy: ${words(machine)}</li>`)}</ul>
${actionForm(`/appliances/${id}/allow-copies`, formToken, html`<button class="small">This is no copy: let it work</button>`)}</div>`;
}
