import { type Column, moment, scanChip, table } from "./components.ts";
import { type Html, html } from "./html.ts";
import type { ScanView } from "./view-types.ts";

export function scanTable(
  scans: readonly ScanView[],
  nowMs: number,
  { withAppliance }: { withAppliance: boolean },
): Html {
  const columns: Column<ScanView>[] = [
    {
      title: "Scan",
      cell: ({ id, name, targets }) =>
        html`<a class="strong" href="/scans/${id}">${name}</a><br><span
class="quiet code">${shortList(targets)}</span>`,
    },
    ...(withAppliance
      ? [
          {
            title: "Appliance",
            cell: ({ applianceId, applianceName }: ScanView) =>
              html`<a href="/appliances/${applianceId}">${applianceName}</a>`,
          },
        ]
      : []),
    {
      title: "State",
      cell: (scan) =>
        html`${scanChip(scan.state)}${scan.state === "running" ? progressBar(scan) : ""}`,
    },
    { title: "Hosts", number: true, cell: ({ hostCount }) => hostCount },
    { title: "Open ports", number: true, cell: ({ openPortCount }) => openPortCount },
    { title: "Made", cell: ({ createdAt }) => moment(createdAt, nowMs) },
  ];
  return table("scan-rows", "Scans", columns, scans, ({ id }) => id);
}

export function progressBar({ percent }: ScanView): Html {
  const whole = Math.round(percent);
  return html`<span class="progress"><progress max="100" value="${whole}"
aria-label="Progress"></progress> ${whole} %</span>`;
}

const shown = 3;
function shortList(targets: readonly string[]): string {
  return targets.length <= shown
    ? targets.join(", ")
    : `${targets.slice(0, shown).join(", ")} and ${targets.length - shown} more`;
}
