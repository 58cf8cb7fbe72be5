import { readdir, readFile } from "node:fs/promises";
import { type Static, Type } from "@sinclair/typebox";
import { compileValidators } from "../base/validation.ts";
import { AgentStatus } from "../configd/api/status.ts";
import { HealthFigures } from "../protocol/schemas/health.ts";
import { migrate } from "../settings/migrate.ts";
import { Settings } from "../settings/model/schema.ts";

const Text = Type.String({ maxLength: 300 });
const closed = { additionalProperties: false } as const;

const Lease = Type.Object(
  {
    address: Text,
    gateway: Type.Union([Text, Type.Null()]),
    dns: Type.Array(Text),
    timeServers: Type.Optional(Type.Array(Text)),
    delayMs: Type.Integer({ minimum: 0 }),
  },
  closed,
);

const DescribedInterface = Type.Object(
  {
    name: Type.String({ maxLength: 15 }),
    macAddress: Text,
    linkUp: Type.Boolean(),
    /** The offer of the DHCP server on this interface's network; null when there is none. */
    lease: Type.Union([Lease, Type.Null()]),
  },
  closed,
);
export type DescribedInterface = Static<typeof DescribedInterface>;

const ScanTarget = Type.Object(
  {
    address: Text,
    hostname: Type.Optional(Text),
    mac: Type.Optional(Text),
    ports: Type.Array(
      Type.Object(
        {
          number: Type.Integer(),
          service: Text,
          product: Type.Optional(Text),
          version: Type.Optional(Text),
        },
        closed,
      ),
    ),
  },
  closed,
);

const Fault = Type.Object({ code: Text, detail: Text }, closed);

/**
 * A machine and its surroundings, as far as the console shows them: the data of the dry run. All
 * instants in `agent` are milliseconds from now; negative ones are in the past.
 */
export const DescribedMachine = Type.Object(
  {
    description: Text,
    interfaces: Type.Array(DescribedInterface),
    /** The peers on the machine's networks; the described doctor's checks depend on them. */
    surroundings: Type.Object(
      {
        gateways: Type.Array(Text),
        dnsServers: Type.Array(Text),
        /** The proxy that exists on the network, independent of the settings. */
        proxy: Type.Union([
          Type.Object(
            { host: Text, port: Type.Integer(), user: Type.Union([Text, Type.Null()]) },
            closed,
          ),
          Type.Null(),
        ]),
        /** The firewall lets the appliance out without a proxy. */
        direct: Type.Boolean(),
        /** The services' fault, direct and through a proxy. */
        fault: Type.Union([Fault, Type.Null()]),
      },
      closed,
    ),
    clockSynchronized: Type.Boolean(),
    /** Saved settings at the first start; absent, those of a new appliance. */
    settings: Type.Optional(Settings),
    secrets: Type.Optional(Type.Object({ proxyPassword: Type.String() }, closed)),
    /** The agent's status; absent, the real agent runs. */
    agent: Type.Optional(Type.Unknown()),
    host: HealthFigures,
    scanTargets: Type.Array(ScanTarget),
  },
  closed,
);
export type DescribedMachine = Static<typeof DescribedMachine> & { name: string };

const validators = compileValidators({ DescribedMachine, AgentStatus });

export const machinesFolder = new URL("machines/", import.meta.url);

export async function describedMachineNames(): Promise<string[]> {
  const files = await readdir(machinesFolder);
  return files
    .flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -".json".length)] : []))
    .sort();
}

/** Throws an Error that lists the known machines, or the problems of the file. */
export async function loadDescribedMachine(name: string): Promise<DescribedMachine> {
  const names = await describedMachineNames();
  if (!names.includes(name))
    throw new Error(`there is no machine ${JSON.stringify(name)}; there are: ${names.join(", ")}`);
  const described: Record<string, unknown> = JSON.parse(
    await readFile(new URL(`${name}.json`, machinesFolder), "utf8"),
  );
  const checked = validators.DescribedMachine({
    ...described,
    ...("settings" in described && { settings: migrated(described.settings) }),
  });
  if (!checked.valid)
    throw new Error(`src/simulation/machines/${name}.json: ${describeAll(checked.violations)}`);
  return { ...checked.value, name };
}

/** Brings settings of an older version forward, as configd does; the checks refuse the others. */
function migrated(settings: unknown): unknown {
  const answer = migrate(settings);
  return answer.ok ? answer.value : settings;
}

function describeAll(violations: readonly { path: string; message: string }[]): string {
  return violations.map(({ path, message }) => `${path} ${message}`).join("; ");
}

const instants = new Set(["lastSuccessAt", "nextCallAt", "at", "endedAt"]);

/** The status of the machine's agent at `nowMs`, or null when the real agent runs on it. */
export function describedAgent(machine: DescribedMachine, nowMs: number): AgentStatus | null {
  if (machine.agent === undefined) return null;
  const moved: unknown = JSON.parse(JSON.stringify(machine.agent), (key, value: unknown) =>
    instants.has(key) && typeof value === "number" ? nowMs + value : value,
  );
  const checked = validators.AgentStatus(moved);
  if (!checked.valid)
    throw new Error(
      `src/simulation/machines/${machine.name}.json: agent: ${describeAll(checked.violations)}`,
    );
  return checked.value;
}
