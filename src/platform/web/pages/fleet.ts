import { applianceChip, type Column, empty, moment, table } from "../parts/components.ts";
import { type Html, html } from "../parts/html.ts";
import type { WebPage } from "../parts/send-page.ts";
import type { ApplianceView } from "../parts/view-types.ts";
import { count, percentUsed } from "../parts/words.ts";

/** The appliances, with those first that need attention. */
export const fleetPage: WebPage = {
  navigation: { path: "/fleet", name: "Fleet" },
  addRoutes(scope, { operator, clock, sendPage }) {
    scope.get("/fleet", async (_request, reply) => {
      const content = fleetContent(await operator.fleet.list(), clock.nowMs());
      return sendPage(reply, { title: "Fleet", section: "/fleet", content });
    });
  },
};

export function fleetContent(appliances: readonly ApplianceView[], nowMs: number): Html {
  return html`<div class="title"><h1>Fleet</h1><a class="button" href="/codes">Add an appliance</a></div>
<div id="fleet-summary" data-live>${fleetSummary(appliances)}</div>
<div id="fleet" data-live="${appliances.length === 0 ? "empty" : "table"}">${
    appliances.length === 0
      ? empty(
          "No appliance has enrolled yet",
          html`<p>Make an activation code, then type it at the appliance's console together with
this platform's address. The appliance appears here as soon as it has called home.</p>
<p><a class="button primary" href="/codes">Make an activation code</a></p>`,
        )
      : fleetTable(appliances, nowMs)
  }</div>`;
}

function fleetSummary(appliances: readonly ApplianceView[]): Html | null {
  if (appliances.length === 0) return null;
  const silent = appliances.filter(({ state }) => state === "silent");
  const words = [
    count(appliances.length, "appliance"),
    silent.length > 0
      ? `${silent.length} silent: ${silent.map(({ name }) => name).join(", ")}`
      : "none silent",
  ];
  return html`<p class="${silent.length > 0 ? "notice bad" : "quiet"}">${words.join(", ")}</p>`;
}

function fleetTable(appliances: readonly ApplianceView[], nowMs: number): Html {
  const columns: Column<ApplianceView>[] = [
    {
      title: "Appliance",
      cell: ({ id, name, hostname }) =>
        html`<a class="strong"
href="/appliances/${id}">${name}</a>${hostname === name ? "" : html`<br><span class="quiet">${hostname}</span>`}`,
    },
    { title: "State", cell: ({ state }) => applianceChip(state) },
    { title: "Last contact", cell: ({ lastContactAt }) => moment(lastContactAt, nowMs) },
    {
      title: "Addresses",
      cell: ({ addresses }) =>
        addresses.length === 0
          ? html`<span class="quiet">not known yet</span>`
          : addresses.map((address) => html`<span class="line code">${address}</span>`),
    },
    { title: "Version", cell: ({ softwareVersion }) => softwareVersion },
    { title: "Health", cell: health },
    {
      title: "",
      cell: ({ id, state }) =>
        state === "revoked"
          ? ""
          : html`<a class="button small" href="/scans?appliance=${id}#start">Scan</a>`,
    },
  ];
  return table("fleet-rows", "Appliances", columns, byUrgency(appliances), ({ id }) => id);
}

function health({ heartbeat }: ApplianceView): Html {
  if (!heartbeat) return html`<span class="quiet">not known yet</span>`;
  const {
    processorPercent,
    memoryTotalBytes,
    memoryAvailableBytes,
    dataTotalBytes,
    dataAvailableBytes,
  } = heartbeat.health;
  return html`<span class="line">CPU ${Math.round(processorPercent)} %</span><span
class="line">memory ${percentUsed(memoryTotalBytes, memoryAvailableBytes)} %</span><span
class="line">disk ${percentUsed(dataTotalBytes, dataAvailableBytes)} %</span>`;
}

const order: readonly ApplianceView["state"][] = ["silent", "never", "online", "revoked"];

/** Appliances that need the operator come first, revoked ones last. */
function byUrgency(appliances: readonly ApplianceView[]): ApplianceView[] {
  return [...appliances].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
}
