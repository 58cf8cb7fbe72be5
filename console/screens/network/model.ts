import { isDeepStrictEqual } from "node:util";
import { withoutZone } from "../../../src/base/addresses/neighbours.ts";
import type { InterfaceStatus, Status } from "../../../src/configd/api/status.ts";
import { type Role, roles } from "../../../src/settings/fields/placed-fields.ts";
import { type PathOf, textsOf, withTexts } from "../../../src/settings/form.ts";
import type { FieldProblem } from "../../../src/settings/model/problems.ts";
import type { Settings } from "../../../src/settings/model/schema.ts";
import {
  type Context,
  type Effect,
  failureText,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";
import {
  type FormState,
  formTexts,
  onButton,
  showAllErrors,
  startForm,
  updateForm,
  withText,
} from "../../fields/form.ts";
import { fieldErrors } from "../shared/form-problems.ts";
import { testTyped } from "../shared/test-typed.ts";
import { assignedCards, isNamed } from "./cards.ts";
import { type Name, networkFields, type Texts } from "./fields.ts";

export interface NetworkState {
  readonly form: FormState<Name>;
  /** The form's texts when it was opened: a text that differs was typed. */
  readonly opened: Texts;
}

export function startNetwork(settings: Settings, cards: readonly InterfaceStatus[]): NetworkState {
  const texts = textsOf(settings, "network");
  // A card that was replaced cannot be chosen any more, and the one in its place has its role.
  for (const role of roles) {
    const path = `network.${role}.macAddress` as const;
    texts[path] = cards.find((card) => isNamed(card, texts[path]))?.macAddress ?? texts[path];
  }
  const opened: Texts = { ...texts, more: usesMore(texts) ? "yes" : "no" };
  return { opened, form: startForm<Name>({ ...opened }) };
}

/** Whether a setting is in use that most networks do not need: then the form shows it at once. */
function usesMore(texts: Record<PathOf<"network">, string>): boolean {
  return roles.some(
    (role) =>
      texts[`network.${role}.ipv6.method`] !== "off" ||
      texts[`network.${role}.vlan`] !== "" ||
      texts[`network.${role}.mtu`] !== "" ||
      texts[`network.${role}.routes`] !== "",
  );
}

export function fieldsOf(state: NetworkState, context: Context) {
  return networkFields(formTexts(state.form), context);
}

/** The settings that the form gives, or their problems. */
function networkProposal(
  state: NetworkState,
  status: Status,
): { settings: Settings | null; problems: readonly FieldProblem[] } {
  const { more: _, ...texts } = formTexts(state.form);
  const validation = withTexts(status.settings, texts, {
    macAddresses: status.interfaces.map(({ macAddress }) => macAddress),
  });
  return validation.ok
    ? { settings: validation.settings, problems: [] }
    : { settings: null, problems: validation.problems };
}

export function networkErrors(
  state: NetworkState,
  { words, status }: Context,
): Partial<Record<Name, string>> {
  if (status === null) return {};
  const names = Object.keys(state.opened).filter((name): name is Name =>
    Object.hasOwn(state.opened, name),
  );
  return fieldErrors(networkProposal(state, status).problems, names, words);
}

export const networkModel: ScreenModel<NetworkState> = {
  name: "network",
  title: "network.title",
  update(state: NetworkState, event: ScreenEvent, context: Context): Step<NetworkState> {
    const { words } = context;
    switch (event.type) {
      case "key":
        return press(state, event.key, context);
      case "reply":
        if (event.verb !== "renew") return { state };
        return {
          state,
          effects: [{ type: "message", text: words.say("network.renewed"), style: "good" }],
        };
      case "failed":
        return {
          state,
          effects: [{ type: "message", text: failureText(event.failure, words), style: "bad" }],
        };
      default:
        return { state };
    }
  },
  unsaved: isUnsaved,
  help(state, context) {
    const fields = fieldsOf(state, context);
    const field = onButton(state.form, fields) ? undefined : fields[state.form.focus];
    return field ? [field.help, "help.network"] : ["help.network"];
  },
};

function press(
  state: NetworkState,
  key: Parameters<typeof updateForm>[1],
  context: Context,
): Step<NetworkState> {
  switch (key.name) {
    case "f5":
      return takeLease(state, context);
    case "f4":
      return swapRoles(state, context);
    case "f6":
      return proposed(state, context, (settings) => ({
        state,
        effects: testTyped("network", { settings }, isUnsaved(state), context),
      }));
    case "f7":
      return {
        state,
        effects: [{ type: "ask", verb: "renew", request: { role: focusedRole(state, context) } }],
      };
    case "f8":
      return { state, effects: [{ type: "open", screen: { name: "history" } }] };
    default: {
      const step = updateForm(state.form, key, fieldsOf(state, context));
      const next = keepingFocus(state, { ...state, form: step.form }, context);
      return step.submitted ? submit(next, context) : { state: next, handled: step.handled };
    }
  }
}

/** The focus stays on its field where a choice made fields appear or vanish above it. */
function keepingFocus(before: NetworkState, after: NetworkState, context: Context): NetworkState {
  if (after.form.focus !== before.form.focus) return after;
  const name = fieldsOf(before, context)[before.form.focus]?.name;
  const focus = fieldsOf(after, context).findIndex((field) => field.name === name);
  return focus < 0 ? after : { ...after, form: { ...after.form, focus } };
}

export function isSplit({ form }: NetworkState): boolean {
  return form.fields["network.mode"].text === "split";
}

/** The role whose fields the focus is in; LAN outside of both. */
export function focusedRole(state: NetworkState, context: Context): Role {
  const name = fieldsOf(state, context)[state.form.focus]?.name ?? "";
  return name.startsWith("network.wan.") && isSplit(state) ? "wan" : "lan";
}

/**
 * The present card that the form gives to a role; or the VLAN on it, which has the card's MAC
 * address and the lease.
 */
export function cardOf(
  state: NetworkState,
  role: Role,
  { status }: Context,
): InterfaceStatus | undefined {
  const interfaces = status?.interfaces ?? [];
  const card = assignedCards(formTexts(state.form), interfaces)[role];
  const present = interfaces.find((nic) => nic.role === role);
  return present && present.macAddress === card?.macAddress ? present : card;
}

/** Puts the lease into the form as a static address. Nothing is applied. */
function takeLease(state: NetworkState, context: Context): Step<NetworkState> {
  const { words } = context;
  const role = focusedRole(state, context);
  const nic = cardOf(state, role, context);
  const address = nic?.dhcp ? nic.addresses.find((each) => !each.includes(":")) : undefined;
  if (nic === undefined || address === undefined)
    return {
      state,
      effects: [{ type: "message", text: words.say("network.noLease"), style: "warning" }],
    };
  let { form } = state;
  form = withText(form, `network.${role}.ipv4.method`, "static");
  form = withText(form, `network.${role}.ipv4.address`, address);
  form = withText(
    form,
    `network.${role}.ipv4.gateway`,
    nic.gateways.find((each) => !each.includes(":")) ?? "",
  );
  form = withText(form, `network.${role}.dns.servers`, nic.dns.map(withoutZone).join(" "));
  return {
    state: { ...state, form },
    effects: [{ type: "message", text: words.say("network.leaseTaken"), style: "good" }],
  };
}

/** Exchanges the cards of the roles; addresses stay with the roles. */
function swapRoles(state: NetworkState, context: Context): Step<NetworkState> {
  const { words } = context;
  if (!isSplit(state))
    return {
      state,
      effects: [{ type: "message", text: words.say("network.noSwap"), style: "warning" }],
    };
  const [lan, wan] = [
    cardOf(state, "lan", context)?.macAddress,
    cardOf(state, "wan", context)?.macAddress,
  ];
  if (lan === undefined || wan === undefined)
    return {
      state,
      effects: [{ type: "message", text: words.say("network.swapUnknown"), style: "warning" }],
    };
  const form = withText(
    withText(state.form, "network.lan.macAddress", wan),
    "network.wan.macAddress",
    lan,
  );
  return {
    state: { ...state, form },
    effects: [{ type: "message", text: words.say("network.swapped"), style: "good" }],
  };
}

function isUnsaved({ form, opened }: NetworkState): boolean {
  return !isDeepStrictEqual({ ...formTexts(form), more: "" }, { ...opened, more: "" });
}

function submit(state: NetworkState, context: Context): Step<NetworkState> {
  const { status, words } = context;
  return proposed(state, context, (settings) => {
    const effect: Effect = isDeepStrictEqual(settings, status?.settings)
      ? { type: "message", text: words.say("form.noChange"), style: "warning" }
      : { type: "open", screen: { name: "review", change: { settings } } };
    return { state, effects: [effect] };
  });
}

/** Goes on with the settings that the form gives, or shows what is wrong with them. */
function proposed(
  state: NetworkState,
  context: Context,
  goOn: (settings: Settings) => Step<NetworkState>,
): Step<NetworkState> {
  const { status, words } = context;
  if (status === null)
    return {
      state,
      effects: [{ type: "message", text: words.say("banner.noConfigd"), style: "warning" }],
    };
  const { settings } = networkProposal(state, status);
  if (settings !== null) return goOn(settings);
  const errors = networkErrors(state, context);
  const hidden = Object.keys(errors).some(
    (name) => !fieldsOf(state, context).some((field) => field.name === name),
  );
  const shown = hidden ? { ...state, form: withText(state.form, "more", "yes") } : state;
  const form = showAllErrors(shown.form, errors, fieldsOf(shown, context));
  return {
    state: { ...state, form },
    effects: [{ type: "message", text: words.say("form.errors"), style: "bad" }],
  };
}
