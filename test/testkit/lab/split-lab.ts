import { applianceCards, platformUrl } from "../../../image/lab/addresses.ts";
import type { Appliance } from "../../../image/lab/appliance.ts";
import { type Lab, type LabOptions, startLab } from "../../../image/lab/lab.ts";
import type { CommandResult } from "../../../image/lab/namespaces.ts";
import { labNetworks } from "../../../image/lab/networks.ts";
import { Operator, poll } from "../../../image/lab/operator.ts";
import { openTerminal, type Terminal } from "../../../image/terminal/terminal.ts";
import type { VerbName, VerbRequest } from "../../../src/configd/api/api.ts";
import { routes } from "../../../src/configd/api/routes.ts";
import { scanUser } from "../../../src/network/users.ts";
import {
  defaultInterface,
  defaultSettings,
  type InterfaceSettings,
  type Network,
  type Settings,
} from "../../../src/settings/model/schema.ts";
import { renderSettings } from "../../../src/settings/render.ts";
import { countOnTheWire } from "./wire-count.ts";

export const automatic: InterfaceSettings = { ...defaultInterface, ipv6: { method: "automatic" } };

export const staticLan: InterfaceSettings = {
  ...defaultInterface,
  ipv4: { method: "static", address: "192.0.2.50/24", gateway: "192.0.2.1" },
  ipv6: { method: "static", address: "2001:db8:0:1::50/64", gateway: "2001:db8:0:1::1" },
  dns: { servers: ["192.0.2.1"], search: [] },
};
export const staticWan: InterfaceSettings = {
  ...defaultInterface,
  ipv4: { method: "static", address: "198.51.100.50/24", gateway: "198.51.100.1" },
  ipv6: { method: "static", address: "2001:db8:0:2::50/64", gateway: "2001:db8:0:2::1" },
  dns: { servers: ["198.51.100.1"], search: [] },
};

export const withNetwork = (network: Network): Settings => ({
  ...defaultSettings,
  network,
  platform: { url: platformUrl },
});
export const splitNetwork = (lan: InterfaceSettings, wan: InterfaceSettings): Network => ({
  mode: "split",
  lan,
  wan,
});

export type SplitLab = Lab<Terminal> & { operator: Operator };

/**
 * A lab, of both families by default, whose appliance has booted with these settings; every packet of it was counted.
 */
export async function startSplitLab(
  settings: Settings,
  options: Pick<LabOptions<Terminal>, "platform" | "targets" | "networks" | "proxy"> = {},
): Promise<SplitLab> {
  const lab = await startLab({
    networks: labNetworks.dual,
    ...options,
    openConsole: ([command, ...args]) => openTerminal({ command, args, cols: 80, rows: 24 }),
  });
  try {
    const folder = "/run/lab/data/outrider/settings";
    await lab.namespaces.run(["sh", "-c", `mkdir -p ${folder} && cat >${folder}/appliance.yaml`], {
      input: renderSettings(settings, null),
    });
    await lab.appliance.start();
    await countOnTheWire(lab.namespaces, { lan: "eth0", wan: "eth1" });
    await lab.appliance.booted();
  } catch (error) {
    await lab.stop();
    throw error;
  }
  return { ...lab, operator: new Operator(lab.platform) };
}

/** Waits until a check holds. It polls, since nothing reports the change. */
export async function until(
  what: string,
  check: () => Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  await poll(async () => ((await check()) ? true : undefined), what, timeoutMs);
}

/** Has the appliance call home, and waits for a heartbeat that arrived after that. */
export async function callHome(
  { appliance, operator }: SplitLab,
  applianceId: string,
): Promise<void> {
  const since = Date.now();
  await until(
    "another heartbeat",
    async () => {
      await appliance.exec(["outrider", "call"], { mayFail: true });
      return ((await operator.appliance(applianceId)).heartbeatAt ?? 0) > since;
    },
    120_000,
  );
}

/** How many packets the guards of each side have stopped, by the status. */
export async function guards({
  appliance,
}: SplitLab): Promise<{ lan: number; wan: number } | null> {
  const counted = async () => {
    const { stdout } = await appliance.exec(["nft", "list", "counters"], { mayFail: true });
    const sum = (name: string) =>
      [...stdout.matchAll(new RegExp(`counter ${name} \\{\\s+packets (\\d+)`, "g"))].reduce(
        (total, [, packets]) => total + Number(packets),
        0,
      );
    if (!/counter stopped/.test(stdout)) return null;
    return {
      lan: sum("stopped_on_lan") + sum("kernel_on_lan"),
      wan: sum("stopped_on_wan") + sum("kernel_on_wan"),
    };
  };
  let counts = await counted();
  if (counts !== null)
    await until("the status has the guards' counts", async () => {
      // The kernel may go on trying while this looks: the status is of a moment between two counts.
      const before = await counted();
      const told = await guardsOfStatus(appliance);
      counts = await counted();
      return (["lan", "wan"] as const).every((side) => {
        const packets = told[side]?.packets ?? -1;
        return packets >= (before?.[side] ?? 0) && packets <= (counts?.[side] ?? 0);
      });
    });
  return counts;
}

async function guardsOfStatus(
  appliance: Appliance<Terminal>,
): Promise<Record<string, { packets: number; kernelPackets: number }>> {
  const { stdout } = await appliance.exec(["outrider", "status", "--json"]);
  const { guards: told }: { guards?: Record<string, { packets: number; kernelPackets: number }> } =
    JSON.parse(stdout);
  return told ?? {};
}

/** How many packets of programs the guards of each side have stopped. */
export async function programsStopped({ appliance }: SplitLab): Promise<Record<string, number>> {
  const counts = await guardsOfStatus(appliance);
  return Object.fromEntries(
    Object.entries(counts).map(([side, { packets, kernelPackets }]) => [
      side,
      packets - kernelPackets,
    ]),
  );
}

/** One of configd's verbs, called in the appliance as its console would. */
export async function callConfigd<Name extends VerbName>(
  { appliance }: { appliance: Appliance<Terminal> },
  verb: Name,
  request: VerbRequest<Name>,
): Promise<unknown> {
  const { method, path } = routes[verb];
  const program = `
const call = require("node:http").request({ socketPath: "/run/outrider/console.sock", method: process.argv[1], path: process.argv[2], headers: { "content-type": "application/json" } });
call.on("response", (reply) => { reply.pipe(process.stdout); reply.on("end", () => { process.exitCode = reply.statusCode < 400 ? 0 : 1; }); });
process.stdin.pipe(call);`;
  const { stdout, exitCode } = await appliance.exec(
    ["/usr/lib/outrider/node", "-e", program, method, path],
    {
      input: JSON.stringify(request),
      mayFail: true,
      timeoutMs: 120_000,
    },
  );
  if (exitCode !== 0) throw new Error(`${verb}: ${stdout}`);
  return stdout === "" ? null : JSON.parse(stdout);
}

/** Tries these settings and keeps them, without regard to the checks. */
export async function change(lab: SplitLab, settings: Settings): Promise<void> {
  const trial = await callConfigd(lab, "try", { settings });
  if (
    typeof trial !== "object" ||
    trial === null ||
    !("id" in trial) ||
    typeof trial.id !== "string"
  )
    throw new Error("there is no trial");
  await callConfigd(lab, "keep", { id: trial.id });
}

/** Waits until both sides have all the addresses that they are to have. */
export async function addressed(
  { appliance }: SplitLab,
  devices: readonly string[] = ["eth0", "eth1"],
  ipv6 = true,
): Promise<void> {
  await until(
    `addresses on ${devices.join(" and ")}`,
    async () => {
      const texts = await Promise.all(
        devices.map(
          async (device) =>
            (await appliance.exec(["ip", "address", "show", "dev", device, "scope", "global"]))
              .stdout,
        ),
      );
      return texts.every(
        (text) => /inet /.test(text) && (!ipv6 || (/inet6 /.test(text) && !/tentative/.test(text))),
      );
    },
    30_000,
  );
}

/** Swaps the cards of the two roles, with their cables, and waits until both have their addresses. */
export async function swapRoles(
  lab: SplitLab,
  lan: InterfaceSettings,
  wan: InterfaceSettings,
): Promise<void> {
  const { eth0, eth1 } = applianceCards;
  await lab.namespaces.script(
    "ip link set appliance-eth0 master wan && ip link set appliance-eth1 master lan",
  );
  const swapped = splitNetwork(
    { ...lan, macAddress: eth1.macAddress },
    { ...wan, macAddress: eth0.macAddress },
  );
  await change(lab, withNetwork(swapped));
  await until("the roles are swapped", async () =>
    /198\.51\.100\./.test(
      (await lab.appliance.exec(["ip", "address", "show", "dev", "eth0"])).stdout,
    ),
  );
  await addressed(lab);
}

/** Runs nmap as the scan's units do: the same user, the same capability, no other privilege. */
export async function nmap(
  { appliance }: SplitLab,
  args: readonly string[],
  timeoutMs = 60_000,
): Promise<CommandResult> {
  const properties = [
    `User=${scanUser}`,
    `Group=${scanUser}`,
    "AmbientCapabilities=CAP_NET_RAW",
    "CapabilityBoundingSet=CAP_NET_RAW",
    "NoNewPrivileges=yes",
  ];
  return await appliance.exec(
    [
      "systemd-run",
      "--quiet",
      "--wait",
      "--pipe",
      "--collect",
      ...properties.map((each) => `--property=${each}`),
      "nmap",
      "--privileged",
      ...args,
    ],
    { mayFail: true, timeoutMs },
  );
}

/** Gives platform and code at the command line; again while configd is still starting. */
export async function giveCode(
  { appliance }: Pick<SplitLab, "appliance">,
  url: string,
  code: string,
): Promise<void> {
  const given = async () => {
    const done = await appliance.exec(["outrider", "enrol", url], {
      input: `${code}\n`,
      mayFail: true,
    });
    if (done.exitCode !== 0 && !/does not answer/.test(done.stderr)) throw new Error(done.stderr);
    return done.exitCode === 0;
  };
  await until("configd takes platform and code", given);
}

/** Enrols by the command line, and returns the appliance's id when it has called home. */
export async function enrol({ appliance, operator }: SplitLab): Promise<string> {
  const { code } = await operator.makeActivationCode("lab");
  await giveCode({ appliance }, platformUrl, code);
  return (
    await operator.waitForAppliance(
      ({ heartbeatAt }) => heartbeatAt !== null,
      "the first heartbeat",
    )
  ).id;
}
