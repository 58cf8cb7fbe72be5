import { errorCodes, isErrorCode } from "../../../base/messages/error-codes.ts";
import type { ContentItem } from "../../../protocol/schemas/updates.ts";
import { chip, moment, table } from "./components.ts";
import { type Html, html } from "./html.ts";
import type { ApplianceView } from "./view-types.ts";
import { bytes, contentKindNames } from "./words.ts";

const itemChips: Record<ContentItem["state"], [string, string]> = {
  known: ["waiting", "Known, not fetched yet"],
  fetching: ["busy", "Being fetched"],
  fetched: ["good", "Fetched"],
  refused: ["bad", "Refused"],
};

/** The updates that one appliance knows, has or refuses, and why. */
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
              html`<strong>${name}</strong> <span class="tag">${contentKindNames[kind]}</span>`,
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
