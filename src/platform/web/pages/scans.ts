import type { FastifyRequest } from "fastify";
import { splitTargets } from "../../../base/addresses/target-spelling.ts";
import { portSelections, scanProfiles } from "../../../protocol/schemas/jobs.ts";
import type { ScanProblems } from "../../operator/scans.ts";
import type { NewScan } from "../../operator/schemas.ts";
import { actionForm, empty, field } from "../parts/components.ts";
import { type Html, html } from "../parts/html.ts";
import type { Page } from "../parts/layout.ts";
import { scanTable } from "../parts/scan-table.ts";
import type { WebPage } from "../parts/send-page.ts";
import { formValue } from "../parts/session.ts";
import type { ApplianceView, ScanView } from "../parts/view-types.ts";

const mostScansShown = 200;

/** The scans, and the form that starts one. */
export const scansPage: WebPage = {
  navigation: { path: "/scans", name: "Scans" },
  addRoutes(scope, { operator, clock, sendPage, formToken }) {
    const { scans, fleet } = operator;
    const page = async (
      request: FastifyRequest,
      form: ScanForm,
      problems: ScanProblems,
      open: boolean,
    ): Promise<Page> => ({
      title: "Scans",
      section: "/scans",
      content: scansContent({
        scans: await scans.list({ limit: mostScansShown }),
        appliances: await fleet.list(),
        form,
        problems,
        open,
        formToken: formToken(request),
        nowMs: clock.nowMs(),
      }),
    });

    scope.get<{ Querystring: { appliance?: string } }>("/scans", async (request, reply) => {
      const { appliance } = request.query;
      const form =
        typeof appliance === "string"
          ? { ...emptyScanForm, applianceId: appliance }
          : emptyScanForm;
      return sendPage(reply, await page(request, form, {}, appliance !== undefined));
    });

    scope.post("/scans", async (request, reply) => {
      const form = readScanForm(request);
      const started = await scans.start(scanRequest(form));
      if (started.ok) return reply.redirect(`/scans/${started.id}`, 303);
      const refused = await page(request, form, started.problems, true);
      return sendPage(reply, { ...refused, liveUrl: "/scans" }, 422);
    });
  },
};

/** The form as it was typed, so that nothing is lost when a field is wrong. */
interface ScanForm {
  applianceId: string;
  name: string;
  targets: string;
  exclusions: string;
  profile: string;
  ports: string;
}

const emptyScanForm: ScanForm = {
  applianceId: "",
  name: "",
  targets: "",
  exclusions: "",
  profile: "normal",
  ports: "standard",
};

function readScanForm(request: FastifyRequest): ScanForm {
  const value = (name: string, longest: number) => formValue(request, name).slice(0, longest);
  return {
    applianceId: value("applianceId", 100),
    name: value("name", 200),
    targets: value("targets", 60_000),
    exclusions: value("exclusions", 60_000),
    profile: value("profile", 20),
    ports: value("ports", 20),
  };
}

/** An unknown profile or port selection becomes the usual one: the form cannot send others. */
function scanRequest(form: ScanForm): NewScan {
  return {
    applianceId: form.applianceId,
    name: form.name,
    targets: splitTargets(form.targets),
    exclusions: splitTargets(form.exclusions),
    profile: scanProfiles.find((profile) => profile === form.profile) ?? "normal",
    ports: portSelections.find((ports) => ports === form.ports) ?? "standard",
  };
}

interface ScansContent {
  scans: readonly ScanView[];
  appliances: readonly ApplianceView[];
  form: ScanForm;
  problems: ScanProblems;
  open: boolean;
  formToken: string;
  nowMs: number;
}

function scansContent(given: ScansContent): Html {
  const { scans, nowMs } = given;
  const usable = given.appliances.filter(({ state }) => state !== "revoked");
  return html`<div class="title"><h1>Scans</h1></div> ${
    usable.length === 0
      ? ""
      : html`<details id="start"
class="card"${given.open || scans.length === 0 ? html` open` : ""}><summary
class="button primary">Start a scan</summary>${scanForm(given, usable)}</details>`
  } <div id="scans" data-live="${scans.length === 0 ? "empty" : "table"}">${
    scans.length > 0 ? scanTable(scans, nowMs, { withAppliance: true }) : noScans(usable.length > 0)
  }</div>`;
}

function noScans(hasAppliance: boolean): Html {
  if (hasAppliance)
    return empty(
      "No scan yet",
      html`<p>Choose an appliance and what it shall scan. Its results appear here while it works.</p>`,
    );
  return empty(
    "Nothing to scan with yet",
    html`<p>Scans run on appliances, and none is enrolled.</p><p><a class="button primary"
href="/codes">Make an activation code</a></p>`,
  );
}

const profiles = [
  [
    "gentle",
    "Gentle",
    "few packets at a time, for fragile or slow networks; leaves out ports where a touch can print or stop a machine",
  ],
  ["normal", "Normal", "for usual office and data-centre networks"],
  ["fast", "Fast", "as quickly as is reasonable, for networks that can take it"],
] as const;
const ports = [
  ["top-100", "The 100 most used TCP ports", "quick"],
  ["top-1000", "The 1,000 most used TCP ports", "without today's databases, queues and containers"],
  [
    "standard",
    "The standard ports",
    "usual: those 1,000, 170 of databases, queues, containers and machines, and 41 of UDP",
  ],
  ["all", "All 65,535 TCP ports and the standard UDP ports", "thorough, takes long"],
] as const;

function scanForm(
  { form, problems, formToken }: ScansContent,
  appliances: readonly ApplianceView[],
): Html {
  const wrong = Object.values(problems).length;
  return actionForm(
    "/scans",
    formToken,
    html`${
      wrong > 0
        ? html`<p class="notice bad" role="alert">The scan was not started:
${wrong === 1 ? "one field needs" : `${wrong} fields need`} a change.</p>`
        : ""
    } <div class="columns"> ${field(
      { name: "name", label: "Name", problem: problems.name },
      ({ describedBy, invalid }) =>
        html`<input id="name" name="name" value="${form.name}" maxlength="200" autocomplete="off"
aria-describedby="${describedBy}" aria-invalid="${invalid}" placeholder="Office network, weekly">`,
    )} ${field(
      { name: "applianceId", label: "Appliance", problem: problems.applianceId },
      ({ describedBy, invalid }) =>
        html`<select id="applianceId" name="applianceId" aria-describedby="${describedBy}"
aria-invalid="${invalid}">${appliances.map(
          ({ id, name, state }) =>
            html`<option value="${id}"${
              id === form.applianceId ? html` selected` : ""
            }>${name}${state === "silent" ? " (silent)" : ""}</option>`,
        )}</select>`,
    )} ${field(
      {
        name: "targets",
        label: "Targets",
        hint: html`Addresses, prefixes or ranges, one a line: 192.0.2.10, 192.0.2.0/24,
192.0.2.10-20; of IPv6 addresses and prefixes from /120 up: 2001:db8::10, 2001:db8::/120.`,
        problem: problems.targets,
      },
      (attributes) => area("targets", form.targets, attributes),
    )}
${field(
  {
    name: "exclusions",
    label: "Exclusions",
    hint: "Never scanned, whatever the targets say: the same forms, of any size. May be empty.",
    problem: problems.exclusions,
  },
  (attributes) => area("exclusions", form.exclusions, attributes),
)}
${choice("profile", "Pace", profiles, form.profile, problems.profile)}
${choice("ports", "Ports", ports, form.ports, problems.ports)}
</div>
<div class="buttons"><button class="primary">Start the scan</button></div>`,
  );
}

function area(
  name: string,
  value: string,
  { describedBy, invalid }: { describedBy: string; invalid: string },
): Html {
  // A line break right after the tag is dropped by the HTML parser, so that one is always given.
  return html`<textarea id="${name}" name="${name}" rows="4" spellcheck="false" autocomplete="off"
aria-describedby="${describedBy}" aria-invalid="${invalid}">
${value}</textarea>`;
}

function choice(
  name: string,
  title: string,
  choices: readonly (readonly [string, string, string])[],
  chosen: string,
  problem: string | undefined,
): Html {
  return html`<fieldset class="field"><legend>${title}</legend>${choices.map(
    ([value, word, explanation]) =>
      html`<label class="choice"><input type="radio" name="${name}"
value="${value}"${value === chosen ? html` checked` : ""}> <span>${word} <span
class="quiet">${explanation}</span></span></label>`,
  )}${problem ? html`<p class="problem">${problem}</p>` : ""}</fieldset>`;
}
