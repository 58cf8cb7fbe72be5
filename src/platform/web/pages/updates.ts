import { errorCodes, isErrorCode } from "../../../base/messages/error-codes.ts";
import type { ContentItem } from "../../../protocol/schemas/updates.ts";
import { actionForm, chip, copyable, empty, field, moment, table } from "../parts/components.ts";
import { type Content, type Html, html } from "../parts/html.ts";
import type {
  ApplianceView,
  ContentReply,
  ContentView,
  DeedView,
  KeyView,
} from "../parts/view-types.ts";
import { bytes, count } from "../parts/words.ts";
import { journalSection } from "./journal.ts";
import { keySection, replacedNotice } from "./keys.ts";

export interface UpdatesPage {
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

export const kindNames: Record<ContentView["kind"], string> = {
  signatures: "Signature pack",
  software: "System software",
};

export function updatesPage({
  content: { content, keys },
  appliances,
  deeds,
  replaced,
  platformUrl,
  formToken,
  nowMs,
}: UpdatesPage): Html {
  return html`<div class="title"><h1>Updates</h1></div>
${replaced === null ? "" : replacedNotice(replaced)}
<p>What is published here is signed at once; each appliance hears of it with its next call, fetches the newest of each name, and takes only what was signed.</p>
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
          html`<strong>${name}</strong> <span class="tag">${kindNames[kind]}</span>${summary === "" ? "" : html`<br><span class="quiet">${summary}</span>`}`,
      },
      {
        title: "Version",
        cell: ({ version, newest }) =>
          html`<span class="code">${version}</span> ${newest ? chip("good", "Newest") : chip("over", "The one before")}`,
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
  return html`${words.join(", ")}${refusing > 0 ? html`, <strong class="bad-text">${count(refusing, "refuses", "refuse")} it</strong>` : ""}`;
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
        html`<input id="${name}" name="${name}" maxlength="${length}" autocomplete="off" aria-describedby="${describedBy}">`,
    );
  const example = `curl --cacert certificate-authority.pem \\\n  -H "Authorization: Bearer $(cat DATA-FOLDER/operator-token)" \\\n  -H "Content-Type: application/octet-stream" --data-binary @FILE \\\n  "${platformUrl}/api/content?kind=signatures&name=core&version=2026.11.22"`;
  return html`<section><h2>Publish</h2>
<form id="publish" class="card" novalidate data-publish="/updates/publish"><input type="hidden" name="form" value="${formToken}">
${field({ name: "kind", label: "Kind" }, () => html`<select id="kind" name="kind">${Object.entries(kindNames).map(([value, name]) => html`<option value="${value}">${name}</option>`)}</select>`)}
${text("name", "Name", "Small letters, digits, dots and dashes, for example core. Appliances fetch the newest of each name.", 63)}
${text("version", "Version", "For example 2026.11.22. A version never changes once it is published.", 63)}
${text("summary", "Summary", "One line about what is in it. May be empty.", 200)}
${field({ name: "file", label: "File", hint: "At most 2 GiB." }, ({ describedBy }) => html`<input id="file" name="file" type="file" aria-describedby="${describedBy}">`)}
<p class="problem" id="publish-problem" role="alert" hidden></p>
<p id="publish-progress" role="status" hidden><progress max="100" value="0" aria-label="Sent"></progress> <span></span></p>
<div class="buttons"><button class="primary">Publish</button></div></form>
<p>Or by a program:</p>${copyable("publish-example", example)}</section>`;
}

export function withdrawPage(
  { kind, name, version }: Pick<ContentView, "kind" | "name" | "version">,
  formToken: string,
): Html {
  return html`<p class="path"><a href="/updates">Updates</a></p>
<h1>Take back ${name} ${version}?</h1>
<p>It leaves the signed list and is deleted here. Appliances drop it with their next look at the list and go back to the version before, where there is one. The same version can be published again.</p>
${actionForm(`/updates/${kind}/${name}/${version}/withdraw`, formToken, html`<div class="buttons"><button class="danger">Take it back</button><a class="button" href="/updates">Leave it</a></div>`)}`;
}

const itemChips: Record<ContentItem["state"], [string, string]> = {
  known: ["waiting", "Known, not fetched yet"],
  fetching: ["busy", "Being fetched"],
  fetched: ["good", "Fetched"],
  refused: ["bad", "Refused"],
};

/** What one appliance knows, has and refuses, and why. */
export function applianceUpdates({ heartbeat }: ApplianceView, nowMs: number): Html {
  const updates = heartbeat?.updates;
  if (!updates) return html`<p class="quiet">Not known yet.</p>`;
  const { items, checkedAt, code } = updates;
  const check =
    code !== null && isErrorCode(code)
      ? html`<p class="notice bad">${errorCodes[code].what} ${errorCodes[code].why}</p>`
      : "";
  return html`${check}<p>The signed list was last read whole: ${moment(checkedAt, nowMs)}</p>
${
  items.length === 0
    ? html`<p class="quiet">It names nothing that this appliance could fetch.</p>`
    : table<ContentItem>(
        "appliance-updates-rows",
        "Updates on this appliance",
        [
          {
            title: "What",
            cell: ({ kind, name }) =>
              html`<strong>${name}</strong> <span class="tag">${kindNames[kind]}</span>`,
          },
          { title: "Version", cell: ({ version }) => html`<span class="code">${version}</span>` },
          { title: "State", cell: ({ state }) => chip(...itemChips[state]) },
          {
            title: "Here",
            number: true,
            cell: ({ received, length }) =>
              received === length ? bytes(length) : `${bytes(received)} of ${bytes(length)}`,
          },
          {
            title: "Why",
            cell: ({ code: why, detail }) =>
              why === undefined
                ? ""
                : html`${isErrorCode(why) ? errorCodes[why].what : why} <span class="quiet">${detail ?? ""}</span>`,
          },
        ],
        items,
        ({ kind, name, version }) => `${kind}-${name}-${version}`,
      )
}`;
}
