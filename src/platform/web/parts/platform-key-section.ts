import type {
  NamedAppliance,
  PlatformKeysReply,
  PlatformKeyView,
} from "../../operator/key-schemas.ts";
import { exactTime, moment, table } from "./components.ts";
import { type Content, type Html, html } from "./html.ts";

const uses: Record<PlatformKeyView["kind"], [string, string]> = {
  reply: ["Reply key", "signs what this platform answers to appliances"],
  authority: ["Certificate authority", "signs the certificate of this server"],
};

/** The keys by which appliances know this platform, and who knows which. */
export function platformKeySection(
  { keys, appliances, lost }: PlatformKeysReply,
  nowMs: number,
): Html {
  return html`<section><h2>Keys of this platform</h2>
<p>Appliances know this platform by them. They are replaced by themselves before they are old: the next one
is announced, and used when all appliances know it. On this machine <span class="code">npm run platform --
keys roll</span> does it now, and after a theft at once.</p>
${
  lost.length === 0
    ? ""
    : html`<div class="notice bad" role="alert"><p>A stolen key was replaced. These appliances cannot
recognise this platform any more. Make a code for each, under Enrol anew, and type it at its console:</p>
${applianceList(lost)}</div>`
}${table<PlatformKeyView>(
  "platform-key-rows",
  "Keys by which appliances know this platform",
  [
    {
      title: "Key",
      cell: ({ kind, id }) =>
        html`<strong>${uses[kind][0]}</strong><br><span class="quiet">${uses[kind][1]}</span><br><span
class="code" title="${id}">${id.length > 24 ? `${id.slice(0, 24)}…` : id}</span>`,
    },
    { title: "State", cell: (key) => state(key, nowMs) },
    { title: "Known to", cell: (key) => known(key, appliances) },
  ],
  keys,
  ({ kind, id }) => `${kind}-${id}`,
)}</section>`;
}

function state({ state: name, since, useBy }: PlatformKeyView, nowMs: number): Content {
  if (name === "used" || useBy === null) return html`in use since ${moment(since, nowMs)}`;
  return html`announced ${moment(since, nowMs)}<br>used when all know it, at the latest ${exactTime(useBy)}`;
}

function known({ known: count, unknown }: PlatformKeyView, appliances: number): Content {
  const all = `${count} of ${appliances} appliances`;
  if (unknown.length === 0) return all;
  return html`<details><summary>${all}</summary>${applianceList(unknown)}</details>`;
}

function applianceList(appliances: readonly NamedAppliance[]): Html {
  return html`<ul class="plain-list">${appliances.map(
    ({ id, name }) => html`<li><a href="/appliances/${id}">${name}</a></li>`,
  )}</ul>`;
}
