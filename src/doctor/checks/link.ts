import { type Fact, fact } from "../../base/messages/facts.ts";
import type { Check } from "../check/check.ts";
import { failed, ok, warning } from "../check/findings.ts";
import type { CardMode } from "../path/own-machine.ts";

/** A card that negotiates this is on a bad cable, or on a port that is set to it. */
const slowMbps = 10;

/**
 * Whether the interface's device is there and has a carrier, and what it agreed on with the switch.
 * Virtual cards that report neither speed nor duplex are as they should be.
 */
export const link: Check = {
  id: "link",
  needs: [],
  role: "every",
  passive: true,
  subjects({ role, device }) {
    const name = `${role.toUpperCase()} link`;
    return [{ id: `link:${role}`, subject: device === null ? name : `${name}, ${device}` }];
  },
  async run(subject, { role, device, facts, surroundings }) {
    if (device === null)
      return [
        failed(
          subject,
          "interface-missing",
          fact("role-without-card", { role: role.toUpperCase() }),
        ),
      ];
    if (!facts) return [failed(subject, "interface-missing", fact("card-missing", { device }))];
    const { macAddress: mac } = facts;
    if (!facts.linkUp) return [failed(subject, "link-down", fact("card-down", { device, mac }))];
    const mode = await surroundings.machine.cardMode(device);
    const found = [fact("card-up", { mac }), ...modeFacts(mode)];
    if (mode.duplex === "half") return [warning(subject, "link-half-duplex", found)];
    if (mode.speedMbps !== null && mode.speedMbps <= slowMbps)
      return [warning(subject, "link-slow", found)];
    return [ok(subject, found)];
  },
  because: () => fact("after-link"),
};

function modeFacts({ speedMbps, duplex }: CardMode): Fact[] {
  if (speedMbps === null) return duplex === null ? [] : [fact("card-duplex", { duplex })];
  return duplex === null
    ? [fact("card-mode", { megabits: speedMbps })]
    : [fact("card-mode-duplex", { megabits: speedMbps, duplex })];
}
