import type { InterfaceStatus, Status } from "../../../src/configd/api/status.ts";
import { proxyPlace } from "../../../src/settings/values/proxy-address.ts";
import type { Context } from "../../contract/contract.ts";
import { countdown, uptime } from "../../contract/times.ts";
import type { Block, Cell, Page } from "../../page/page.ts";
import type { PlainKey } from "../../words/words.ts";
import { addressText } from "../shared/address-text.ts";
import { callHomeNote } from "../shared/call-home-note.ts";
import { faultText } from "../shared/explain.ts";
import { failureBlocks, serviceTable } from "./call-home.ts";
import { type HomeState, menuItems } from "./model.ts";
import { nextStep } from "./next-step.ts";
import { scanBlocks } from "./scan-blocks.ts";
import { zeroTouchBlocks } from "./zero-touch-blocks.ts";

export function homeView(state: HomeState, context: Context): Page {
  const { status, words } = context;
  const blocks: Block[] = [
    ...(status ? aboutBlocks(status, context) : []),
    {
      kind: "text",
      label: { text: words.say("home.next"), style: "strong" },
      text: nextStep(context),
      style: "strong",
    },
    { kind: "gap", optional: true },
    ...(status
      ? [
          ...networkBlocks(status, context),
          { kind: "gap", optional: true } as const,
          ...callHomeBlocks(context),
          { kind: "gap", optional: true } as const,
          ...scanBlocks(status.agent, context),
        ]
      : []),
    { kind: "fill" },
    { kind: "rule" },
    { kind: "menu", items: menuItems(context), selected: state.selected },
  ];
  return {
    title: words.say("home.title"),
    blocks,
    keys: [
      { key: words.say("key.arrows"), label: words.say("key.move") },
      { key: "Enter", label: words.say("key.open") },
      { key: "c", label: words.say("key.callNow") },
      ...(context.status?.secrets.consolePin ? [{ key: "l", label: words.say("key.lock") }] : []),
      { key: "F1", label: words.say("key.help") },
      { key: "?", label: words.say("key.keys") },
      ...(context.canLeave ? [{ key: "Ctrl-Q", label: words.say("key.leave") }] : []),
      { key: "Ctrl-L", label: words.say("key.repaint") },
    ],
  };
}

function aboutBlocks(status: Status, { words }: Context): Block[] {
  const { hostname: name, host, agent } = status;
  const { version } = status.software;
  const about = host
    ? words.say("home.about", { name, version, uptime: uptime(host.uptimeSeconds, words) })
    : words.say("home.aboutNoUptime", { name, version });
  const blocks: Block[] = [{ kind: "text", text: about }];
  if (agent?.applianceId) {
    const named = agent.applianceName
      ? `${words.say("home.applianceName", { name: agent.applianceName })}   `
      : "";
    blocks.push({
      kind: "text",
      text: `${named}${words.say("home.applianceId", { id: agent.applianceId })}`,
      style: "muted",
    });
  }
  const clock = clockText(status, words);
  if (clock !== null) blocks.push({ kind: "text", text: clock, style: "warning" });
  if (host) {
    const percent = (total: number, available: number) =>
      total > 0 ? Math.round((1 - available / total) * 100) : 0;
    blocks.push({
      kind: "text",
      style: "muted",
      optional: true,
      text: words.say("home.machine", {
        processor: Math.round(host.processorPercent),
        memory: percent(host.memoryTotalBytes, host.memoryAvailableBytes),
        disk: percent(host.dataTotalBytes, host.dataAvailableBytes),
      }),
    });
  }
  return blocks;
}

/** Smaller differences do not matter to an operator. */
const clockToleranceMs = 10_000;

function clockText({ agent, clock }: Status, words: Context["words"]): string | null {
  const offsetMs = agent?.clockOffsetMs ?? 0;
  const time = countdown(Math.abs(offsetMs));
  if (offsetMs > clockToleranceMs) return words.say("home.clockOff", { time });
  if (offsetMs < -clockToleranceMs) return words.say("home.clockAhead", { time });
  return clock.synchronized ? null : words.say("home.clock");
}

/** Warnings about a path to the platform that works, but not as it should. */
function pathBlocks({ agent }: Status, { words }: Context): Block[] {
  const path = agent?.path;
  if (!path) return [];
  const texts = [
    ...(path.fallback ? [words.say("home.fallback")] : []),
    ...(path.intercepted ? [words.say("home.intercepted", { issuer: path.issuer })] : []),
  ];
  return texts.map(
    (text): Block => ({
      kind: "text",
      label: { text: "!", style: "warning" },
      text,
      style: "warning",
    }),
  );
}

function networkBlocks(status: Status, context: Context): Block[] {
  const { words } = context;
  const proxy = proxyPlace(status.settings.proxy);
  const note: Cell = {
    text: proxy === null ? words.say("home.noProxy") : words.say("home.proxy", { proxy }),
    style: "muted",
  };
  const heading: Block = { kind: "heading", text: words.say("home.network"), note };
  if (status.interfaces.length === 0)
    return [heading, { kind: "text", text: words.say("home.noInterfaces"), style: "bad" }];
  return [
    heading,
    {
      kind: "table",
      columns: [{}, {}, {}, {}, { grow: true }],
      rows: status.interfaces.flatMap((each) => interfaceRows(each, status.interfaces, context)),
    },
    ...pathBlocks(status, context),
    ...guardBlocks(status, context),
    ...zeroTouchBlocks(status.zeroTouch, context.words),
    ...status.networkReports.map(
      (report): Block => ({
        kind: "text",
        label: { text: "!", style: "warning" },
        text: faultText(report, words),
        style: "warning",
      }),
    ),
  ];
}

/** The guards of split mode; they stop nothing as long as no packet leaves by the wrong device. */
function guardBlocks({ guards }: Status, { words }: Context): Block[] {
  if (guards === null) return [];
  const leaks = guards.lan.packets + guards.wan.packets;
  const text =
    leaks === 0
      ? words.say("home.guards")
      : words.say("home.guardsStopped", { lan: guards.lan.packets, wan: guards.wan.packets });
  return [{ kind: "text", text, style: leaks === 0 ? "good" : "warning", optional: leaks === 0 }];
}

/**
 * The role of an interface. A card without a role may carry a role's VLAN, which has its MAC
 * address.
 */
function roleWord(
  { role, macAddress }: InterfaceStatus,
  all: readonly InterfaceStatus[],
): PlainKey {
  if (role !== null) return role === "lan" ? "home.roleLan" : "home.roleWan";
  return all.some((other) => other.role === other.name && other.macAddress === macAddress)
    ? "home.roleVlanCard"
    : "home.roleNone";
}

function interfaceRows(
  nic: InterfaceStatus,
  all: readonly InterfaceStatus[],
  { words }: Context,
): Cell[][] {
  const role = words.say(roleWord(nic, all));
  const used = nic.role !== null;
  const link: Cell = nic.linkUp
    ? { text: words.say("home.linkUp"), style: used ? "good" : "muted" }
    : { text: words.say("home.linkDown"), style: used ? "bad" : "muted" };
  // An unused card is one row with its facts.
  if (!used)
    return [
      [
        { text: role, style: "muted" },
        { text: nic.name },
        link,
        { text: nic.macAddress, style: "muted" },
        { text: nic.addresses.join(", "), style: "muted" },
      ],
    ];
  const address = addressText(nic, words);
  const shown: Cell =
    address === null ? { text: words.say("home.noAddress"), style: "warning" } : { text: address };
  const first: Cell[] = [
    { text: role, style: "strong" },
    { text: nic.name },
    link,
    shown,
    used || nic.gateway !== null
      ? {
          text:
            nic.gateway === null
              ? words.say("home.noGateway")
              : words.say("home.gateway", { address: nic.gateway }),
        }
      : { text: "" },
  ];
  const more = nic.addresses.slice(1).join(", ");
  const dns =
    nic.dns.length === 0
      ? words.say("home.noDns")
      : words.say("home.dns", { servers: nic.dns.join(", ") });
  const second: Cell[] = [
    { text: "" },
    { text: "" },
    { text: "" },
    { text: more === "" ? nic.macAddress : `${nic.macAddress}  ${more}`, style: "muted" },
    { text: dns },
  ];
  return [first, second];
}

function callHomeBlocks(context: Context): Block[] {
  const { words, status } = context;
  const heading: Block = {
    kind: "heading",
    text: words.say("home.callHome"),
    note: callHomeNote(context),
  };
  return status?.agent
    ? [heading, ...failureBlocks(context), serviceTable(status.agent, context)]
    : [heading];
}
