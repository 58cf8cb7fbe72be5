import { errorCodes } from "../../../base/messages/error-codes.ts";
import { serviceNames } from "../../../protocol/schemas/common.ts";
import { firewallRules } from "../../operator/about.ts";
import { intervalBounds } from "../../services/configuration.ts";
import { amount } from "../browser/relative-time.ts";
import { actionForm, cell, copyable, facts, field } from "../parts/components.ts";
import { type Html, html } from "../parts/html.ts";
import type { AboutView } from "../parts/view-types.ts";

export interface SettingsPage {
  /** As typed. */
  interval: string;
  problem: string | undefined;
  saved: boolean;
  formToken: string;
}

export function settingsPage({ interval, problem, saved, formToken }: SettingsPage): Html {
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
      hint: `How often each appliance calls, ${minimum} to ${maximum.toLocaleString("en-GB")}; usual is 180. One that is not heard of for two intervals is called silent.`,
      problem,
    },
    ({ describedBy, invalid }) =>
      html`<span class="with-unit"><input id="intervalSeconds" name="intervalSeconds" inputmode="numeric" value="${interval}" maxlength="10" autocomplete="off" aria-describedby="${describedBy}" aria-invalid="${invalid}"> seconds${inWords}</span>`,
  )}
<div class="buttons"><button class="primary">Save</button></div>`,
  "card",
)}`;
}

const uses: Record<(typeof serviceNames)[number], string> = {
  enrolment: "activation, configuration",
  health: "heartbeats, health figures",
  updates: "signatures, software",
  jobs: "scan jobs",
  results: "scan results",
};

export function aboutPage(about: AboutView): Html {
  const { directory, certificateAuthority } = about;
  return html`<div class="title"><h1>Help: about this platform</h1></div>
<section><h2>Service addresses</h2><p>Appliances call these addresses themselves, over HTTPS. Nothing calls the appliances.</p>
<table><thead><tr><th scope="col">Service</th><th scope="col">Address</th><th scope="col">For</th></tr></thead><tbody>
<tr>${cell("Service", "platform")}${cell("Address", about.platformUrl, "code")}${cell("For", "typed at the console")}</tr>
${serviceNames.map((name) => html`<tr>${cell("Service", name)}${cell("Address", directory.services[name], "code")}${cell("For", uses[name])}</tr>`)}</tbody></table></section>
<section><h2>IP ranges</h2>${
    directory.ipRanges.length === 0
      ? html`<p>None were given. Start the platform with <span class="code">--ip-range</span> to show here what firewalls must allow that go by addresses.</p>`
      : html`<ul class="plain-list">${directory.ipRanges.map((range) => html`<li class="code">${range}</li>`)}</ul>`
  }</section>
<section><h2>Firewall rule</h2><p>Ready to be sent to the firewall administrator:</p>${copyable("firewall-rules", firewallRules(about))}</section>
<section><h2>Certificate authority</h2><p>This platform signs its certificate itself. Appliances learn the authority when they enrol; in a browser, compare the fingerprint (SHA-256) once.</p>${copyable("fingerprint", certificateAuthority.fingerprint)}
<p><a class="button" href="/help/certificate-authority.pem" download>Download the certificate</a></p></section>
<section><h2>Versions and notices</h2>${facts([
    ["Outrider platform", about.versions.platform],
    ["Node.js", about.versions.node],
  ])}<ul class="plain-list">${about.notices.map((notice) => html`<li>${notice}</li>`)}</ul>
<p>Programs use the <a href="/help/api">API</a> with the operator's token; it can do everything that this page does.</p></section>`;
}

export function apiPage(about: AboutView): Html {
  return html`<p class="path"><a href="/help/about">Help</a></p><h1>The API</h1>
<p>JSON over HTTPS, with the operator's token as bearer token. Its description (OpenAPI) is at <span class="code">${about.platformUrl}/api/openapi.json</span>.</p>
${copyable("api-example", `curl --cacert certificate-authority.pem \\\n  -H "Authorization: Bearer $(cat DATA-FOLDER/operator-token)" \\\n  ${about.platformUrl}/api/appliances`)}`;
}

export interface LogInPage {
  problem: string | undefined;
  next: string;
}

export function logInPage({ problem, next }: LogInPage): Html {
  return html`<h1>Log in</h1>
<form method="post" action="/log-in" class="card"><input type="hidden" name="next" value="${next}">
${field(
  {
    name: "token",
    label: "Operator's token",
    hint: html`It is in the file <span class="code">operator-token</span> in the platform's data folder.`,
    problem,
  },
  ({ describedBy, invalid }) =>
    html`<input id="token" name="token" type="password" autocomplete="current-password" required autofocus aria-describedby="${describedBy}" aria-invalid="${invalid}">`,
)}
<div class="buttons"><button class="primary">Log in</button></div></form>`;
}

export function messagePage(title: string, text: string): Html {
  return html`<h1>${title}</h1><p>${text}</p><p><a class="button" href="/fleet">To the fleet</a></p>`;
}

export const notFoundPage = () => messagePage("There is nothing here", errorCodes["not-found"].why);
