import type { Context } from "../../app/contract.ts";
import type { Block, Cell, Page } from "../../page/page.ts";
import type { Words } from "../../words/words.ts";
import { listWindow } from "../choosing.ts";
import { listKeys } from "../list-keys.ts";
import { type SupportState, type VolumeFacts, writableVolumes } from "./model.ts";

/** Rows around the list. */
const otherRows = 14;

export function supportView(state: SupportState, context: Context): Page {
  const { words } = context;
  const volumes = writableVolumes(state);
  const { top, shown } = listWindow(state.selected, volumes.length, context.rows, otherRows);
  const blocks: Block[] = [
    { kind: "text", text: words.say("support.intro"), style: "muted" },
    { kind: "text", text: words.say("support.upload"), style: "muted" },
    { kind: "gap" },
  ];
  if (state.volumes === null) blocks.push({ kind: "text", text: words.say("volumes.waiting") });
  else if (volumes.length === 0) blocks.push({ kind: "text", text: words.say("support.noVolume"), style: "warning" });
  else
    blocks.push({
      kind: "table",
      indent: 3,
      columns: volumeColumns(words),
      selected: state.selected - top,
      rows: volumes.slice(top, top + shown).map((volume) => volumeCells(volume, words)),
    });
  if (state.writing) blocks.push({ kind: "gap" }, { kind: "text", text: words.say("support.writing"), style: "strong" });
  if (state.written)
    blocks.push(
      { kind: "gap" },
      { kind: "text", text: words.say("support.written", { file: state.written.file, kilobytes: Math.ceil(state.written.bytes / 1024) }), style: "good" },
    );
  return {
    title: words.say("support.title"),
    blocks,
    keys: listKeys(context, { key: "F2", label: words.say("key.write") }, { key: "F5", label: words.say("key.lookAgain") }),
  };
}

export function volumeColumns(words: Words) {
  return [
    { header: words.say("volumes.label"), grow: true },
    { header: words.say("volumes.device") },
    { header: words.say("volumes.size"), align: "right" as const },
  ];
}

export function volumeCells({ id, label, fileSystem, sizeBytes }: VolumeFacts, words: Words): Cell[] {
  return [
    { text: label === "" ? words.say("volumes.noLabel") : label },
    { text: `${id} ${fileSystem}`, style: "muted" },
    { text: words.say("updates.megabytes", { count: Math.ceil(sizeBytes / 1e6) }) },
  ];
}
