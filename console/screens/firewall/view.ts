import { firewallNeeds } from "../../../src/firewall-request/needs.ts";
import type { Context } from "../../contract/contract.ts";
import { lengthOf, wrap } from "../../frame/frame.ts";
import type { Page } from "../../page/page.ts";
import type { FirewallState } from "./model.ts";

const margins = 4;

export function firewallView({ ledger }: FirewallState, context: Context): Page {
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
      { key: "F5", label: words.say("key.lookAgain") },
      { key: "F1", label: words.say("key.help") },
      { key: "Esc", label: words.say("key.back") },
      { key: "F10", label: words.say("key.menu") },
    ],
  };
}
