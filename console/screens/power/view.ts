import type { Context } from "../../contract/contract.ts";
import type { Block, Page } from "../../page/page.ts";
import type { PowerState } from "./model.ts";

export function powerView(state: PowerState, context: Context): Page {
  const { words } = context;
  const blocks: Block[] = [
    { kind: "text", text: words.say("power.intro"), style: "muted" },
    { kind: "gap" },
    {
      kind: "buttons",
      labels: [words.say("power.reboot"), words.say("power.poweroff")],
      selected: state.confirming === null && state.asked === null ? state.selected : null,
    },
  ];
  if (state.confirming !== null) {
    const reboot = state.confirming === "reboot";
    const scan = context.status?.agent?.jobs.find((job) => job.state === "running");
    blocks.push(
      { kind: "gap" },
      {
        kind: "text",
        text: words.say(reboot ? "power.confirmReboot" : "power.confirmPoweroff"),
        style: "strong",
      },
      ...(scan
        ? [
            {
              kind: "text",
              text: words.say("power.scanRunning", {
                name: scan.name,
                percent: Math.floor(scan.percent),
              }),
              style: "warning",
            } as const,
          ]
        : []),
      { kind: "gap" },
      {
        kind: "buttons",
        labels: [
          words.say(reboot ? "power.yesReboot" : "power.yesPoweroff"),
          words.say("power.no"),
        ],
        selected: state.confirmSelected,
      },
    );
  }
  if (state.asked !== null)
    blocks.push(
      { kind: "gap" },
      {
        kind: "text",
        text: words.say(state.asked === "reboot" ? "power.rebooting" : "power.poweringOff"),
        style: "strong",
      },
    );
  return {
    title: words.say("power.title"),
    blocks,
    keys: [
      { key: words.say("key.arrows"), label: words.say("key.choose") },
      { key: "Enter", label: words.say("key.press") },
      { key: "F1", label: words.say("key.help") },
      { key: "Esc", label: words.say("key.back") },
      { key: "F10", label: words.say("key.menu") },
    ],
  };
}
