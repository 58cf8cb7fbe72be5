import { type Fact, fact } from "../../base/messages/facts.ts";
import type { InterfaceSettings, Settings } from "../model/schema.ts";
import type { FieldName } from "./fields.ts";
import type { SourcedValue } from "./named-values.ts";
import { readSwitch } from "./yes-no.ts";

type Values = ReadonlyMap<FieldName, SourcedValue>;

/** Values that are right and have no effect, since another one makes them meaningless. */
export function unusedValues(settings: Settings, values: Values): Fact[] {
  const { network } = settings;
  return [
    ...unusedProxy(settings, values),
    ...unusedAddress("lan", network.lan, values),
    ...unusedWan(network, values),
  ];
}

function unusedProxy({ proxy }: Settings, values: Values): Fact[] {
  if (proxy.kind === "none") {
    const names = namesOf(["proxy_user", "proxy_authentication", "proxy_bypass"], values);
    return names === "" ? [] : [fact("note-proxy-none", { names })];
  }
  const idle: FieldName[] = [
    ...(proxy.user === "" ? (["proxy_user"] as const) : []),
    ...("authentication" in proxy ? [] : (["proxy_authentication"] as const)),
  ];
  const names = namesOf(idle, values);
  return names === "" ? [] : [fact("note-proxy-other", { names })];
}

function unusedWan(network: Settings["network"], values: Values): Fact[] {
  if (network.mode === "split") return unusedAddress("wan", network.wan, values);
  const switched = values.get("wan_enabled");
  // Another text of wan_enabled is a problem, which is reported.
  if (switched && readSwitch(switched.value) !== false) return [];
  const wan = [...values.keys()].filter(
    (field) => field.startsWith("wan_") && field !== "wan_enabled",
  );
  return wan.length === 0
    ? []
    : [
        fact("note-wan-off", {
          names: namesOf(wan, values),
          switch: switched?.name ?? "wan_enabled",
        }),
      ];
}

function unusedAddress(
  role: "lan" | "wan",
  { ipv4, ipv6 }: InterfaceSettings,
  values: Values,
): Fact[] {
  const netmask = values.has(`${role}_address`) ? [] : ([`${role}_netmask`] as const);
  const idle = {
    IPv4: ipv4.method === "static" ? netmask : ([`${role}_netmask`, `${role}_gateway`] as const),
    IPv6: ipv6.method === "static" ? [] : ([`${role}_ipv6_gateway`] as const),
  };
  return (["IPv4", "IPv6"] as const).flatMap((family) => {
    const names = namesOf(idle[family], values);
    return names === ""
      ? []
      : [fact("note-no-address", { names, role: role.toUpperCase(), family })];
  });
}

function namesOf(fields: readonly FieldName[], values: Values): string {
  return fields.flatMap((field) => values.get(field)?.name ?? []).join(", ");
}
