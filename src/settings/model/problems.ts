import { describeFacts, type Fact } from "../../base/messages/facts.ts";
import { fillPhrase } from "../../base/messages/phrases.ts";

/**
 * A problem with a field of the settings: a code with values. Console, command line and tests share
 * the rule, and the console can translate it. A value replaces `{name}` in a text.
 */
export interface FieldProblem {
  /** Path in the settings, as `network.lan.ipv4.gateway`; "" for the whole. */
  field: string;
  code: FieldProblemCode;
  values?: Record<string, string>;
  /** Replaces `{reason}`. */
  reason?: Fact;
}

export interface FieldProblemDescription {
  /** What is wrong. */
  message: string;
  /** What would be right, or what to do. */
  example: string;
}

export const fieldProblems = {
  required: { message: "This field is empty.", example: "Type a value." },
  "not-valid": {
    message: "{value} is not a value that this field takes: {reason}.",
    example: "Choose one of the values offered.",
  },
  "too-many": { message: "There are more than {limit} here.", example: "Remove some." },
  "too-long": { message: "This is longer than {limit} characters.", example: "Shorten it." },
  duplicate: { message: "{value} is there twice.", example: "Remove one of them." },

  "address-malformed": {
    message: "{value} is not an IPv4 address.",
    example: "Type four numbers from 0 to 255, as 192.0.2.10.",
  },
  "address6-malformed": {
    message: "{value} is not an IPv6 address.",
    example: "Type groups of hexadecimal digits with colons between, as 2001:db8::10.",
  },
  "address6-zone": {
    message: "{value} has the name of a network card behind the address, which differs here.",
    example: "Type it without, as {suggestion}: the card is the one that this field belongs to.",
  },
  "address-other-family": {
    message: "{value} is an {family} address, and this field takes {wanted}.",
    example: "Type it into the field for {family}.",
  },
  "address-leading-zero": {
    message: "{value} has a number with a leading zero, which some systems read as octal.",
    example: "Type it without the zero, as 192.0.2.10.",
  },
  "prefix-missing": {
    message: "The network mask is missing.",
    example:
      "Type the prefix after the address, as 192.0.2.10/24, or a mask, as 192.0.2.10 255.255.255.0.",
  },
  "prefix6-missing": {
    message: "The prefix length is missing.",
    example: "Type it after the address, as 2001:db8::10/64.",
  },
  "prefix-malformed": {
    message: "{value} is not a network mask.",
    example: "Type a prefix from 1 to 32, as /24, or a mask, as 255.255.255.0.",
  },
  "prefix6-malformed": {
    message: "{value} is not a prefix length.",
    example: "Type a number from 1 to 128, as /64.",
  },
  "address-is-network": {
    message: "{value} is the address of the network itself.",
    example: "Type the address of this appliance, as {suggestion}.",
  },
  "address-is-broadcast": {
    message: "{value} is the broadcast address of its network.",
    example: "Type the address of this appliance, as {suggestion}.",
  },
  "address-not-usable": {
    message: "{value} cannot be the address of a machine ({reason}).",
    example: "Type the address that this appliance was given, as 192.0.2.10/24.",
  },
  "address6-not-usable": {
    message: "{value} cannot be the address of this appliance ({reason}).",
    example: "Type the address that this appliance was given, as 2001:db8::10/64.",
  },
  "no-address-family": {
    message: "IPv4 and IPv6 are both off.",
    example: "Switch one of them on, as IPv4 by DHCP.",
  },

  "gateway-required": {
    message:
      "The gateway is missing: without one nothing outside of the own network is reached, the platform neither.",
    example: "Type the address of the router, as {suggestion}.",
  },
  "gateway-outside": {
    message: "The gateway {value} is not in the network {network}.",
    example:
      "Type an address in {network}, as {suggestion}; where your provider has it outside, type {value} on-link.",
  },
  "gateway-is-self": {
    message: "The gateway is this appliance's own address.",
    example: "Type the address of the router, as {suggestion}.",
  },
  "gateway-is-network": {
    message: "The gateway {value} is the address of the network itself or its broadcast address.",
    example: "Type the address of the router, as {suggestion}.",
  },
  "gateway-not-usable": {
    message: "{value} cannot be a gateway: {reason}.",
    example: "Type the address of the router.",
  },

  "mtu-malformed": {
    message: "{value} is not an MTU.",
    example: "Type a number from {least} to {most}, as 1500, or nothing for the usual one.",
  },
  "mtu-below-ipv6": {
    message: "IPv6 does not work with an MTU of {value}: it needs 1280 (RFC 8200).",
    example: "Type 1280 or more, or switch IPv6 off.",
  },
  "vlan-malformed": {
    message: "{value} is not a VLAN tag.",
    example: "Type a number from 1 to 4094, or nothing when the network is untagged.",
  },

  "route-malformed": {
    message: "{value} is not a route.",
    example: "Type it as 10.0.0.0/8 via 192.0.2.1, with metric 50 behind it if you want.",
  },
  "network-malformed": {
    message: "{value} is not a network.",
    example: "Type it with its prefix, as 10.0.0.0/8 or 2001:db8::/32.",
  },
  "network-has-host": {
    message: "{value} has bits behind its prefix: that is an address in a network.",
    example: "Type the network, as {suggestion}.",
  },
  "network-not-usable": {
    message: "{value} is no network with machines ({reason}).",
    example: "Type a network, as 10.0.0.0/8.",
  },
  "route-is-default": {
    message: "The default route is not set here.",
    example:
      "Type its router into the field for the gateway, and here only networks, as 10.0.0.0/8.",
  },
  "route-other-family": {
    message: "{value} is not an {family} address as the network is.",
    example: "Type a router of the same family as the network.",
  },
  "route-to-own-network": {
    message: "{value} is the own network, which is reached without a router.",
    example: "Remove this route.",
  },
  "metric-malformed": {
    message: "{value} is not a metric.",
    example: "Type a number from 0 to 4294967294, as 50; the smallest one goes first.",
  },

  "dns-not-usable": {
    message: "{value} cannot be a DNS server ({reason}).",
    example: "Type the address of a DNS server, as 192.0.2.53.",
  },
  "dns-named": {
    message: "{value} is a name, and nobody can look it up before there is a DNS server.",
    example: "Type the address of the DNS server, as 192.0.2.53.",
  },
  "dns-required": {
    message: "With a static address a DNS server is needed, or no name can be found.",
    example: "Type the address of a DNS server, as 192.0.2.53.",
  },
  "domain-malformed": {
    message: "{value} is not a domain name.",
    example: "Type it as example.org.",
  },
  "hostname-dotted": {
    message: "{value} has a dot: the name of this appliance is one word, without a domain.",
    example: "Type {suggestion} alone. A domain in which names are looked up is a search domain.",
  },
  "hostname-malformed": {
    message:
      "{value} is not a host name: it may have letters, digits and hyphens, and no hyphen at an end.",
    example: "Type it as scanner-1.",
  },
  "hostname-not-usable": {
    message: "{value} cannot be the name of this appliance: {reason}.",
    example: "Type another one, as scanner-1.",
  },
  "control-character": {
    message: "There is a character here that is a key and no letter, as Tab or the end of a line.",
    example: "Type the value again without it.",
  },
  "replaced-character": {
    message:
      "It holds the character U+FFFD: a program replaced a character that it could not read.",
    example: "Type it again, in a terminal and a text that are UTF-8.",
  },
  "host-not-usable": {
    message: "{value} cannot be the address of a machine ({reason}).",
    example: "Type its name or its address.",
  },

  "mac-malformed": {
    message: "{value} is not a MAC address.",
    example: "Type it as 52:54:00:12:34:56.",
  },
  "interface-missing": {
    message: "There is no network interface with the MAC address {value}.",
    example: "Choose one of the interfaces listed.",
  },
  "same-card": {
    message: "LAN and WAN cannot share the network card {value} without VLAN tags.",
    example: "Choose another card for one of them, or type two different VLAN tags, as 10 and 20.",
  },
  "same-vlan": {
    message: "LAN and WAN have the same card and the same VLAN tag {value}.",
    example: "Type another tag for one of them, as 10 and 20.",
  },
  "same-network": {
    message:
      "LAN and WAN have the same network {value}, so that nothing says which way a packet goes.",
    example: "Give one of them an address in another network, or use one network card for all.",
  },
  "in-lan-network": {
    message:
      "{value} lies in the LAN's network {network}, and in split mode nothing but scans goes there.",
    example: "Use one that is reached over the WAN, or use one network card for all.",
  },

  "port-malformed": {
    message: "{value} is not a port.",
    example: "Type a number from 1 to 65535, as 3128.",
  },
  "proxy-host-has-login": {
    message: "A log-in stands before the proxy's name here.",
    example: "Type the name or the address alone, and the log-in into User and Password.",
  },
  "proxy-host-malformed": {
    message: "{value} is neither a host name nor an address.",
    example: "Type it without http:// and port, as proxy.example.org.",
  },
  "proxy-user-required": {
    message: "The proxy's user name is missing.",
    example: "Type the user name, or choose no authentication.",
  },
  "proxy-user-colon": {
    message: "A user name for Basic authentication cannot hold a colon (RFC 7617).",
    example: "Ask for a user name without a colon.",
  },
  "proxy-user-domain": {
    message:
      "This is not a user name for NTLM: there is one backslash at most, between domain and name.",
    example: "Type it as EXAMPLE\\anna, or as anna.",
  },
  "proxy-user-realm": {
    message: "Kerberos needs the user's realm behind the name.",
    example: "Type it as anna@EXAMPLE.ORG.",
  },
  "pac-url-malformed": {
    message: "{value} is not the address of a proxy configuration file.",
    example: "Type it as http://wpad.example.org/proxy.pac.",
  },
  "bypass-malformed": {
    message: "{value} is nothing that can be called directly.",
    example:
      "Type a name, a domain, an address or a network, as intranet.example.org, .example.org, 192.0.2.7 or 192.0.2.0/24.",
  },
  "url-malformed": {
    message: "{value} is not the address of a platform.",
    example: "Type it as platform.example.org or https://platform.example.org.",
  },
  "url-has-path": {
    message: "{value} is the address of a page: the platform's own ends before the path.",
    example: "Type it as {suggestion}.",
  },
  "url-not-https": {
    message: "The platform is only called over https.",
    example: "Type it as https://platform.example.org.",
  },

  "certificate-malformed": {
    message: "{value} is not a certificate.",
    example: "Paste it as text that begins with -----BEGIN CERTIFICATE-----.",
  },
  "certificate-damaged": {
    message: "This begins as a certificate does, and cannot be read: a part is missing or changed.",
    example: "Copy it again whole, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.",
  },
  "certificate-is-key": {
    message:
      "This is a private key, not a certificate; it belongs on the machine that it was made for and nowhere else.",
    example: "Paste the authority's certificate, which begins with -----BEGIN CERTIFICATE-----.",
  },
  "certificate-is-request": {
    message: "This is a request for a certificate, not a certificate.",
    example: "Paste the authority's certificate, which begins with -----BEGIN CERTIFICATE-----.",
  },
  "certificate-several": {
    message: "These are several certificates.",
    example: "Make one entry of each.",
  },
  "certificate-not-authority": {
    message:
      "The certificate of {value} is not that of an authority, so that it cannot vouch for others.",
    example: "Paste the certificate of the authority that issued it.",
  },

  "time-server-malformed": {
    message: "{value} is neither a host name nor an address.",
    example: "Type a time server as ntp.example.org or 192.0.2.123.",
  },
  "time-zone-malformed": {
    message: "{value} is not a time zone.",
    example: "Type it as Europe/Berlin or UTC.",
  },
  "exclusion-malformed": {
    message: "{value} {reason}.",
    example:
      "Type an address, a network or a range, as 192.0.2.7, 192.0.2.0/28 or 192.0.2.10-192.0.2.20.",
  },
  "tool-host-malformed": {
    message: "{value} is neither a host name nor an address.",
    example: "Type one host, as platform.example.org, 192.0.2.1 or 2001:db8::1.",
  },
  "tool-host-range": {
    message: "{value} is several hosts, and a tool tries one.",
    example: "Type one host, as platform.example.org, 192.0.2.1 or 2001:db8::1.",
  },
  "tool-address-malformed": {
    message: "{value} is not an address.",
    example: "Type it as 192.0.2.1 or 2001:db8::1.",
  },
  "tool-seconds-malformed": {
    message: "{value} is not a time that a capture can take.",
    example: "Type the seconds as a number from {least} to {most}.",
  },
  "keyboard-unknown": {
    message: "{value} is not a keyboard layout that is known here.",
    example: "Type the short name of a layout, as us, gb, de or fr.",
  },
  "minutes-malformed": {
    message: "{value} is not a number of minutes.",
    example: "Type a number from 1 to {most}, as 15, or nothing for never.",
  },
} as const satisfies Record<string, FieldProblemDescription>;

export type FieldProblemCode = keyof typeof fieldProblems;

/** The texts of a problem with its values filled in, in English unless `translate` is given. */
export function describeFieldProblem(
  problem: FieldProblem,
  translate: (text: string) => string = (text) => text,
): FieldProblemDescription {
  const { message, example } = fieldProblems[problem.code];
  const reason = problem.reason ? describeFacts([problem.reason], translate) : null;
  const fill = (text: string) =>
    fillPhrase(translate(text), { ...problem.values, ...(reason === null ? {} : { reason }) });
  return { message: fill(message), example: fill(example) };
}

export function isFieldProblemCode(text: string): text is FieldProblemCode {
  return Object.hasOwn(fieldProblems, text);
}
