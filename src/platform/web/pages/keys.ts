import { asOutriderError, OutriderError } from "../../../base/messages/error.ts";
import type { RolePath } from "../../operator/schemas.ts";
import { actionForm, chip, exactTime, facts, moment, table } from "../parts/components.ts";
import { type Content, type Html, html } from "../parts/html.ts";
import type { Page } from "../parts/layout.ts";
import type { WebPage } from "../parts/send-page.ts";
import { formValue } from "../parts/session.ts";
import type { KeyView } from "../parts/view-types.ts";
import { happened } from "../parts/words.ts";

type Role = KeyView["role"];

/** Replacing a key that signs updates. */
export const keysPage: WebPage = {
  addRoutes(scope, { operator, clock, sendPage, formToken, actor }) {
    const { content } = operator;
    const path = "/updates/keys/:role/replace";
    const find = async (wanted: string): Promise<KeyView> => {
      const key = (await content.view()).keys.find(({ role }) => role === wanted);
      if (!key) throw new OutriderError("not-found");
      return key;
    };
    const page = (content: Html): Page => ({
      title: "Replace a key",
      section: "/updates",
      content,
    });

    scope.get<{ Params: RolePath }>(path, async (request, reply) => {
      const key = await find(request.params.role);
      return sendPage(reply, page(replaceContent(key, clock.nowMs(), formToken(request))));
    });
    scope.post<{ Params: RolePath }>(path, async (request, reply) => {
      const { role } = await find(request.params.role);
      try {
        await content.replaceKey(role, actor(request), formValue(request, "key"));
      } catch (thrown) {
        const error = asOutriderError(thrown);
        const { why, remedy } = error.description;
        return sendPage(
          reply,
          page(notReplacedContent(role, `${happened(error)} ${why} ${remedy}`)),
          422,
        );
      }
      return reply.redirect(`/updates?replaced=${role}`, 303);
    });
  },
};

const signs: Record<Role, string> = {
  root: "which keys count",
  targets: "what is published",
  snapshot: "which lists belong together",
  timestamp: "that nothing newer is held back",
};
const meansOfExpiry: Record<Role, string> = {
  root: "appliances trust no update any more, and take nothing new",
  targets: "appliances take nothing new",
  snapshot: "appliances take nothing new",
  timestamp: "appliances say that they are kept from news, and take nothing new",
};
/** The number of characters of a key id that are shown; the whole id is in the tooltip. */
const shownOfKey = 16;

export function keySection(keys: readonly KeyView[], nowMs: number): Html {
  return html`<section><h2>Keys</h2>
<p>They sign what is published. Root and targets may be kept in a safe place: without targets
nothing can be published, without root no key can be replaced, until they are back.</p>
<div id="update-keys" data-live>${table<KeyView>(
    "key-rows",
    "Keys that sign updates",
    [
      {
        title: "For",
        cell: ({ role }) =>
          html`<strong>${role}</strong><br><span class="quiet">signs ${signs[role]}</span>`,
      },
      {
        title: "Key",
        cell: ({ keyId }) =>
          html`<span class="code" title="${keyId}">${keyId.slice(0, shownOfKey)}…</span>`,
      },
      {
        title: "Private key",
        cell: ({ keyHere }) => (keyHere ? "on this platform" : html`<strong>not here</strong>`),
      },
      { title: "Version", number: true, cell: ({ version }) => version },
      { title: "Signature", cell: (key) => signature(key, nowMs) },
      { title: "", cell: (key) => replaceLink(key) },
    ],
    keys,
    ({ role }) => role,
  )}</div></section>`;
}

/** When the signature runs out, and whether the platform or the operator must renew it. */
function signature({ role, keyHere, expiresAt, renewsAt }: KeyView, nowMs: number): Content {
  const until = html`<br>${moment(expiresAt, nowMs)}<br>`;
  if (expiresAt <= nowMs)
    return html`${chip("bad", "Has run out")}${until}${
      keyHere ? "It is signed anew within the hour" : "Put the key back"
    }: until then ${meansOfExpiry[role]}.`;
  if (renewsAt <= nowMs && !keyHere)
    return html`${chip("warning", "Runs out")}${until}Put the key back before that: then ${meansOfExpiry[role]}.`;
  return html`${chip("good", "Good")}<br>runs out ${moment(expiresAt, nowMs)}<br><span
class="quiet">${keyHere ? "signed anew by itself from " : "the key is needed from "}</span>${exactTime(renewsAt)}`;
}

function replaceLink({ role, missing }: KeyView): Content {
  if (missing.length > 0)
    return html`<span class="quiet">Replacing it needs the ${words(missing)}.</span>`;
  return html`<a class="button small" href="/updates/keys/${role}/replace"
aria-label="Replace the ${role} key">Replace …</a>`;
}

const words = (roles: readonly Role[]) =>
  `${roles.join(" and ")} key${roles.length === 1 ? "" : "s"} put back`;

function replaceContent(key: KeyView, nowMs: number, formToken: string): Html {
  const { role, keyId, expiresAt, version } = key;
  return html`<p class="path"><a href="/updates">Updates</a></p>
<h1>Replace the ${role} key?</h1>
${facts([
  ["Key", html`<span class="code">${keyId}</span>`],
  ["Signs", signs[role]],
  ["Version", String(version)],
  ["Runs out", moment(expiresAt, nowMs)],
])}
<p>A new key is made on this platform, a new root names it${
    role === "root"
      ? ", signed by the old root key and by the new one"
      : ", and what the old one signed is signed anew"
  }. The old private key is deleted here. This cannot be taken back.</p>
<p>Appliances follow by themselves with their next look at the list, also those that are away now.
They need not be enrolled anew.</p>
${
  role === "root"
    ? html`<p class="notice warning">Copies of the old root key elsewhere still count for
appliances that have not seen the new root. If it was stolen, see to it that every appliance calls home soon.</p>`
    : ""
}${
  role === "root" || role === "targets"
    ? html`<p>If you keep this key in a safe place, move the new one there afterwards: it is a file
of <span class="code">content/keys</span> in the platform's data folder.</p>`
    : ""
}
${actionForm(
  `/updates/keys/${role}/replace`,
  formToken,
  html`<input type="hidden" name="key"
value="${keyId}"><div class="buttons"><button class="danger">Replace the ${role} key</button><a
class="button" href="/updates">Leave it</a></div>`,
)}`;
}

function notReplacedContent(role: Role, why: string): Html {
  return html`<p class="path"><a href="/updates">Updates</a></p>
<h1>The ${role} key was not replaced</h1>
<p class="notice bad" role="alert">${why}</p>
<div class="buttons"><a class="button" href="/updates">Back to the keys</a></div>`;
}

export function replacedNotice({ role, keyId }: KeyView): Html {
  return html`<p class="notice good" role="status">The ${role} key was replaced: <span
class="code">${keyId.slice(0, shownOfKey)}…</span> signs now. Appliances follow with
their next look at the list.</p>`;
}
