import type { Context } from "../../contract/contract.ts";
import type { Page } from "../../page/page.ts";
import { listKeys } from "../shared/list-keys.ts";
import { moreMenu } from "../shared/menu.ts";
import type { MoreState } from "./model.ts";

export function moreView({ selected }: MoreState, { words }: Context): Page {
  return {
    title: words.say("more.title"),
    blocks: [
      { kind: "gap" },
      {
        kind: "table",
        indent: 3,
        columns: [{}, {}, { grow: true }],
        selected,
        rows: moreMenu.map(({ label, about }, index) => [
          { text: String(index + 1), style: "key" },
          { text: words.say(label) },
          { text: words.say(about), style: "muted" },
        ]),
      },
    ],
    keys: listKeys({ words }, { key: "Enter", label: words.say("key.open") }),
  };
}
