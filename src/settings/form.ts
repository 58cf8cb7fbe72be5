import { interfaceFields, type NetworkField } from "./forms/network.ts";
import type { ConsoleForm, PlatformForm, ScanForm, TimeForm, TrustForm } from "./forms/other.ts";
import { type ProxyForm, proxyFields } from "./forms/proxy.ts";
import type { FieldProblem } from "./model/problems.ts";

/**
 * The forms that console and command line share: texts as people type them, to settings and back.
 * Problems carry the path in the settings (`network.lan.ipv4.gateway`); `formFieldOf` says which
 * field of a form shows them, `formNameOf` which form has it.
 */
export {
  type InterfaceForm,
  interfaceFormOf,
  type NetworkField,
  type NetworkForm,
  type NetworkTexts,
  networkFormOf,
  networkFormOfTexts,
  networkTextsOf,
  routeText,
  withNetworkForm,
} from "./forms/network.ts";
export {
  type ConsoleForm,
  consoleFormOf,
  type PlatformForm,
  platformFormOf,
  type ScanForm,
  scanFormOf,
  type TimeForm,
  type TrustForm,
  timeFormOf,
  trustFormOf,
  withConsoleForm,
  withPlatformForm,
  withScanForm,
  withTimeForm,
  withTrustForm,
} from "./forms/other.ts";
export { type ProxyForm, proxyFormOf, withProxyForm } from "./forms/proxy.ts";
export type { YesNo } from "./forms/shared.ts";

export type FormField =
  | NetworkField
  | keyof ProxyForm
  | keyof PlatformForm
  | keyof TimeForm
  | keyof TrustForm
  | keyof ScanForm
  | keyof ConsoleForm;

export type FormName = "network" | "proxy" | "platform" | "time" | "trust" | "scan" | "console";

const roleFields = (["lan", "wan"] as const).flatMap((role) =>
  Object.entries(interfaceFields).map(([path, field]): [string, FormField] => [
    `network.${role}.${path}`,
    `${role}.${field}`,
  ]),
);

const formFields: readonly (readonly [path: string, field: FormField])[] = [
  ["hostname", "hostname"],
  ["network.mode", "mode"],
  ...roleFields,
  ...Object.entries(proxyFields),
  ["platform.url", "url"],
  ["time.servers", "timeServers"],
  ["trust.certificates", "certificates"],
  ["scan.exclusions", "exclusions"],
  ["scan.timeZone", "timeZone"],
  ["console.language", "language"],
  ["console.keyboard", "keyboard"],
  ["console.lockAfterMinutes", "lockAfterMinutes"],
];

/** The form's field that a problem belongs to, or null when it belongs to the whole. */
export function formFieldOf(problem: Pick<FieldProblem, "field">): FormField | null {
  return (
    formFields.find(
      ([path]) => problem.field === path || problem.field.startsWith(`${path}.`),
    )?.[1] ?? null
  );
}

/**
 * The form that a problem belongs to: a change made in one form can be refused because of what
 * stands in another.
 */
export function formNameOf({ field }: Pick<FieldProblem, "field">): FormName | null {
  const [section] = field.split(".");
  if (section === "hostname") return "network";
  const names: readonly FormName[] = [
    "network",
    "proxy",
    "platform",
    "time",
    "trust",
    "scan",
    "console",
  ];
  return names.find((name) => name === section) ?? null;
}
