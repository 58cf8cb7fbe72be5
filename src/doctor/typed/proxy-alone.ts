import { fact } from "../../base/messages/facts.ts";
import type { Check } from "../check/check.ts";
import { skipped } from "../check/findings.ts";
import { address } from "../checks/address.ts";
import { dns } from "../checks/dns.ts";
import { gateway } from "../checks/gateway.ts";
import { link } from "../checks/link.ts";
import { proxy } from "../checks/proxy.ts";
import { resolver } from "../checks/resolver.ts";
import type { Surroundings } from "../path/surroundings.ts";

/** A host that nobody has (RFC 2606 section 2). */
const nobody = "https://platform.invalid";

/**
 * For a proxy that is typed before the platform is known: it is asked for a host that nobody has,
 * which shows whether it answers and takes the log-in, and nothing of the way behind it.
 */
export function proxyAlone(
  present: Surroundings,
): { surroundings: Surroundings; checks: readonly Check[] } | null {
  const { configuration } = present;
  if (configuration.platformUrl !== null || configuration.proxy.kind === "none") return null;
  return {
    surroundings: {
      ...present,
      platform: null,
      configuration: { ...configuration, platformUrl: nobody },
    },
    checks: [link, address, gateway, dns, resolver, withoutTarget],
  };
}

const withoutTarget: Check = {
  ...proxy,
  async run(subject, path) {
    const findings = await proxy.run(subject, path);
    return findings.map((found) =>
      found.id === "proxy:connect" ? skipped(found, fact("no-platform-set")) : found,
    );
  },
};
