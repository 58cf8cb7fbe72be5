import { errorCodes, isErrorCode } from "../../../base/messages/error-codes.ts";
import type { NetworkReport } from "../../../protocol/schemas/health.ts";
import { amount } from "../browser/relative-time.ts";
import { applianceUpdates } from "../parts/appliance-updates.ts";
import { actionForm, applianceChip, empty, exactTime, facts, moment } from "../parts/components.ts";
import { diagnosticsSection } from "../parts/diagnostics-section.ts";
import { type Html, html } from "../parts/html.ts";
import { scanTable } from "../parts/scan-table.ts";
import type { IdRoute, WebPage } from "../parts/send-page.ts";
import type {
  ApplianceView,
  CommandView,
  MachineView,
  OutageView,
  ScanView,
} from "../parts/view-types.ts";
import { bytes, percentUsed } from "../parts/words.ts";
import { commandsSection } from "./commands.ts";

const scansShown = 50;
const commandsShown = 20;

/** One appliance: its state, its scans and commands, and revoking it. */
export const appliancePage: WebPage = {
  addRoutes(scope, { operator, clock, sendPage, formToken }) {
    const { fleet, scans, commands } = operator;

    scope.get<IdRoute>("/appliances/:id", async (request, reply) => {
      const appliance = await fleet.find(request.params.id);
      const { id, name } = appliance;
      const content = applianceContent({
        appliance,
        scans: await scans.list({ applianceId: id, limit: scansShown }),
        commands: (await commands.list(id)).slice(0, commandsShown),
        machines: await fleet.machines(id),
        outages: await fleet.outages(id),
        intervalSeconds: operator.settings.intervalSeconds,
        formToken: formToken(request),
        nowMs: clock.nowMs(),
      });
      return sendPage(reply, { title: name, section: "/fleet", content });
    });

    scope.post<IdRoute>("/appliances/:id/allow-copies", async (request, reply) => {
      await fleet.allowCopies(request.params.id);
      return reply.redirect(`/appliances/${request.params.id}`, 303);
    });

    scope.get<IdRoute>("/appliances/:id/revoke", async (request, reply) => {
      const appliance = await fleet.find(request.params.id);
      const openScans = (await scans.list({ applianceId: appliance.id })).filter(
        ({ endedAt }) => endedAt === null,
      );
      const content = revokeContent(appliance, openScans.length, formToken(request));
      return sendPage(reply, { title: `Revoke ${appliance.name}`, section: "/fleet", content });
    });

    scope.post<IdRoute>("/appliances/:id/revoke", async (request, reply) => {
      const { id, state } = await fleet.find(request.params.id);
      if (state !== "revoked") await fleet.revoke(id);
      return reply.redirect(`/appliances/${id}`, 303);
    });
  },
};

interface ApplianceContent {
  appliance: ApplianceView;
  scans: readonly ScanView[];
  commands: readonly CommandView[];
  machines: readonly MachineView[];
  outages: readonly OutageView[];
  intervalSeconds: number;
  formToken: string;
  nowMs: number;
}

function applianceContent({
  appliance,
  scans,
  commands,
  machines,
  outages,
  intervalSeconds,
  formToken,
  nowMs,
}: ApplianceContent): Html {
  const { id, name, state } = appliance;
  const live = state !== "revoked";
  return html`<p class="path"><a href="/fleet">Fleet</a></p>
<div class="title"><h1>${name}</h1>${
    live ? html`<a class="button primary" href="/scans?appliance=${id}#start">Start a scan</a>` : ""
  }</div> <div id="appliance-state" data-live>
<p>${applianceChip(state)}</p> ${
    state === "silent"
      ? html`<p class="notice bad">Nothing was heard of this appliance for more than
two intervals (${amount(intervalSeconds)} each). Look at its console: the home screen says what
does not work and what to do.</p>`
      : ""
  } ${copiesNotice(appliance, machines, formToken, nowMs)} ${
    appliance.heartbeat?.spool?.full
      ? html`<p class="notice bad">${errorCodes["spool-full"].what}
${errorCodes["spool-full"].why}</p>`
      : ""
  } ${facts([
    ["Last contact", moment(appliance.lastContactAt, nowMs)],
    ["Last heartbeat", moment(appliance.heartbeatAt, nowMs)],
    ["Seen from", appliance.seenFrom ?? "not known"],
    ["Proxy", appliance.heartbeat ? (appliance.heartbeat.proxy ?? "none") : "not known yet"],
    ["Version", appliance.softwareVersion],
    ["Enrolled", exactTime(appliance.enrolledAt)],
    ...(appliance.revokedAt === null ? [] : [["Revoked", exactTime(appliance.revokedAt)] as const]),
    ...(appliance.restoredAt === null
      ? []
      : [["Set back to an earlier state", moment(appliance.restoredAt, nowMs)] as const]),
    ["Host name", appliance.hostname],
    ["Id", html`<span class="code">${id}</span>`],
  ])}</div> <div class="columns">
<section><h2>Health</h2><div id="health" data-live>${health(appliance)}</div></section>
<section><h2>Interfaces</h2><div id="interfaces" data-live>${interfaces(appliance)}</div></section>
</div>
<section><h2>Machine</h2><div id="inventory" data-live>${inventory(appliance)}</div></section>
<section><h2>Updates</h2><div id="appliance-updates" data-live>${applianceUpdates(appliance, nowMs)}</div></section>
<section><h2>Scans</h2><div id="appliance-scans" data-live="${scans.length === 0 ? "empty" : "table"}">${
    scans.length === 0
      ? html`<p class="quiet">No scan was started on this appliance yet.</p>`
      : scanTable(scans, nowMs, { withAppliance: false })
  }</div></section>
${diagnosticsSection(outages, commands, nowMs)}
${commandsSection(appliance, commands, formToken, nowMs)}
<section><h2>Enrol anew</h2><p>With a code of its own the appliance gets a new key and keeps this
record: after a repair, a move to another machine, or when it was
revoked.</p>${actionForm(`/appliances/${id}/code`, formToken, html`<button>Make a code for ${name}</button>`)}</section>
${
  live
    ? html`<section><h2>Revoke</h2><p>A revoked appliance is no longer answered, and its scans
end. It can only come back by enrolling with a code that is made here.</p><p><a
class="button danger" href="/appliances/${id}/revoke">Revoke ${name} …</a></p></section>`
    : ""
}`;
}

function revokeContent(
  { id, name, state }: ApplianceView,
  openScans: number,
  formToken: string,
): Html {
  if (state === "revoked")
    return html`<h1>${name} is revoked already</h1><p><a href="/appliances/${id}">Back to the appliance</a></p>`;
  return html`<p class="path"><a href="/fleet">Fleet</a> / <a href="/appliances/${id}">${name}</a></p>
<h1>Revoke ${name}?</h1>
<p>From now on its requests are refused${
    openScans > 0
      ? html`, and
<strong>${openScans === 1 ? "its open scan is" : `its ${openScans} open scans are`}
stopped</strong>`
      : ""
  }. Results that were received stay. This cannot be undone: to use the
appliance again, make a new activation code and enrol it again at its console.</p>
${actionForm(
  `/appliances/${id}/revoke`,
  formToken,
  html`<div class="buttons"><button
class="danger">Revoke this appliance</button><a class="button" href="/appliances/${id}">Keep it</a></div>`,
)}`;
}

function health({ heartbeat }: ApplianceView): Html {
  if (!heartbeat)
    return empty(
      "No heartbeat yet",
      html`<p>The first one comes within one call-home interval.</p>`,
    );
  const { health: figures, counters } = heartbeat;
  const memory = percentUsed(figures.memoryTotalBytes, figures.memoryAvailableBytes);
  const disk = percentUsed(figures.dataTotalBytes, figures.dataAvailableBytes);
  return facts([
    [
      "Processor",
      gauge(
        Math.round(figures.processorPercent),
        `${figures.processorCount} processors, load ${figures.loadAverage.map((load) => load.toFixed(2)).join(" ")}`,
      ),
    ],
    [
      "Memory",
      gauge(
        memory,
        `${bytes(figures.memoryAvailableBytes)} free of ${bytes(figures.memoryTotalBytes)}`,
      ),
    ],
    [
      "Data disk",
      gauge(disk, `${bytes(figures.dataAvailableBytes)} free of ${bytes(figures.dataTotalBytes)}`),
    ],
    ["Running for", amount(figures.uptimeSeconds)],
    ["Requests", `${counters.requests}, of which ${counters.failures} failed`],
    [
      "Waiting to be sent",
      counters.spooledParts === 0 ? "nothing" : `${counters.spooledParts} parts of results`,
    ],
    ...(heartbeat.spool
      ? [
          [
            "Room for results",
            `${bytes(heartbeat.spool.usedBytes)} used of ${bytes(heartbeat.spool.limitBytes)}`,
          ] as const,
        ]
      : []),
  ]);
}

function gauge(percent: number, words: string): Html {
  return html`<span class="gauge"><meter min="0" max="100" low="75" high="90" optimum="0"
value="${percent}"></meter> ${percent} %</span><span class="quiet">${words}</span>`;
}

function interfaces({ heartbeat }: ApplianceView): Html {
  if (!heartbeat || heartbeat.interfaces.length === 0)
    return html`<p class="quiet">Not known yet.</p>`;
  return html`${networkReports(heartbeat.networkReports ?? [])}<ul class="plain-list">${heartbeat.interfaces.map(
    (one) =>
      html`<li><strong>${one.name}</strong>${
        one.role === null ? "" : html` <span class="tag">${one.role.toUpperCase()}</span>`
      } ${
        one.linkUp ? "link up" : html`<strong class="bad-text">no link</strong>`
      } <span class="quiet code">${one.macAddress}</span>${one.addresses.map(
        (address) => html`<span class="line code">${address}</span>`,
      )}</li>`,
  )}</ul>`;
}

/** What the appliance says of its cards and networks; nothing where all is well. */
function networkReports(reports: readonly NetworkReport[]): Html | "" {
  if (reports.length === 0) return "";
  return html`<div class="notice bad"><ul class="plain-list">${reports.map(
    ({ code, detail }) => html`<li>${known(code)} <span class="line code">${detail}</span></li>`,
  )}</ul></div>`;
}

function known(code: string): Html {
  if (!isErrorCode(code)) return html`<span class="code">${code}</span>`;
  const { what, remedy } = errorCodes[code];
  return html`<strong>${what}</strong> <span class="line">${remedy}</span>`;
}

function inventory({ inventory: found }: ApplianceView): Html {
  if (!found)
    return html`<p class="quiet">The appliance has not described itself yet; it does so when it
starts and once a day.</p>`;
  return facts([
    ["System", found.operatingSystem],
    ["Kernel", found.kernel],
    ["Virtualization", found.virtualization],
    ["Model", [found.manufacturer, found.model].filter((text) => text !== "").join(" ")],
    ["Processor", `${found.processor} (${found.processorCount})`],
    ["Memory", bytes(found.memoryTotalBytes)],
    ["Scan engine", `${found.engine.name} ${found.engine.version}`],
  ]);
}

/** Shown only when there is a copy. */
function copiesNotice(
  { id }: ApplianceView,
  machines: readonly MachineView[],
  formToken: string,
  nowMs: number,
): Html | "" {
  const copies = machines.filter(({ refused }) => refused);
  if (copies.length === 0) return "";
  const words = ({ addresses, seenFrom, bootId, lastSeenAt }: MachineView) =>
    html`<span class="code">${addresses || "no address"}</span>, seen from <span
class="code">${seenFrom ?? "nowhere"}</span>, start ${bootId.slice(0, 8)}, ${moment(lastSeenAt, nowMs)}`;
  return html`<div class="notice bad"><p><strong>${
    copies.length === 1 ? "A copy of this appliance calls" : "Copies of this appliance call"
  } home under its identity, and
${copies.length === 1 ? "is" : "are"} given no work.</strong> A cloned machine must be enrolled
anew, with an activation code of its own.</p>
<ul>${machines
    .filter(({ present }) => present)
    .map(
      (machine) => html`<li>The appliance: ${words(machine)}</li>`,
    )}${copies.map((machine) => html`<li>Copy: ${words(machine)}</li>`)}</ul>
${actionForm(
  `/appliances/${id}/allow-copies`,
  formToken,
  html`<button class="small">This is no copy: let it work</button>`,
)}</div>`;
}
