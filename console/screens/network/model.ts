import type { Status } from "../../../src/configd/status.ts";
import { type NetworkField, type NetworkTexts, networkFormOf, networkFormOfTexts, networkTextsOf, withNetworkForm } from "../../../src/settings/form.ts";
import type { FieldProblem } from "../../../src/settings/problems.ts";
import type { Settings } from "../../../src/settings/schema.ts";
import type { Context, ScreenEvent, ScreenModel, Step } from "../../app/contract.ts";
import { type FieldDefinition, type FormState, formTexts, onButton, showAllErrors, startForm, updateForm, withText } from "../../fields/form.ts";
import { addressListRules, addressRules, addressWithMaskRules, domainListRules, hostnameRules } from "../../fields/rules.ts";
import { fieldErrors } from "../form-problems.ts";

type Name = NetworkField;

export interface NetworkState {
  readonly form: FormState<Name>;
  /** The form's texts as they were opened: what differs was typed. */
  readonly opened: NetworkTexts;
}

export function startNetwork(settings: Settings): NetworkState {
  const opened = networkTextsOf(networkFormOf(settings));
  return { opened, form: startForm<Name>({ ...opened }) };
}

/** What the form's texts mean, or what is wrong with them. */
function networkWish(state: NetworkState, status: Status): { settings: Settings | null; problems: readonly FieldProblem[] } {
  const validation = withNetworkForm(status.settings, networkFormOfTexts(formTexts(state.form)), {
    macAddresses: status.interfaces.map(({ macAddress }) => macAddress),
  });
  return validation.ok ? { settings: validation.settings, problems: [] } : { settings: null, problems: validation.problems };
}

export function networkFields(state: NetworkState, { words, status }: Context): FieldDefinition<Name>[] {
  const nics = status?.interfaces ?? [];
  const [first] = nics;
  const chosen = nics.find(({ macAddress }) => macAddress === state.form.fields["lan.nic"].text) ?? first;
  const isStatic = state.form.fields["lan.ipv4Method"].text === "static";
  const unknownMac =
    state.form.fields["lan.nic"].text !== "" && !nics.some(({ macAddress }) => macAddress === state.form.fields["lan.nic"].text)
      ? [state.form.fields["lan.nic"].text]
      : [];
  const nic: FieldDefinition<Name> = {
    kind: "choice",
    name: "lan.nic",
    label: "network.nic",
    hint: words.say("network.hint.nic"),
    help: "help.network.nic",
    note: chosen && !chosen.linkUp ? words.say("network.note.link") : undefined,
    options: [
      { value: "", label: first ? words.say("network.nicFirst", { name: first.name }) : words.say("network.nicFirstNone") },
      ...nics.map(({ name, macAddress, linkUp }) => ({
        value: macAddress,
        label: words.say("network.nicOption", { name, mac: macAddress, link: words.say(linkUp ? "home.linkUp" : "home.linkDown") }),
      })),
      ...unknownMac.map((mac) => ({ value: mac, label: mac })),
    ],
  };
  return [
    ...(nics.length > 1 || state.form.fields["lan.nic"].text !== "" ? [nic] : []),
    {
      kind: "choice",
      name: "lan.ipv4Method",
      label: "network.method",
      hint: words.say("network.hint.method"),
      help: "help.network.method",
      options: [
        { value: "dhcp", label: words.say("network.methodDhcp") },
        { value: "static", label: words.say("network.methodStatic") },
      ],
    },
    ...(isStatic
      ? ([
          {
            kind: "text",
            name: "lan.ipv4Address",
            label: "network.address",
            hint: words.say("network.hint.address"),
            help: "help.network.address",
            rules: addressWithMaskRules,
            width: 34,
          },
          {
            kind: "text",
            name: "lan.ipv4Gateway",
            label: "network.gateway",
            hint: words.say("network.hint.gateway"),
            help: "help.network.gateway",
            rules: addressRules,
            width: 16,
          },
        ] as const)
      : []),
    {
      kind: "text",
      name: "lan.dnsServers",
      label: "network.dns",
      hint: words.say(isStatic ? "network.hint.dns" : "network.hint.dnsLease"),
      help: "help.network.dns",
      rules: addressListRules,
      width: 48,
    },
    {
      kind: "text",
      name: "lan.searchDomains",
      label: "network.search",
      hint: words.say("network.hint.search"),
      help: "help.network.search",
      rules: domainListRules,
      width: 48,
    },
    {
      kind: "text",
      name: "hostname",
      label: "network.hostname",
      hint: words.say("network.hint.hostname"),
      help: "help.network.hostname",
      rules: hostnameRules,
      width: 34,
    },
  ];
}

const names = [
  "lan.nic",
  "lan.ipv4Method",
  "lan.ipv4Address",
  "lan.ipv4Gateway",
  "lan.dnsServers",
  "lan.searchDomains",
  "hostname",
] as const satisfies readonly Name[];

export function networkErrors(state: NetworkState, { words, status }: Context): Partial<Record<Name, string>> {
  return status === null ? {} : fieldErrors(networkWish(state, status).problems, names, words);
}

export const networkModel: ScreenModel<NetworkState> = {
  name: "network",
  title: "network.title",
  update(state: NetworkState, event: ScreenEvent, context: Context): Step<NetworkState> {
    if (event.type !== "key") return { state };
    if (event.key.name === "f5") return takeLease(state, context);
    const fields = networkFields(state, context);
    const step = updateForm(state.form, event.key, fields);
    const next = { ...state, form: step.form };
    return step.submitted ? submit(next, context) : { state: next, handled: step.handled };
  },
  unsaved: (state) => JSON.stringify(formTexts(state.form)) !== JSON.stringify({ ...state.opened }),
  help(state, context) {
    const fields = networkFields(state, context);
    const field = onButton(state.form, fields) ? undefined : fields[state.form.focus];
    return field ? [field.help, "help.network"] : ["help.network"];
  },
};

/** Puts what DHCP gave into the form as a static address: nothing is typed by hand, nothing is applied. */
function takeLease(state: NetworkState, { status, words }: Context): Step<NetworkState> {
  const mac = state.form.fields["lan.nic"].text;
  const nic = status?.interfaces.find(({ macAddress, role }) => (mac === "" ? role === "lan" : macAddress === mac));
  const [address] = nic?.dhcp ? nic.addresses : [];
  if (nic === undefined || address === undefined) return { state, effects: [{ type: "message", text: words.say("network.noLease"), style: "warning" }] };
  let { form } = state;
  form = withText(form, "lan.ipv4Method", "static");
  form = withText(form, "lan.ipv4Address", address);
  form = withText(form, "lan.ipv4Gateway", nic.gateway ?? "");
  form = withText(form, "lan.dnsServers", nic.dns.join(" "));
  return { state: { ...state, form }, effects: [{ type: "message", text: words.say("network.leaseTaken"), style: "good" }] };
}

function submit(state: NetworkState, context: Context): Step<NetworkState> {
  const { status, words } = context;
  if (status === null) return { state, effects: [{ type: "message", text: words.say("banner.noConfigd"), style: "warning" }] };
  const fields = networkFields(state, context);
  const { settings } = networkWish(state, status);
  if (settings === null) {
    const form = showAllErrors(state.form, networkErrors(state, context), fields);
    return { state: { ...state, form }, effects: [{ type: "message", text: words.say("form.errors"), style: "bad" }] };
  }
  if (JSON.stringify(settings) === JSON.stringify(status.settings))
    return { state, effects: [{ type: "message", text: words.say("form.noChange"), style: "warning" }] };
  return { state, effects: [{ type: "open", screen: { name: "review", change: { settings } } }] };
}
