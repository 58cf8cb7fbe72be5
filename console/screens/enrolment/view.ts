import type { AgentStatus } from "../../../src/configd/api/status.ts";
import type { Context } from "../../contract/contract.ts";
import { formBlocks, onButton } from "../../fields/form.ts";
import type { Block, Page } from "../../page/page.ts";
import { services } from "../home/call-home.ts";
import { callHomeNote } from "../shared/call-home-note.ts";
import { explain } from "../shared/explain.ts";
import { formKeys } from "../shared/form-keys.ts";
import { type EnrolmentState, enrolmentErrors, enrolmentFields } from "./model.ts";

export function enrolmentView(state: EnrolmentState, context: Context): Page {
  const { words, status } = context;
  const agent = status?.agent ?? null;
  const fields = enrolmentFields(state, context);
  const button = onButton(state.form, fields);
  const enrolled = agent !== null && agent.applianceId !== null;
  return {
    title: words.say("platform.title"),
    blocks: [
      ...(enrolled
        ? ([
            {
              kind: "text",
              text: words.say("platform.enrolled", {
                platform: agent.platformName ?? "",
                name: agent.applianceName ?? "",
              }),
              style: "good",
            },
            { kind: "text", text: words.say("platform.reEnrol"), style: "muted" },
          ] as const)
        : ([{ kind: "text", text: words.say("platform.intro"), style: "muted" }] as const)),
      { kind: "gap" },
      ...formBlocks(state.form, fields, enrolmentErrors(state, context), words),
      { kind: "gap" },
      { kind: "buttons", labels: [words.say("platform.enrolButton")], selected: button ? 0 : null },
      ...(button
        ? [{ kind: "text", text: words.say("platform.hint.enrol"), style: "muted" } as const]
        : []),
      { kind: "gap", optional: true },
      ...progressBlocks(agent, context),
      ...serviceBlocks(agent, context),
    ],
    keys: formKeys(
      context,
      { key: "F2", label: words.say("key.enrol") },
      { key: "F4", label: words.say("key.firewall") },
      { key: "F6", label: words.say("key.test") },
      { key: "F7", label: words.say("key.contacts") },
    ),
  };
}

function progressBlocks(agent: AgentStatus | null, context: Context): Block[] {
  const { words } = context;
  const blocks: Block[] = [
    { kind: "heading", text: words.say("platform.progress"), note: callHomeNote(context) },
  ];
  const failure = agent?.failure;
  if (failure && (agent.state === "enrolment-failed" || agent.state === "failing"))
    blocks.push({ kind: "facts", facts: explain(failure, words) });
  return blocks;
}

function serviceBlocks(agent: AgentStatus | null, { words }: Context): Block[] {
  const heading: Block = { kind: "heading", text: words.say("platform.services") };
  if (agent === null || services.every(({ name }) => agent.services[name].url === null))
    return [
      { kind: "gap", optional: true },
      { kind: "text", text: words.say("platform.noServices"), style: "muted", optional: true },
    ];
  return [
    { kind: "gap", optional: true },
    heading,
    {
      kind: "table",
      columns: [{}, { grow: true }],
      rows: services.map(({ name, label }) => [
        { text: words.say(label) },
        { text: agent.services[name].url ?? words.say("platform.noUrl") },
      ]),
    },
    ...(agent.ipRanges.length > 0
      ? [
          {
            kind: "text",
            text: words.say("platform.ipRanges", { ranges: agent.ipRanges.join(", ") }),
          } as const,
        ]
      : []),
  ];
}
