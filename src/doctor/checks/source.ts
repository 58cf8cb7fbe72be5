import { familyOf, isLinkLocal } from "../../base/addresses/neighbours.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import { agentUser } from "../../network/users.ts";
import type { Check } from "../check/check.ts";
import { type Finding, failed, failedBy, ok, skipped } from "../check/findings.ts";
import type { Subject } from "../check/subject.ts";
import type { RouteTaken } from "../path/own-machine.ts";
import type { Path } from "../path/path.ts";
import { dns } from "./dns.ts";
import { gateway } from "./gateway.ts";
import { resolver } from "./resolver.ts";

const mostAddresses = 4;
/** Where a platform or proxy is on this machine itself. */
const loopback = "lo";

/**
 * By which device and from which address the agent's packets really leave for the first host of the
 * path: what the kernel answers for the agent's user, whatever the settings say.
 */
export const source: Check = {
  id: "source",
  needs: [gateway, dns, resolver],
  role: "management",
  subjects: ({ firstHost }) => [
    { id: "source", subject: firstHost === null ? "way out" : `way out to ${firstHost}` },
  ],
  async run(subject, path) {
    const { firstHost, surroundings } = path;
    if (firstHost === null) return [skipped(subject, fact("no-platform-set"))];
    const startedMs = surroundings.monotonicMs();
    const took = () => surroundings.monotonicMs() - startedMs;
    // The probes of the services report a name that cannot be found.
    const addresses = await addressesOf(firstHost, path);
    if (addresses.length === 0)
      return [skipped(subject, fact("name-not-found-yet", { host: firstHost }))];
    try {
      const routes = await Promise.all(
        addresses.map(async (address) => ({
          address,
          route: await surroundings.machine.routeTo(address, { user: agentUser }),
        })),
      );
      return [judge(subject, routes, path, took())];
    } catch (error) {
      return [failedBy(subject, error, took())];
    }
  },
};

function judge(
  subject: Subject,
  routes: readonly { address: string; route: RouteTaken | null }[],
  path: Path,
  durationMs: number,
): Finding {
  const { device: wanted } = path;
  const taken = routes.flatMap(({ address, route }) =>
    route === null ? [] : [{ address, ...route }],
  );
  const facts = taken.map(wayFact);
  // The probes of the services say which family is missing.
  if (taken.length === 0) {
    const addresses = routes.map(({ address }) => address).join(", ");
    return skipped(subject, fact("leaves-not", { address: addresses }));
  }
  const astray = taken.find(({ device }) => device !== wanted && device !== loopback);
  if (astray === undefined) return ok(subject, facts, durationMs);
  const not = fact("leaves-by-not", { device: astray.device, wanted: wanted ?? "" });
  return failed(subject, "source-wrong", [...facts, not], durationMs);
}

function wayFact({ address, device, source, gateway }: RouteTaken & { address: string }): Fact {
  const way = { address, device, source: source ?? "?" };
  return gateway === null ? fact("leaves-by", way) : fact("leaves-by-through", { ...way, gateway });
}

async function addressesOf(host: string, { device, surroundings, signal }: Path) {
  if (familyOf(host) !== null)
    return [isLinkLocal(host) && !host.includes("%") ? `${host}%${device}` : host];
  const found = await surroundings.resolve(host, signal).catch(() => []);
  return found.slice(0, mostAddresses);
}
