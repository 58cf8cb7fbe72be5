import type { InterfaceStatus } from "../../../src/configd/api/status.ts";
import type { Words } from "../../words/words.ts";

const originWords = {
  dhcp: "home.byDhcp",
  dhcpv6: "home.byDhcp6",
  router: "home.byRouter",
  static: "home.byStatic",
} as const satisfies Record<InterfaceStatus["origins"][number], string>;

/** An interface's first address and where it is from, or null where it has none. */
export function addressText(
  { addresses, origins }: Pick<InterfaceStatus, "addresses" | "origins">,
  words: Words,
): string | null {
  const [address] = addresses;
  return address === undefined ? null : words.say(originWords[origins[0] ?? "static"], { address });
}
