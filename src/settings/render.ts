import { isDeepStrictEqual } from "node:util";
import { Document, parseDocument } from "yaml";
import { commentsOf, missingFrom, putIntoDocument, withoutAliases } from "./edit-yaml.ts";
import type { Settings } from "./model/schema.ts";
import { parseSettings } from "./parse.ts";

const heading = ` The settings of this Outrider appliance. They are changed at the console or by \`outrider network set\`;
 after a change by hand, restart the appliance. Comments stay when settings are changed elsewhere.`;

/**
 * The text of a settings file. In a present text only the values that differ are changed, so that
 * the administrator's comments and order of lines stay. A comment whose place is gone moves to the
 * end.
 */
export function renderSettings(settings: Settings, present: string | null): string {
  // A text that cannot be read cannot be edited either; the history keeps it.
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

/** Adds the comments of `present` that the text has lost. */
function withComments(text: string, present: string): string {
  const lost = missingFrom(commentsOf(text), commentsOf(present));
  return lost.length === 0 ? text : `${text}${lost.join("\n")}\n`;
}
