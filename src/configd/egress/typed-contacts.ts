import { fact } from "../../base/messages/facts.ts";
import type { TypedSettings } from "../../settings/typed-settings.ts";
import { namedProxy } from "../../settings/values/proxy-address.ts";
import type { EgressContact } from "../api/egress.ts";
import { because } from "../api/egress-reason.ts";

/** The contacts that a test of typed settings makes, besides those of the active ones. */
export function typedContacts(
  { configuration, interfaces, testsPath }: TypedSettings,
  at: number,
): EgressContact[] {
  const contact = (
    host: string,
    port: number,
    protocol: EgressContact["protocol"],
  ): EgressContact => ({
    by: "doctor",
    host,
    port,
    protocol,
    ...because(fact("for-typed")),
    addresses: [],
    count: 1,
    at,
  });
  const named = interfaces.flatMap(({ gateways, dns }) => [
    ...gateways.map((host) => contact(host, 0, "any")),
    ...dns.map((host) => contact(host, 53, "any")),
  ]);
  if (!testsPath) return named;
  const { proxy, platformUrl } = configuration;
  const way = namedProxy(proxy);
  const urls = [proxy.kind === "pac" ? proxy.url : null, platformUrl];
  return [
    ...named,
    ...(way ? [contact(way.host, way.port, "tcp")] : []),
    ...urls.flatMap((text) => {
      if (text === null || !URL.canParse(text)) return [];
      const { hostname, port, protocol } = new URL(text);
      const usual = protocol === "http:" ? 80 : 443;
      return [contact(hostname.replace(/^\[|\]$/g, ""), port === "" ? usual : Number(port), "tcp")];
    }),
  ];
}
