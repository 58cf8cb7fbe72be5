/**
 * What can be wrong with a field of the settings: a code with values, so that console, command line and tests share the rule and
 * the console can put it into another language. `{name}` in a text is replaced by the value of that name.
 */
export interface FieldProblem {
  /** Path in the settings, as `network.lan.ipv4.gateway`; "" for the whole. */
  field: string;
  code: FieldProblemCode;
  values?: Record<string, string>;
}

export interface FieldProblemDescription {
  /** What is wrong. */
  message: string;
  /** What would be right, or what to do. */
  example: string;
}

export const fieldProblems = {
  required: { message: "This field is empty.", example: "Type a value." },
  "not-valid": { message: "{value} is not a value that this field takes: {reason}.", example: "Choose one of the values offered." },
  "too-many": { message: "There are more than {limit} here.", example: "Remove some." },
  "too-long": { message: "This is longer than {limit} characters.", example: "Shorten it." },
  "address-malformed": { message: "{value} is not an IPv4 address.", example: "Type four numbers from 0 to 255, as 192.0.2.10." },
  "address-leading-zero": {
    message: "{value} has a number with a leading zero, which some systems read as octal.",
    example: "Type it without the zero, as 192.0.2.10.",
  },
  "prefix-missing": {
    message: "The network mask is missing.",
    example: "Type the prefix after the address, as 192.0.2.10/24, or a mask, as 192.0.2.10 255.255.255.0.",
  },
  "prefix-malformed": { message: "{value} is not a network mask.", example: "Type a prefix from 1 to 32, as /24, or a mask, as 255.255.255.0." },
  "address-is-network": { message: "{value} is the address of the network itself.", example: "Type the address of this appliance, as {suggestion}." },
  "address-is-broadcast": { message: "{value} is the broadcast address of its network.", example: "Type the address of this appliance, as {suggestion}." },
  "address-not-usable": {
    message: "{value} cannot be the address of a machine ({reason}).",
    example: "Type the address that this appliance was given, as 192.0.2.10/24.",
  },
  "gateway-outside": { message: "The gateway {value} is not in the network {network}.", example: "Type an address in {network}, as {suggestion}." },
  "gateway-is-self": { message: "The gateway is this appliance's own address.", example: "Type the address of the router, as {suggestion}." },
  "gateway-is-network": {
    message: "The gateway {value} is the address of the network itself or its broadcast address.",
    example: "Type the address of the router, as {suggestion}.",
  },
  "dns-not-usable": { message: "{value} cannot be a DNS server ({reason}).", example: "Type the address of a DNS server, as 192.0.2.53." },
  "dns-required": {
    message: "With a static address a DNS server is needed, or no name can be found.",
    example: "Type the address of a DNS server, as 192.0.2.53.",
  },
  duplicate: { message: "{value} is there twice.", example: "Remove one of them." },
  "domain-malformed": { message: "{value} is not a domain name.", example: "Type it as example.org." },
  "hostname-malformed": {
    message: "{value} is not a host name: letters, digits and hyphens only, not at the ends a hyphen.",
    example: "Type it as scanner-1.",
  },
  "mac-malformed": { message: "{value} is not a MAC address.", example: "Type it as 52:54:00:12:34:56." },
  "interface-missing": { message: "There is no network interface with the MAC address {value}.", example: "Choose one of the interfaces listed." },
  "vlan-malformed": { message: "{value} is not a VLAN tag.", example: "Type a number from 1 to 4094, or nothing when the network is untagged." },
  "route-malformed": {
    message: "{value} is not a route.",
    example: "Type it as 10.0.0.0/8 via 192.0.2.1, with metric 50 behind it if you want.",
  },
  "certificate-malformed": {
    message: "{value} is not a certificate.",
    example: "Paste it as text that begins with -----BEGIN CERTIFICATE-----.",
  },
  "port-malformed": { message: "{value} is not a port.", example: "Type a number from 1 to 65535, as 3128." },
  "proxy-host-malformed": { message: "{value} is neither a host name nor an address.", example: "Type it without http:// and port, as proxy.example.org." },
  "proxy-user-required": { message: "The proxy's user name is missing.", example: "Type the user name, or choose no authentication." },
  "proxy-user-colon": { message: "A user name for Basic authentication cannot hold a colon (RFC 7617).", example: "Ask for a user name without a colon." },
  "url-malformed": { message: "{value} is not the address of a platform.", example: "Type it as platform.example.org or https://platform.example.org." },
  "url-not-https": { message: "The platform is only called over https.", example: "Type it as https://platform.example.org." },
} as const satisfies Record<string, FieldProblemDescription>;

export type FieldProblemCode = keyof typeof fieldProblems;

/** The English words for a problem, with its values filled in. */
export function describeFieldProblem(problem: FieldProblem, words: FieldProblemDescription = fieldProblems[problem.code]): FieldProblemDescription {
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name: string) => problem.values?.[name] ?? whole);
  return { message: fill(words.message), example: fill(words.example) };
}

export function isFieldProblemCode(text: string): text is FieldProblemCode {
  return Object.hasOwn(fieldProblems, text);
}
