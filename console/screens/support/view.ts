import type { Context } from "../../contract/contract.ts";
import { ago } from "../../contract/times.ts";
import type { Block, Cell, Page } from "../../page/page.ts";
import type { Words } from "../../words/words.ts";
import { listWindow } from "../shared/choosing.ts";
import { listKeys } from "../shared/list-keys.ts";
import { type SupportState, type VolumeFacts, writableVolumes } from "./model.ts";

/** Rows around the list. */
const otherRows = 18;

export function supportView(state: SupportState, context: Context): Page {
  const { words } = context;
  const volumes = writableVolumes(state);
  const { top, shown } = listWindow(state.selected, volumes.length, context.rows, otherRows);
  const blocks: Block[] = [
    { kind: "text", text: words.say("support.intro"), style: "muted" },
    { kind: "gap" },
    { kind: "heading", text: words.say("support.toPlatform") },
    platformBlock(context),
    { kind: "gap" },
    { kind: "heading", text: words.say("support.toStick") },
  ];
  if (state.volumes === null) blocks.push({ kind: "text", text: words.say("volumes.waiting") });
  else if (volumes.length === 0)
    blocks.push({ kind: "text", text: words.say("support.noVolume"), style: "warning" });
  else
    blocks.push({
      kind: "table",
      indent: 3,
      columns: volumeColumns(words),
      selected: state.selected - top,
      rows: volumes.slice(top, top + shown).map((volume) => volumeCells(volume, words)),
    });
  if (state.writing)
    blocks.push(
      { kind: "gap" },
      { kind: "text", text: words.say("support.writing"), style: "strong" },
    );
  if (state.written)
    blocks.push(
      { kind: "gap" },
      {
        kind: "text",
        text: words.say("support.written", {
          file: state.written.file,
          kilobytes: Math.ceil(state.written.bytes / 1024),
        }),
        style: "good",
      },
    );
  return {
    title: words.say("support.title"),
    blocks,
    keys: listKeys(
      context,
      { key: "F2", label: words.say("key.write") },
      { key: "F4", label: words.say("key.send") },
      { key: "F5", label: words.say("key.lookAgain") },
    ),
  };
}

/** The state of the bundle for the platform, as the agent reports it. */
function platformBlock({ words, status, nowMs }: Context): Block {
  const agent = status?.agent ?? null;
  if (agent === null || agent.applianceId === null)
    return { kind: "text", text: words.say("support.notEnrolled"), style: "muted" };
  const { bundle } = agent;
  switch (bundle?.state) {
    case undefined:
      return { kind: "text", text: words.say("support.sendHint") };
    case "sending":
      return { kind: "text", text: words.say("support.sending"), style: "strong" };
    case "sent":
      return {
        kind: "text",
        text: words.say("support.sent", { ago: ago(bundle?.at ?? 0, nowMs, words) }),
        style: "good",
      };
    case "failed": {
      const { what } = words.error(bundle?.failure?.code ?? "internal-error");
      return {
        kind: "text",
        label: { text: "!", style: "bad" },
        text: words.say("support.failed", { what }),
        style: "bad",
      };
    }
  }
}

export function volumeColumns(words: Words) {
  return [
    { header: words.say("volumes.label"), grow: true },
    { header: words.say("volumes.device") },
    { header: words.say("volumes.size"), align: "right" as const },
  ];
}

export function volumeCells(
  { id, label, fileSystem, sizeBytes }: VolumeFacts,
  words: Words,
): Cell[] {
  return [
    { text: label === "" ? words.say("volumes.noLabel") : label },
    { text: `${id} ${fileSystem}`, style: "muted" },
    { text: words.say("updates.megabytes", { count: Math.ceil(sizeBytes / 1e6) }) },
  ];
}
