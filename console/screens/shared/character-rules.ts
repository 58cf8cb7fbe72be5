import type { CharacterSet } from "../../../src/settings/fields/field.ts";
import * as rules from "../../fields/rules.ts";
import type { TextRules } from "../../fields/text-field.ts";

/** What can be typed into the field of a setting, by the name that the setting has for it. */
export const rulesOf: Readonly<Record<CharacterSet, TextRules>> = {
  address: rules.addressRules,
  addressList: rules.anyAddressListRules,
  addressWithMask: rules.addressWithMaskRules,
  bypassList: rules.bypassRules,
  domainList: rules.domainListRules,
  exclusionList: rules.exclusionRules,
  host: rules.hostRules,
  hostList: rules.hostListRules,
  hostname: rules.hostnameRules,
  ipv6: rules.ipv6Rules,
  ipv6WithPrefix: rules.ipv6WithPrefixRules,
  number: rules.numberRules,
  pacUrl: rules.pacUrlRules,
  port: rules.portRules,
  routeList: rules.routeListRules,
  text: rules.credentialRules,
  timeZone: rules.timeZoneRules,
};
