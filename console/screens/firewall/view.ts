import { firewallNeeds } from "../../../src/firewall-request/needs.ts";
import type { Context } from "../../contract/contract.ts";
import { lengthOf, wrap } from "../../frame/frame.ts";
import type { Page } from "../../page/page.ts";
import { listKeys } from "../shared/list-keys.ts";
import { volumeCells, volumeColumns } from "../support/view.ts";
import type { FirewallState } from "./model.ts";

const margins = 4;

export function firewallView(state: FirewallState, context: Context): Page {
  return state.choosing === null ? textPage(state, context) : volumesPage(state.choosing, context);
}

/** Several sticks are connected. */
function volumesPage(
  { volumes, selected }: NonNullable<FirewallState["choosing"]>,
  context: Context,
): Page {
  const { words } = context;
  return {
    title: words.say("firewall.title"),
    blocks: [
      { kind: "text", text: words.say("firewall.which"), style: "strong" },
      { kind: "gap" },
      {
        kind: "table",
        indent: 3,
        columns: volumeColumns(words),
        selected,
        rows: volumes.map((volume) => volumeCells(volume, words)),
      },
    ],
    keys: listKeys(context, { key: "F2", label: words.say("key.write") }),
  };
}

function textPage({ ledger }: FirewallState, context: Context): Page {
  const { words, status, columns } = context;
  const lines = status === null ? [] : words.firewall(firewallNeeds(status, ledger));
  return {
    title: words.say("firewall.title"),
    blocks: [
      { kind: "text", text: words.say("firewall.intro"), style: "muted" },
      { kind: "gap" },
      {
        kind: "verbatim",
        lines: lines.flatMap((line) =>
          lengthOf(line) > columns - margins ? wrap(line, columns - margins) : [line],
        ),
      },
    ],
    keys: [
      { key: words.say("key.arrows"), label: words.say("key.scroll") },
      { key: "F2", label: words.say("firewall.toStick") },
      { key: "F4", label: words.say("firewall.toPlatform") },
      { key: "F1", label: words.say("key.help") },
      { key: "Esc", label: words.say("key.back") },
      { key: "F5", label: words.say("key.lookAgain") },
      { key: "F10", label: words.say("key.menu") },
    ],
  };
}
