import type { NamedAppliance, PlatformKeysReply, PlatformKeyView } from "./operator/key-schemas.ts";

type Kind = PlatformKeyView["kind"];

const titles: Record<Kind, string> = {
  reply: "Reply key, which signs what the platform answers",
  authority: "Certificate authority, which signs the server's certificate",
};

/** What `platform keys list` prints. */
export function keysText({ keys, appliances, revoked, lost }: PlatformKeysReply, nowMs: number) {
  const lines: string[] = [];
  for (const kind of ["reply", "authority"] as const) {
    lines.push(titles[kind]);
    for (const key of keys.filter((each) => each.kind === kind))
      lines.push(...keyLines(key, appliances, nowMs));
    for (const { id, at } of revoked.filter((each) => each.kind === kind))
      lines.push(`  ${id}`, `    stolen, and of no use since ${day(at)}`);
    lines.push("");
  }
  if (lost.length > 0)
    lines.push(
      `${counted(lost.length)} cannot recognise this platform any more, and must be activated anew:`,
      ...names(lost),
      "",
    );
  return lines.join("\n");
}

function keyLines(key: PlatformKeyView, appliances: number, nowMs: number): string[] {
  const { id, state, since, useBy, known, unknown } = key;
  const days = useBy === null ? 0 : Math.max(0, Math.ceil((useBy - nowMs) / 86_400_000));
  return [
    `  ${id}`,
    state === "used" || useBy === null
      ? `    in use since ${day(since)}`
      : `    announced on ${day(since)}; used when all appliances know it, on ${day(useBy)} at the latest (${days} days)`,
    `    known to ${known} of ${appliances} appliances`,
    ...(unknown.length > 0 && unknown.length < appliances
      ? ["    not known to:", ...names(unknown).map((line) => `  ${line}`)]
      : []),
  ];
}

/** What `platform keys roll … --now` costs. */
export function lostText(kind: Kind, { lost }: PlatformKeysReply): string {
  const back =
    lost.length === 0
      ? ["No appliance has to be activated anew."]
      : [
          `${counted(lost.length)} must be activated anew, each at its console. They keep their`,
          "settings, results and place in the fleet. For each:",
          "  1. make a code: on the platform's page of the appliance, under Enrol anew, or by",
          "     POST /api/activation-codes with its applianceId;",
          "  2. type the code at the appliance's console, under Platform.",
        ];
  const rest: Record<Kind, string[]> = {
    reply: [
      "Until then they refuse what this platform says (reply-forged), and keep what they found.",
      "Whoever has the stolen key can still deceive an appliance until it is activated anew.",
      "If the whole data folder was stolen: roll the authority too (keys roll authority --now), and",
      "replace the operator's token (delete operator-token, and start the platform again).",
    ],
    authority: [
      "Appliances learn the new authority under the reply key, by themselves, with their next call.",
      "Whoever has the stolen one can read along, not alter, until an appliance has learnt it.",
      "Browsers and scripts need the new certificate: Help on the platform's page.",
    ],
  };
  return [
    ...back,
    ...rest[kind],
    "Make a backup of the data folder now: older ones lack this key.",
  ].join("\n");
}

function names(appliances: readonly NamedAppliance[]): string[] {
  return appliances.map(({ id, name }) => `  ${name}  ${id}`);
}

const counted = (count: number) => `${count} appliance${count === 1 ? "" : "s"}`;
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
