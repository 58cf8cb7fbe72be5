import type { Status } from "../../../src/configd/status.ts";
import type { Context } from "../../app/contract.ts";
import { formBlocks, onButton } from "../../fields/form.ts";
import type { Page } from "../../page/page.ts";
import { formKeys } from "../form-keys.ts";
import { usedInterface } from "../home/next-step.ts";
import { type NetworkState, networkErrors, networkFields } from "./model.ts";

export function networkView(state: NetworkState, context: Context): Page {
  const { words, status } = context;
  const fields = networkFields(state, context);
  const button = onButton(state.form, fields);
  return {
    title: words.say("network.title"),
    blocks: [
      { kind: "text", text: words.say("network.intro"), style: "muted" },
      ...(status ? [{ kind: "text", text: presentState(status, context), style: "muted" } as const] : []),
      { kind: "gap" },
      ...formBlocks(state.form, fields, networkErrors(state, context), words),
      { kind: "gap" },
      { kind: "buttons", labels: [words.say("network.reviewButton")], selected: button ? 0 : null },
      ...(button ? [{ kind: "text", text: words.say("network.hint.review"), style: "muted" } as const] : []),
    ],
    keys: formKeys(context, { key: "F2", label: words.say("key.review") }, { key: "F5", label: words.say("key.lease") }),
  };
}

function presentState(status: Status, { words }: Context): string {
  const nic = usedInterface(status);
  if (nic === null) return words.error("interface-missing").what;
  const [address] = nic.addresses;
  if (address === undefined) return words.say("network.nowNone", { nic: nic.name });
  return words.say("network.now", {
    nic: nic.name,
    addresses: words.say(nic.dhcp ? "home.byDhcp" : "home.byStatic", { address }),
    gateway: nic.gateway === null ? words.say("home.noGateway") : words.say("home.gateway", { address: nic.gateway }),
    dns: nic.dns.length === 0 ? words.say("home.noDns") : words.say("home.dns", { servers: nic.dns.join(", ") }),
  });
}
