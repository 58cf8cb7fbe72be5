import { asOutriderError } from "../../../base/messages/error.ts";
import { type ContentItem, longestTargetBytes } from "../../../protocol/schemas/updates.ts";
import { validators } from "../../../protocol/validators.ts";
import { chip, copyable, empty, field, moment, table } from "../parts/components.ts";
import { type Content, type Html, html } from "../parts/html.ts";
import { journalSection } from "../parts/journal-section.ts";
import type { WebPage } from "../parts/send-page.ts";
import type {
  ApplianceView,
  ContentReply,
  ContentView,
  DeedView,
  KeyView,
} from "../parts/view-types.ts";
import {
  bytes,
  contentKindNames,
  count,
  curlCommand,
  happened,
  operatorTokenHeader,
} from "../parts/words.ts";
import { keySection, replacedNotice } from "./keys.ts";

const deedsShown = 20;

/** The published content, the form that publishes, the keys and the journal. */
export const updatesPage: WebPage = {
  navigation: { path: "/updates", name: "Updates" },
  addRoutes(scope, { operator, clock, sendPage, formToken, actor }) {
    const { content, fleet, about, journal } = operator;

    scope.get<{ Querystring: { replaced?: string } }>("/updates", async (request, reply) => {
      const view = await content.view();
      const page = updatesContent({
        content: view,
        deeds: await journal.list({ limit: deedsShown }),
        replaced: view.keys.find(({ role }) => role === request.query.replaced) ?? null,
        appliances: await fleet.list(),
        platformUrl: about.platformUrl,
        formToken: formToken(request),
        nowMs: clock.nowMs(),
      });
      return sendPage(reply, { title: "Updates", section: "/updates", content: page });
    });

    // The file arrives as a stream, because a system image does not fit into memory. The form's
    // token is a field of the request.
    scope.addContentTypeParser(
      "application/octet-stream",
      { bodyLimit: longestTargetBytes },
      (_request, payload, done) => done(null, payload),
    );
    scope.post<{ Querystring: Record<string, string> }>(
      "/updates/publish",
      { bodyLimit: longestTargetBytes },
      async (request, reply) => {
        const refuse = (problem: string) => reply.code(422).send({ problem });
        const { kind = "", name = "", version = "", summary = "" } = request.query;
        const wanted = { kind, name, version, summary };
        const facts = validators.TargetFacts({ ...wanted, publishedAt: 0, sequence: 1 });
        if (!facts.valid) {
          const wrong = facts.violations[0]?.path.replace("/", "") ?? "";
          return refuse(`${fieldNames.get(wrong) ?? "A field"} is not as its hint says.`);
        }
        if (!isStream(request.body)) return refuse("There is no file.");
        try {
          const published = await content.publish(
            { ...wanted, kind: facts.value.kind },
            request.body,
            actor(request),
          );
          return await reply.code(201).send({ sha256: published.sha256 });
        } catch (thrown) {
          const error = asOutriderError(thrown);
          return refuse(`${happened(error)} ${error.description.remedy}`);
        }
      },
    );
  },
};

const fieldNames = new Map([
  ["kind", "The kind"],
  ["name", "The name"],
  ["version", "The version"],
  ["summary", "The summary"],
]);

function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}

interface UpdatesContent {
  content: ContentReply;
  appliances: readonly ApplianceView[];
  /** The newest ones. */
  deeds: readonly DeedView[];
  /** The role whose key was replaced just now. */
  replaced: KeyView | null;
  platformUrl: string;
  formToken: string;
  nowMs: number;
}

function updatesContent({
  content: { content, keys },
  appliances,
  deeds,
  replaced,
  platformUrl,
  formToken,
  nowMs,
}: UpdatesContent): Html {
  return html`<div class="title"><h1>Updates</h1></div>
${replaced === null ? "" : replacedNotice(replaced)}
<p>What is published here is signed at once; each appliance hears of it with its next call, fetches
the newest of each name, and takes only what was signed.</p>
<div id="updates" data-live="${content.length === 0 ? "empty" : "table"}">${
    content.length === 0
      ? empty(
          "Nothing is published yet",
          html`<p>Publish a signature pack or system software below.</p>`,
        )
      : contentTable(content, appliances, nowMs)
  }</div>
${publishForm(platformUrl, formToken)}
${keySection(keys, nowMs)}
${journalSection(deeds, nowMs)}`;
}

function contentTable(
  content: readonly ContentView[],
  appliances: readonly ApplianceView[],
  nowMs: number,
): Html {
  return table<ContentView>(
    "content-rows",
    "Published updates, newest first",
    [
      {
        title: "What",
        cell: ({ kind, name, summary }) =>
          html`<strong>${name}</strong> <span
class="tag">${contentKindNames[kind]}</span>${summary === "" ? "" : html`<br><span class="quiet">${summary}</span>`}`,
      },
      {
        title: "Version",
        cell: ({ version, newest }) =>
          html`<span class="code">${version}</span>
${newest ? chip("good", "Newest") : chip("over", "The one before")}`,
      },
      { title: "Size", number: true, cell: ({ length }) => bytes(length) },
      { title: "Published", cell: ({ publishedAt }) => moment(publishedAt, nowMs) },
      { title: "Appliances", cell: (each) => spread(each, appliances) },
      {
        title: "",
        cell: ({ kind, name, version }) =>
          html`<a class="button small" href="/updates/${kind}/${name}/${version}/withdraw">Take back …</a>`,
      },
    ],
    content,
    ({ sequence }) => String(sequence),
  );
}

/** How far one version has come in the fleet. */
function spread(wanted: ContentView, appliances: readonly ApplianceView[]): Content {
  const items = appliances
    .filter(({ state }) => state !== "revoked")
    .flatMap(
      ({ heartbeat }) =>
        heartbeat?.updates?.items.filter((item) => sameContent(item, wanted)) ?? [],
    );
  const having = items.filter(({ state }) => state === "fetched").length;
  const refusing = items.filter(({ state }) => state === "refused").length;
  const fetching = items.length - having - refusing;
  const words = [
    `${having} of ${appliances.filter(({ state }) => state !== "revoked").length} have it`,
  ];
  if (fetching > 0) words.push(`${count(fetching, "fetches", "fetch")} it`);
  return html`${words.join(", ")}${
    refusing > 0
      ? html`, <strong class="bad-text">${count(refusing, "refuses", "refuse")} it</strong>`
      : ""
  }`;
}

function sameContent(
  a: Pick<ContentItem, "kind" | "name" | "version">,
  b: Pick<ContentItem, "kind" | "name" | "version">,
): boolean {
  return a.kind === b.kind && a.name === b.name && a.version === b.version;
}

function publishForm(platformUrl: string, formToken: string): Html {
  const text = (name: string, label: string, hint: string, length: number) =>
    field(
      { name, label, hint },
      ({ describedBy }) =>
        html`<input id="${name}" name="${name}" maxlength="${length}" autocomplete="off"
aria-describedby="${describedBy}">`,
    );
  const example = curlCommand([
    "--cacert certificate-authority.pem",
    operatorTokenHeader,
    '-H "Content-Type: application/octet-stream" --data-binary @FILE',
    `"${platformUrl}/api/content?kind=signatures&name=core&version=2026.11.22"`,
  ]);
  return html`<section><h2>Publish</h2>
<form id="publish" class="card" novalidate data-publish="/updates/publish"><input type="hidden"
name="form" value="${formToken}"> ${field(
    { name: "kind", label: "Kind" },
    () =>
      html`<select id="kind" name="kind">${Object.entries(contentKindNames).map(
        ([value, name]) => html`<option value="${value}">${name}</option>`,
      )}</select>`,
  )} ${text(
    "name",
    "Name",
    "Small letters, digits, dots and dashes, for example core. Appliances fetch the newest of each name.",
    63,
  )}
${text("version", "Version", "For example 2026.11.22. A version never changes once it is published.", 63)}
${text("summary", "Summary", "One line about what is in it. May be empty.", 200)} ${field(
    { name: "file", label: "File", hint: "At most 2 GiB." },
    ({ describedBy }) => html`<input
id="file" name="file" type="file" aria-describedby="${describedBy}">`,
  )} <p class="problem" id="publish-problem" role="alert" hidden></p>
<p id="publish-progress" role="status" hidden><progress max="100" value="0"
aria-label="Sent"></progress> <span></span></p>
<div class="buttons"><button class="primary">Publish</button></div></form>
<p>Or by a program:</p>${copyable("publish-example", example)}</section>`;
}
