import { isDeepStrictEqual } from "node:util";
import { Document, parseDocument } from "yaml";
import { commentsOf, missingFrom, putIntoDocument, withoutAliases } from "./edit-yaml.ts";
import type { Settings } from "./model/schema.ts";
import { parseSettings } from "./parse.ts";

const heading = ` The settings of this Outrider appliance. They are changed at the console or by \`outrider network set\`;
 after a change by hand, restart the appliance. Comments stay when settings are changed elsewhere.`;

/**
 * The text of a settings file. When there is one already, only the values that differ are changed
 * in it, so that comments and the order of lines stay as the administrator left them. A comment
 * whose place is gone comes at the end at least.
 */
export function renderSettings(settings: Settings, present: string | null): string {
  // A text that is no settings cannot be edited into some; it stays in the history for whoever
  // wants to look.
  if (present === null || !parseSettings(present).ok) return freshText(settings);
  const texts = [
    () => editText(present, settings),
    () => withComments(freshText(settings), present),
  ];
  const holds = (text: string) => {
    const again = parseSettings(text);
    return again.ok && isDeepStrictEqual(again.settings, settings);
  };
  for (const make of texts) {
    const text = make();
    if (holds(text)) return text;
  }
  return freshText(settings);
}

function freshText(settings: Settings): string {
  const document = new Document(settings, withoutAliases);
  document.commentBefore = heading;
  return document.toString({ lineWidth: 0 });
}

function editText(present: string, settings: Settings): string {
  const document = parseDocument(present);
  putIntoDocument(document, settings);
  return withComments(document.toString({ lineWidth: 0 }), present);
}

/** Adds those comments of `present` that the text has lost. */
function withComments(text: string, present: string): string {
  const lost = missingFrom(commentsOf(text), commentsOf(present));
  return lost.length === 0 ? text : `${text}${lost.join("\n")}\n`;
}
