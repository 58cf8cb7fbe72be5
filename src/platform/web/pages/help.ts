import { serviceNames } from "../../../protocol/schemas/common.ts";
import { firewallRules } from "../../operator/about.ts";
import { platformLicences } from "../../operator/licences.ts";
import { cell, copyable, facts } from "../parts/components.ts";
import { type Html, html } from "../parts/html.ts";
import type { WebPage } from "../parts/send-page.ts";
import type { AboutView } from "../parts/view-types.ts";
import { curlCommand, operatorTokenHeader } from "../parts/words.ts";

/** Help: the platform's addresses and certificate authority, and the API. */
export const helpPage: WebPage = {
  navigation: { path: "/help/about", name: "Help" },
  addRoutes(scope, { operator, sendPage }) {
    const section = "/help/about";
    scope.get("/help/about", async (_request, reply) =>
      sendPage(reply, { title: "Help", section, content: aboutContent(operator.about) }),
    );
    scope.get("/help/api", async (_request, reply) =>
      sendPage(reply, { title: "API", section, content: apiContent(operator.about) }),
    );
    scope.get("/help/licences.txt", async (_request, reply) =>
      reply.type("text/plain; charset=utf-8").send(await platformLicences()),
    );
    scope.get("/help/certificate-authority.pem", async (_request, reply) =>
      reply.type("application/x-pem-file").send(operator.about.certificateAuthority.certificate),
    );
  },
};

const uses: Record<(typeof serviceNames)[number], string> = {
  enrolment: "activation, configuration",
  health: "heartbeats, health figures",
  updates: "signatures, software",
  jobs: "scan jobs",
  results: "scan results",
};

function aboutContent(about: AboutView): Html {
  const { directory, certificateAuthority } = about;
  return html`<div class="title"><h1>Help: about this platform</h1></div>
<section><h2>Service addresses</h2><p>Appliances call these addresses themselves, over HTTPS.
Nothing calls the appliances.</p>
<table><thead><tr><th scope="col">Service</th><th scope="col">Address</th><th scope="col">For</th></tr></thead><tbody>
<tr>${cell("Service", "platform")}${cell("Address", about.platformUrl, "code")}${cell(
    "For",
    "typed at the console",
  )}</tr> ${serviceNames.map(
    (name) =>
      html`<tr>${cell("Service", name)}${cell(
        "Address",
        directory.services[name],
        "code",
      )}${cell("For", uses[name])}</tr>`,
  )}</tbody></table></section>
<section><h2>IP ranges</h2>${
    directory.ipRanges.length === 0
      ? html`<p>None were given. Start the platform with <span class="code">--ip-range</span> to
show here what firewalls must allow that go by addresses.</p>`
      : html`<ul class="plain-list">${directory.ipRanges.map((range) => html`<li class="code">${range}</li>`)}</ul>`
  }</section>
<section><h2>Firewall rule</h2><p>Ready to be sent to the firewall
administrator:</p>${copyable("firewall-rules", firewallRules(about))}</section>
<section><h2>Certificate authority</h2><p>This platform signs its certificate itself. Appliances
learn the authority when they enrol; in a browser, compare the fingerprint (SHA-256)
once.</p>${copyable("fingerprint", certificateAuthority.fingerprint)}
<p><a class="button" href="/help/certificate-authority.pem" download>Download the certificate</a></p></section>
<section><h2>Versions and notices</h2>${facts([
    ["Outrider platform", about.versions.platform],
    ["Node.js", about.versions.node],
  ])}<ul class="plain-list">${about.notices.map((notice) => html`<li>${notice}</li>`)}</ul>
<p><a href="/help/licences.txt">Licences of this platform and of all that it runs</a>. Each appliance
prints its own by <span class="code">outrider licences</span>.</p>
<p>Programs use the <a href="/help/api">API</a> with the operator's token; it can do everything
that this page does.</p></section>`;
}

function apiContent(about: AboutView): Html {
  return html`<p class="path"><a href="/help/about">Help</a></p><h1>The API</h1>
<p>JSON over HTTPS, with the operator's token as bearer token. Its description (OpenAPI) is at
<span class="code">${about.platformUrl}/api/openapi.json</span>.</p>
${copyable(
  "api-example",
  curlCommand([
    "--cacert certificate-authority.pem",
    operatorTokenHeader,
    `${about.platformUrl}/api/appliances`,
  ]),
)}`;
}
