import { errorCodes, isErrorCode } from "../../../base/messages/error-codes.ts";
import { chip, moment, table } from "./components.ts";
import { type Content, type Html, html } from "./html.ts";
import type { DeedView } from "./view-types.ts";

const deedNames: Record<DeedView["what"], string> = {
  "content-published": "Published",
  "content-withdrawn": "Taken back",
  "content-key-replaced": "Key replaced",
  "platform-key-rolled": "Next key of the platform announced",
  "platform-key-replaced": "Stolen key of the platform replaced",
  unknown: "Something that this version does not know",
};

/** The newest entries of the journal: operators' acts on updates and their keys. */
export function journalSection(deeds: readonly DeedView[], nowMs: number): Html {
  const shown =
    deeds.length === 0
      ? html`<p class="quiet">Nothing was done yet.</p>`
      : table<DeedView>(
          "journal-rows",
          "What was done, newest first",
          [
            { title: "When", cell: ({ at }) => moment(at, nowMs) },
            {
              title: "What",
              cell: ({ what, subject, detail }) =>
                html`<strong>${deedNames[what]}</strong>: ${subject}<br><span class="quiet code">${detail}</span>`,
            },
            {
              title: "By",
              cell: ({ by, from }) => html`${by}<br><span class="quiet">from ${from}</span>`,
            },
            { title: "Outcome", cell: outcome },
          ],
          deeds,
          ({ number }) => String(number),
        );
  return html`<section><h2>Journal</h2><p>What was done here and by whom: all of it is at <span
class="code">/api/journal</span>.</p><div id="update-journal"
data-live="${deeds.length === 0 ? "empty" : "table"}">${shown}</div></section>`;
}

function outcome({ outcome: word }: DeedView): Content {
  if (word === "done") return chip("good", "Done");
  if (word === null)
    return html`${chip("warning", "Not seen to its end")}<br><span class="quiet">It is being done,
or the platform ended before it was.</span>`;
  return html`${chip("bad", "Failed")}<br><span
class="quiet">${isErrorCode(word) ? errorCodes[word].what : word}</span>`;
}
