import type { InterfaceStatus, Status } from "../../../src/configd/api/status.ts";
import {
  type NetworkTexts,
  networkFormOf,
  networkFormOfTexts,
  networkTextsOf,
  withNetworkForm,
} from "../../../src/settings/form.ts";
import type { FieldProblem } from "../../../src/settings/model/problems.ts";
import type { Settings } from "../../../src/settings/model/schema.ts";
import {
  type Context,
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
import { type Name, networkFields, type Role, type Texts } from "./fields.ts";

export interface NetworkState {
  readonly form: FormState<Name>;
  /** The form's texts as they were opened: what differs was typed. */
  readonly opened: Texts;
}

export function startNetwork(settings: Settings): NetworkState {
  const texts = oneLine(networkTextsOf(networkFormOf(settings)));
  const opened: Texts = { ...texts, more: usesMore(texts) ? "yes" : "no" };
  return { opened, form: startForm<Name>({ ...opened }) };
}

/** Routes are kept as lines, but a field has one. */
function oneLine(texts: NetworkTexts): NetworkTexts {
  return {
    ...texts,
    "lan.routes": texts["lan.routes"].replaceAll("\n", ", "),
    "wan.routes": texts["wan.routes"].replaceAll("\n", ", "),
  };
}

/** Something is set that most networks do not need: then it is shown at once. */
function usesMore(texts: NetworkTexts): boolean {
  const roles = texts.mode === "split" ? (["lan", "wan"] as const) : (["lan"] as const);
  return roles.some(
    (role) =>
      texts[`${role}.ipv6Method`] !== "off" ||
      texts[`${role}.vlan`] !== "" ||
      texts[`${role}.mtu`] !== "" ||
      texts[`${role}.routes`] !== "",
  );
}

export function fieldsOf(state: NetworkState, context: Context) {
  return networkFields(formTexts(state.form), context);
}

/** What the form's texts mean, or what is wrong with them. */
function networkWish(
  state: NetworkState,
  status: Status,
): { settings: Settings | null; problems: readonly FieldProblem[] } {
  const validation = withNetworkForm(status.settings, networkFormOfTexts(formTexts(state.form)), {
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
  return fieldErrors(networkWish(state, status).problems, names, words);
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
  unsaved: ({ form, opened }) =>
    JSON.stringify({ ...formTexts(form), more: "" }) !== JSON.stringify({ ...opened, more: "" }),
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
    case "f6":
      return swapRoles(state, context);
    case "f7":
      return {
        state,
        effects: [{ type: "ask", verb: "renew", request: { role: focusedRole(state, context) } }],
      };
    case "f8":
      return { state, effects: [{ type: "open", screen: { name: "history" } }] };
    default: {
      const step = updateForm(state.form, key, fieldsOf(state, context));
      const next = { ...state, form: step.form };
      return step.submitted ? submit(next, context) : { state: next, handled: step.handled };
    }
  }
}

/** The role whose fields the focus is in; LAN outside of both. */
export function focusedRole(state: NetworkState, context: Context): Role {
  const name = fieldsOf(state, context)[state.form.focus]?.name ?? "";
  return name.startsWith("wan.") && state.form.fields.mode.text === "split" ? "wan" : "lan";
}

/**
 * The card that the form gives to a role, as it is now; or the VLAN on it, which has the card's MAC
 * address and all that a lease gives.
 */
export function cardOf(
  state: NetworkState,
  role: Role,
  { status }: Context,
): InterfaceStatus | undefined {
  const mac = state.form.fields[`${role}.nic`].text;
  const present = status?.interfaces.find((nic) => nic.role === role);
  return mac === "" || present?.macAddress === mac
    ? present
    : status?.interfaces.find(({ macAddress }) => macAddress === mac);
}

/**
 * Puts what DHCP gave into the form as a static address: nothing is typed by hand, nothing is
 * applied.
 */
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
  form = withText(form, `${role}.ipv4Method`, "static");
  form = withText(form, `${role}.ipv4Address`, address);
  form = withText(form, `${role}.ipv4Gateway`, nic.gateway ?? "");
  form = withText(form, `${role}.dnsServers`, nic.dns.join(" "));
  return {
    state: { ...state, form },
    effects: [{ type: "message", text: words.say("network.leaseTaken"), style: "good" }],
  };
}

/** The cards change their roles; addresses stay with the roles. */
function swapRoles(state: NetworkState, context: Context): Step<NetworkState> {
  const { words } = context;
  if (state.form.fields.mode.text !== "split")
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
  const form = withText(withText(state.form, "lan.nic", wan), "wan.nic", lan);
  return {
    state: { ...state, form },
    effects: [{ type: "message", text: words.say("network.swapped"), style: "good" }],
  };
}

function submit(state: NetworkState, context: Context): Step<NetworkState> {
  const { status, words } = context;
  if (status === null)
    return {
      state,
      effects: [{ type: "message", text: words.say("banner.noConfigd"), style: "warning" }],
    };
  const { settings } = networkWish(state, status);
  if (settings === null) {
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
  if (JSON.stringify(settings) === JSON.stringify(status.settings))
    return {
      state,
      effects: [{ type: "message", text: words.say("form.noChange"), style: "warning" }],
    };
  return { state, effects: [{ type: "open", screen: { name: "review", change: { settings } } }] };
}
