import { errorCodes, isErrorCode } from "../../../base/messages/error-codes.ts";
import type { CheckResult } from "../../../protocol/schemas/check-result.ts";
import { amount } from "../browser/relative-time.ts";
import { chip, moment, table } from "./components.ts";
import { type Content, type Html, html } from "./html.ts";
import type { CommandView, OutageView } from "./view-types.ts";

/** One run of the appliance's doctor. */
interface Run {
  key: string;
  at: number;
  why: Content;
  /** The first thing that is wrong: a code; null where nothing is. */
  code: string | null;
  checks: readonly CheckResult[];
}

const mostShown = 20;

/**
 * What the appliance's doctor found, newest first: when the appliance could not call home, and when
 * an operator asked for it.
 */
export function diagnosticsSection(
  outages: readonly OutageView[],
  commands: readonly CommandView[],
  nowMs: number,
): Html {
  const runs = [...outages.map(ofOutage), ...commands.flatMap(ofCommand)]
    .toSorted((a, b) => b.at - a.at)
    .slice(0, mostShown);
  return html`<section><h2>Diagnostics</h2><div id="diagnostics"
data-live="${runs.length === 0 ? "empty" : "table"}">${
    runs.length === 0
      ? html`<p class="quiet">The doctor has not run yet: it does so by itself after two missed
calls, and when it is asked to.</p>`
      : table<Run>(
          "diagnostics-rows",
          "What the doctor found, newest first",
          [
            { title: "When", cell: ({ at }) => moment(at, nowMs) },
            { title: "Why", cell: ({ why }) => why },
            { title: "First cause", cell: cause },
            { title: "Checks", cell: listed },
          ],
          runs,
          ({ key }) => key,
        )
  }</div></section>`;
}

function ofOutage({ since, checkedAt, endedAt, code, checks }: OutageView): Run {
  const lasted = amount(Math.max(0, Math.round((endedAt - since) / 1000)));
  return {
    key: `outage-${since}`,
    at: checkedAt,
    why: html`It could not call home<br><span class="quiet">for ${lasted}</span>`,
    code,
    checks,
  };
}

function ofCommand({ id, endedAt, result }: CommandView): Run[] {
  const checks = result?.checks;
  if (checks === undefined || endedAt === null) return [];
  const first =
    checks.find(({ outcome }) => outcome === "failed") ??
    checks.find(({ outcome }) => outcome === "warning");
  return [
    { key: `command-${id}`, at: endedAt, why: "Asked for here", code: first?.code ?? null, checks },
  ];
}

function cause({ code }: Run): Content {
  if (code === null) return chip("good", "Nothing is wrong");
  if (!isErrorCode(code)) return html`<span class="code">${code}</span>`;
  const { what, remedy } = errorCodes[code];
  return html`<strong>${what}</strong><br><span class="quiet">${remedy}</span>`;
}

function listed({ checks }: Run): Content {
  const bad = checks.filter(({ outcome }) => outcome === "failed" || outcome === "warning");
  const others = checks.filter((check) => !bad.includes(check));
  return html`${list(bad)}${
    others.length === 0
      ? ""
      : html`<details><summary>${others.length} more</summary>${list(others)}</details>`
  }`;
}

function list(checks: readonly CheckResult[]): Content {
  if (checks.length === 0) return "";
  return html`<ul class="plain-list">${checks.map(
    ({ subject, outcome, detail }) =>
      html`<li><strong>${subject}</strong> <span class="tag">${outcome}</span> ${detail}</li>`,
  )}</ul>`;
}
