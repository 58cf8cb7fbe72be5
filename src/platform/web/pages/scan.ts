import { errorCodes, isErrorCode } from "../../../base/messages/error-codes.ts";
import type { HostObservation } from "../../../protocol/schemas/results.ts";
import { amount } from "../browser/relative-time.ts";
import { actionForm, applianceChip, cell, facts, moment, scanChip } from "../parts/components.ts";
import { type Html, html } from "../parts/html.ts";
import { progressBar } from "../parts/scan-table.ts";
import type { IdRoute, WebPage } from "../parts/send-page.ts";
import type { ApplianceView, ScanView } from "../parts/view-types.ts";
import { count } from "../parts/words.ts";

const hostsPerPage = 100;
const lastPage = 100_000;

/** One scan: its progress, its hosts, and stopping it. */
export const scanPage: WebPage = {
  addRoutes(scope, { operator, clock, sendPage, formToken }) {
    const { scans, fleet } = operator;

    scope.get<IdRoute & { Querystring: { page?: string } }>(
      "/scans/:id",
      async (request, reply) => {
        const scan = await scans.find(request.params.id);
        const asked = Number.parseInt(String(request.query.page ?? "1"), 10) || 1;
        const pageNumber = Math.min(Math.max(1, asked), lastPage);
        const content = scanContent({
          scan,
          appliance: await fleet.find(scan.applianceId),
          hosts: await scans.hosts(scan.id, {
            offset: (pageNumber - 1) * hostsPerPage,
            limit: hostsPerPage,
          }),
          pageNumber,
          formToken: formToken(request),
          nowMs: clock.nowMs(),
        });
        return sendPage(reply, { title: scan.name, section: "/scans", content });
      },
    );

    scope.post<IdRoute>("/scans/:id/stop", async (request, reply) => {
      const { id } = await scans.find(request.params.id);
      await scans.stop(id);
      return reply.redirect(`/scans/${id}`, 303);
    });
  },
};

interface ScanContent {
  scan: ScanView;
  appliance: ApplianceView;
  hosts: readonly HostObservation[];
  /** From 1. */
  pageNumber: number;
  formToken: string;
  nowMs: number;
}

function scanContent({ scan, appliance, hosts, pageNumber, formToken, nowMs }: ScanContent): Html {
  const open = scan.endedAt === null;
  return html`<p class="path"><a href="/scans">Scans</a></p>
<div class="title"><h1>${scan.name}</h1><div id="stop" data-live>${
    open && scan.state !== "stopping"
      ? actionForm(
          `/scans/${scan.id}/stop`,
          formToken,
          html`<button id="stop-button" class="danger">Stop the scan</button>`,
        )
      : ""
  }</div></div>
<div id="scan-state" data-live>
<p class="state-line">${scanChip(scan.state)} ${scan.acknowledgedAt !== null && open ? progressBar(scan) : ""}</p>
${explanation(scan, appliance)}
${facts([
  [
    "Appliance",
    html`<a href="/appliances/${appliance.id}">${appliance.name}</a> ${applianceChip(appliance.state)}`,
  ],
  ["Made", moment(scan.createdAt, nowMs)],
  ...(scan.endedAt === null ? [] : [["Ended", moment(scan.endedAt, nowMs)] as const]),
  ...(scan.completion
    ? [
        [
          "Took",
          amount(Math.round((scan.completion.endedAt - scan.completion.startedAt) / 1000)),
        ] as const,
      ]
    : []),
  ["Targets", html`<span class="code">${scan.targets.join(", ")}</span>`],
  [
    "Exclusions",
    scan.exclusions.length === 0
      ? "none"
      : html`<span class="code">${scan.exclusions.join(", ")}</span>`,
  ],
  ["Addresses", scan.addressCount.toLocaleString("en-GB")],
  ["Pace and ports", `${scan.profile}, ${portWords[scan.ports]}`],
  ...(scan.attempt > 1
    ? [
        [
          "Attempt",
          `${scan.attempt}: the appliance was away, so the scan was given out anew`,
        ] as const,
      ]
    : []),
  ...(scan.completion
    ? [["Engine", `${scan.completion.engine.name} ${scan.completion.engine.version}`] as const]
    : []),
])}
${problems(scan)}</div>
<section><h2 id="results-title" data-live>Results: ${count(scan.hostCount, "host")},
${count(scan.openPortCount, "open port")}</h2>
<div id="hosts" class="hosts" data-live data-list>${
    hosts.length === 0
      ? html`<p id="no-hosts" class="quiet">${
          open
            ? "Nothing was found yet. Hosts appear here as the appliance sends them."
            : "No host answered."
        }</p>`
      : hosts.map((host) => hostCard(host, scan))
  }</div> <div id="pages" data-live>${pages(scan, pageNumber)}</div></section>`;
}

const portWords: Record<ScanView["ports"], string> = {
  "top-100": "the 100 most used ports",
  "top-1000": "the 1,000 most used ports",
  standard: "the standard ports, TCP and UDP",
  all: "all ports",
};

function explanation(scan: ScanView, appliance: ApplianceView): Html | null {
  if (scan.state === "waiting") {
    return html`<p class="quiet">${
      appliance.state === "online"
        ? "The appliance takes the scan with its next call."
        : "The appliance takes the scan when it calls again."
    }</p>`;
  }
  if (scan.state === "given-out")
    return html`<p class="quiet">The appliance was given the scan; it has not confirmed yet that it stored it.</p>`;
  if (scan.state === "stopping")
    return html`<p class="quiet">The appliance is told to stop with its next call.</p>`;
  if (scan.state === "running" && appliance.state === "silent") {
    return html`<p class="notice bad">The appliance is silent. The scan may still be running there;
its results come when it calls again.</p>`;
  }
  return null;
}

function problems({ completion }: ScanView): Html | null {
  if (!completion || completion.problems.length === 0) return null;
  return html`<div class="notice warning"><strong>${count(completion.problems.length, "problem")}
during the scan</strong><ul>${completion.problems
    .slice(0, 20)
    .map(
      ({ code, detail }) =>
        html`<li>${isErrorCode(code) ? errorCodes[code].what : code}${
          detail === "" ? "" : html` <span class="quiet">${detail}</span>`
        }</li>`,
    )}</ul></div>`;
}

/** "No open port" is said only of a host whose ports were all looked at. */
function noOpenPort({ reason, timedOut }: HostObservation, { endedAt, state }: ScanView): string {
  const proof = reason === "" ? "It answered" : `It answered (${reason})`;
  if (timedOut) return `${proof}; no open port was found in what was looked at.`;
  if (endedAt === null) return `${proof}; its ports are being looked at.`;
  return state === "stopped"
    ? `${proof}; the scan was stopped before all of its ports were looked at.`
    : `${proof}, but no open port was found.`;
}

function hostCard(host: HostObservation, scan: ScanView): Html {
  const open = host.ports.filter((port) => port.state === "open");
  const others = host.ports.length - open.length;
  const about = [...host.hostnames, host.macAddress, host.macVendor].filter(
    (text) => text !== undefined && text !== "",
  );
  return html`<article class="host" id="host-${host.address}"><header><h3
class="code">${host.address}</h3><span class="quiet">${about.join(" · ")}</span><span
class="count">${count(open.length, "open port")}</span></header>
${
  host.timedOut
    ? html`<p class="problem">A part of the scan did not finish here: the list of ports is not complete.</p>`
    : ""
}
${
  open.length === 0
    ? html`<p class="quiet">${noOpenPort(host, scan)}</p>`
    : html`<table><thead><tr><th scope="col">Port</th><th scope="col">Service</th><th
scope="col">Product</th><th scope="col">Version</th><th
scope="col">More</th></tr></thead><tbody>${open.map(portRow)}</tbody></table>`
}
${others > 0 ? html`<p class="quiet">${count(others, "more port")} closed or filtered.</p>` : ""}</article>`;
}

function portRow({ number, protocol, service }: HostObservation["ports"][number]): Html {
  const inTls = service?.tunnel === "ssl" ? " in TLS" : "";
  const name = service ? `${service.name}${inTls}` : "";
  const guess =
    service?.method === "table" && name !== ""
      ? html` <span class="quiet">by its number</span>`
      : "";
  return html`<tr>${cell("Port", `${number}/${protocol}`, "code")}${cell(
    "Service",
    name === "" ? "" : html`${name}${guess}`,
  )}${cell("Product", service?.product)}${cell(
    "Version",
    service?.version,
  )}${cell("More", service?.extraInformation, "quiet")}</tr>`;
}

function pages({ id, hostCount }: ScanView, current: number): Html | null {
  const last = Math.ceil(hostCount / hostsPerPage);
  if (last <= 1) return null;
  const link = (page: number, words: string) =>
    html`<a class="button small" href="/scans/${id}?page=${page}">${words}</a>`;
  return html`<nav class="buttons"
aria-label="Pages of hosts">${current > 1 ? link(current - 1, "Previous hosts") : ""}<span>Page
${current} of ${last}</span>${current < last ? link(current + 1, "Next hosts") : ""}</nav>`;
}
