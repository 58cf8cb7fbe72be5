import type { Role } from "../../../src/settings/fields/placed-fields.ts";
import type { Context } from "../../contract/contract.ts";
import { formBlocks, formTexts, onButton } from "../../fields/form.ts";
import type { Block, Page } from "../../page/page.ts";
import { addressText } from "../shared/address-text.ts";
import { formKeys } from "../shared/form-keys.ts";
import { assignedCards, cardsAmong } from "./cards.ts";
import { cardOf, fieldsOf, isSplit, type NetworkState, networkErrors } from "./model.ts";

export function networkView(state: NetworkState, context: Context): Page {
  const { words, status } = context;
  const fields = fieldsOf(state, context);
  const button = onButton(state.form, fields);
  const split = isSplit(state);
  const blocks: Block[] = [{ kind: "text", text: words.say("network.intro"), style: "muted" }];
  if (status && !split)
    blocks.push({ kind: "text", text: presentState(state, "lan", context), style: "muted" });
  blocks.push({ kind: "gap" });
  const drawn = formBlocks(state.form, fields, networkErrors(state, context), words);
  let section = "";
  for (const [index, field] of fields.entries()) {
    const role = /^network\.(lan|wan)\./.exec(field.name)?.[1] ?? field.name;
    if (split && role !== section) {
      if (role === "lan" || role === "wan") {
        const title = words.say(role === "lan" ? "network.sectionLan" : "network.sectionWan");
        blocks.push(
          { kind: "heading", text: title },
          { kind: "text", text: presentState(state, role, context), style: "muted" },
        );
      } else if (index > 0) blocks.push({ kind: "gap" });
      section = role ?? "";
    }
    const block = drawn[index];
    if (block) blocks.push(block);
  }
  blocks.push(
    { kind: "gap" },
    { kind: "buttons", labels: [words.say("network.reviewButton")], selected: button ? 0 : null },
  );
  if (button) blocks.push({ kind: "text", text: words.say("network.hint.review"), style: "muted" });
  return {
    title: words.say("network.title"),
    blocks,
    keys: formKeys(
      context,
      { key: "F2", label: words.say("key.review") },
      { key: "F5", label: words.say("key.lease") },
      { key: "F6", label: words.say("key.test") },
      ...(split ? [{ key: "F4", label: words.say("key.swap") }] : []),
      { key: "F7", label: words.say("key.renew") },
      { key: "F8", label: words.say("key.history") },
    ),
  };
}

function presentState(state: NetworkState, role: Role, context: Context): string {
  const { words } = context;
  const nic = cardOf(state, role, context);
  if (nic === undefined) {
    const interfaces = context.status?.interfaces ?? [];
    if (interfaces.length === 0) return words.say("home.noInterfaces");
    const named = state.form.fields[`network.${role}.macAddress`].text !== "";
    const { lan, wan } = assignedCards(formTexts(state.form), interfaces);
    const isAnyLeft = cardsAmong(interfaces).some((card) => card !== lan && card !== wan);
    return words.say(named || isAnyLeft ? "network.noCard" : "network.noCardLeft");
  }
  const addresses = addressText(nic, words);
  if (addresses === null) return words.say("network.nowNone", { nic: nic.name });
  return words.say("network.now", {
    nic: nic.name,
    addresses,
    gateway:
      nic.gateway === null
        ? words.say("home.noGateway")
        : words.say("home.gateway", { address: nic.gateway }),
    dns:
      nic.dns.length === 0
        ? words.say("home.noDns")
        : words.say("home.dns", { servers: nic.dns.join(", ") }),
  });
}
