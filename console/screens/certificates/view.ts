import { rootCertificates } from "node:tls";
import type { Context } from "../../contract/contract.ts";
import type { Block, KeyHint, Page, PastedText } from "../../page/page.ts";
import type { Words } from "../../words/words.ts";
import { listKeys } from "../shared/list-keys.ts";
import { volumeCells, volumeColumns } from "../support/view.ts";
import type { Adding, CertificatesState, Pasting } from "./model.ts";
import { type CertificateFacts, certificateFacts, certificatesIn, pemLines } from "./pem.ts";

const pem: PastedText = {
  first: /^-----BEGIN CERTIFICATE-----/,
  last: /-----END CERTIFICATE-----$/,
  before: "f3",
  after: "f2",
};

export function certificatesView(state: CertificatesState, context: Context): Page {
  const { words } = context;
  const { adding } = state;
  if (adding !== null)
    return {
      title: words.say("certificates.title"),
      blocks: addingBlocks(adding, context),
      ...(adding.from === "paste"
        ? { keys: pasteKeys(context), pasted: { ...pem, before: "ctrl-u" } }
        : { keys: listKeys(context, enterKey(adding, words)) }),
    };
  const chosen = state.certificates[state.selected];
  const facts = chosen === undefined ? null : certificateFacts(chosen);
  const blocks: Block[] = [
    { kind: "text", text: words.say("certificates.intro"), style: "muted" },
    { kind: "gap" },
  ];
  if (state.certificates.length === 0)
    blocks.push({ kind: "text", text: words.say("certificates.none") });
  else blocks.push(tableBlock(state.certificates, state.selected, context));
  if (facts) blocks.push({ kind: "gap" }, factsBlock(facts, context));
  blocks.push(
    { kind: "gap" },
    {
      kind: "text",
      text: words.say("certificates.others", { count: rootCertificates.length }),
      style: "muted",
    },
  );
  return {
    title: words.say("certificates.title"),
    blocks,
    pasted: pem,
    keys: [
      { key: "F2", label: words.say("key.review") },
      { key: "F3", label: words.say("key.paste") },
      { key: "F4", label: words.say("key.load") },
      ...(state.certificates.length > 0 ? [{ key: "F8", label: words.say("key.remove") }] : []),
      { key: "F1", label: words.say("key.help") },
      { key: "Esc", label: words.say("key.back") },
    ],
  };
}

function enterKey({ from }: Adding, words: Words): KeyHint {
  return from === "way"
    ? { key: "Enter", label: words.say("key.trust"), acts: true }
    : { key: "Enter", label: words.say("key.open") };
}

function tableBlock(certificates: readonly string[], selected: number, { words }: Context): Block {
  return {
    kind: "table",
    indent: 3,
    columns: [
      { header: words.say("certificates.subject"), grow: true },
      { header: words.say("certificates.until") },
    ],
    selected,
    rows: certificates.map((each) => {
      const known = certificateFacts(each);
      return [
        { text: known?.subject ?? words.say("certificates.unreadable") },
        { text: known?.validTo ?? "", style: "muted" },
      ];
    }),
  };
}

function factsBlock(facts: CertificateFacts, { words }: Context): Block {
  return {
    kind: "facts",
    facts: [
      { label: words.say("certificates.subject"), value: { text: facts.subject, style: "strong" } },
      { label: words.say("certificates.issuer"), value: { text: facts.issuer } },
      { label: words.say("certificates.until"), value: { text: facts.validTo } },
      {
        label: words.say("certificates.fingerprint"),
        value: { text: facts.fingerprint.replaceAll(":", " "), style: "muted" },
      },
    ],
  };
}

function pasteKeys({ words }: Context): KeyHint[] {
  return [
    { key: "F2", label: words.say("key.take") },
    { key: "Ctrl-U", label: words.say("key.clear") },
    { key: "F1", label: words.say("key.help") },
    { key: "Esc", label: words.say("key.back") },
  ];
}

const lastLines = 8;

function pasteIntro({ added }: Pasting, words: Words): string {
  return added === 0
    ? words.say("certificates.pasteIntro")
    : words.say("certificates.pasteNext", { added });
}

function addingBlocks(adding: Adding, context: Context): Block[] {
  const { words, columns } = context;
  switch (adding.from) {
    case "way": {
      const chosen = adding.seen[adding.selected];
      const facts = chosen === undefined ? null : certificateFacts(chosen);
      return [
        { kind: "text", text: words.say("certificates.seenIntro"), style: "strong" },
        { kind: "gap" },
        tableBlock(adding.seen, adding.selected, context),
        { kind: "gap" },
        ...(facts === null ? [] : [factsBlock(facts, context)]),
        { kind: "gap" },
        { kind: "text", text: words.say("certificates.seenCompare"), style: "warning" },
      ];
    }
    case "paste": {
      const lines = pemLines(adding.text).map((line) => line.slice(0, columns - 6));
      return [
        { kind: "text", text: pasteIntro(adding, words), style: "strong" },
        { kind: "gap" },
        { kind: "verbatim", lines: lines.slice(-lastLines) },
        { kind: "gap" },
        {
          kind: "text",
          text: words.say("certificates.pasted", {
            lines: adding.text === "" ? 0 : lines.length,
            complete: certificatesIn(adding.text).filter((each) => certificateFacts(each)).length,
          }),
          style: "muted",
        },
      ];
    }
    case "volumes": {
      const intro: Block[] = [
        { kind: "text", text: words.say("certificates.volumeIntro"), style: "strong" },
        { kind: "gap" },
      ];
      if (adding.volumes === null)
        return [...intro, { kind: "text", text: words.say("volumes.waiting") }];
      if (adding.volumes.length === 0)
        return [...intro, { kind: "text", text: words.say("volumes.none"), style: "warning" }];
      return [
        ...intro,
        {
          kind: "table",
          indent: 3,
          columns: volumeColumns(words),
          selected: adding.selected,
          rows: adding.volumes.map((each) => volumeCells(each, words)),
        },
      ];
    }
    case "files": {
      const intro: Block[] = [
        { kind: "text", text: words.say("certificates.fileIntro"), style: "strong" },
        { kind: "gap" },
      ];
      if (adding.files === null)
        return [...intro, { kind: "text", text: words.say("volumes.waiting") }];
      if (adding.files.length === 0)
        return [
          ...intro,
          { kind: "text", text: words.say("certificates.noFiles"), style: "warning" },
        ];
      return [
        ...intro,
        {
          kind: "table",
          indent: 3,
          columns: [{ grow: true }],
          selected: adding.selected,
          rows: adding.files.map((file) => [{ text: file }]),
        },
      ];
    }
  }
}
