import { fact } from "../../base/messages/facts.ts";
import type { Check } from "../check/check.ts";
import { ok, skipped, warning } from "../check/findings.ts";
import type { Path } from "../path/path.ts";
import { address } from "./address.ts";

/** Machines that were seen are asked besides the gateway: one of them may have been switched off. */
const mostAsked = 4;

/**
 * In split mode: whether what the LAN scans can be heard there, its gateway or a machine that was seen
 * before. Its silence is a warning: a scan may have other targets.
 */
export const neighbour: Check = {
  id: "neighbour",
  needs: [address],
  role: "every",
  hiddenWhenSkipped: true,
  subjects: ({ role, isSplit }) =>
    isSplit && role === "lan" ? [{ id: "neighbour:lan", subject: "machines on the LAN" }] : [],
  async run(subject, path) {
    const { name: device } = path.requiredFacts;
    const asked = await candidates(path);
    if (asked.length === 0) return [skipped(subject, fact("neighbours-unknown", { device }))];
    const startedMs = path.surroundings.monotonicMs();
    const answers = await Promise.all(
      asked.map(async (each) => ((await answersOn(device, each, path)) ? [each] : [])),
    );
    const tookMs = path.surroundings.monotonicMs() - startedMs;
    const heard = answers.flat();
    return [
      heard.length > 0
        ? ok(subject, fact("neighbours-answer", { addresses: heard.join(", "), device }), tookMs)
        : warning(
            subject,
            "lan-silent",
            asked.map((each) => fact("gateway-asked", { address: each, device })),
            tookMs,
          ),
    ];
  },
};

async function candidates({ requiredFacts, surroundings }: Path): Promise<string[]> {
  const { name: device, gateways } = requiredFacts;
  const seen = await surroundings.machine.neighbours(device).catch(() => []);
  return [...new Set([...gateways, ...seen])].slice(0, mostAsked);
}

function answersOn(device: string, address: string, path: Path): Promise<boolean> {
  return path.surroundings.neighbourAnswers(device, address, path.signal).catch(() => false);
}
