import type { ExecutionContext } from "ava";
import { platformUrl } from "../../image/lab/addresses.ts";
import type { Appliance } from "../../image/lab/appliance.ts";
import type { CommandResult } from "../../image/lab/namespaces.ts";
import type { VerbName, VerbRequest } from "../../src/configd/api.ts";
import { routes } from "../../src/configd/routes.ts";
import { scanUser } from "../../src/network/users.ts";
import { renderSettings } from "../../src/settings/render.ts";
import { defaultInterface, defaultSettings, type InterfaceSettings, type Network, type Settings } from "../../src/settings/schema.ts";
import { eventually, openLab, type TestLab } from "./lab.ts";
import type { Terminal } from "./terminal.ts";
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

export const withNetwork = (network: Network): Settings => ({ ...defaultSettings, network, platform: { url: platformUrl } });
export const splitNetwork = (lan: InterfaceSettings, wan: InterfaceSettings): Network => ({ mode: "split", lan, wan });

/** A lab with IPv6 whose appliance boots with these settings. */
export async function openSplitLab(t: ExecutionContext, settings: Settings, options: Parameters<typeof openLab>[1] = {}): Promise<TestLab> {
  const lab = await openLab(t, { ipv6: true, ...options });
  await putSettings(lab, settings);
  await lab.appliance.start();
  // From its first packet on.
  await countOnTheWire(lab.namespaces, { lan: "eth0", wan: "eth1" });
  await lab.appliance.booted();
  return lab;
}

/** How many packets the guards of each side have stopped, by the status. */
export async function guards({ appliance }: TestLab): Promise<{ lan: number; wan: number } | null> {
  // Asked twice: the first answer is from before.
  const status = async (): Promise<unknown> => JSON.parse((await appliance.exec(["outrider", "status", "--json"])).stdout);
  await status();
  const { stdout } = await appliance.exec(["nft", "list", "counters"], { mayFail: true });
  const sum = (name: string) =>
    [...stdout.matchAll(new RegExp(`counter ${name} \\{\\s+packets (\\d+)`, "g"))].reduce((total, [, packets]) => total + Number(packets), 0);
  if (!/counter stopped/.test(stdout)) return null;
  const counted = { lan: sum("stopped_on_lan"), wan: sum("stopped_on_wan") };
  await eventually("the status has the guards' counts", async () => {
    const document = await status();
    return JSON.stringify(document).includes(`"lan":{"packets":${counted.lan},`) && JSON.stringify(document).includes(`"wan":{"packets":${counted.wan},`);
  });
  return counted;
}

async function putSettings({ namespaces }: TestLab, settings: Settings): Promise<void> {
  const folder = "/run/lab/data/outrider/settings";
  await namespaces.run(["sh", "-c", `mkdir -p ${folder} && cat >${folder}/appliance.yaml`], { input: renderSettings(settings, null) });
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
  const { stdout, exitCode } = await appliance.exec(["/usr/lib/outrider/node", "-e", program, method, path], {
    input: JSON.stringify(request),
    mayFail: true,
    timeoutMs: 120_000,
  });
  if (exitCode !== 0) throw new Error(`${verb}: ${stdout}`);
  return stdout === "" ? null : JSON.parse(stdout);
}

/** Tries these settings and keeps them, whatever the checks say. */
export async function change(lab: TestLab, settings: Settings): Promise<void> {
  const trial = await callConfigd(lab, "try", { settings });
  if (typeof trial !== "object" || trial === null || !("id" in trial) || typeof trial.id !== "string") throw new Error("there is no trial");
  await callConfigd(lab, "keep", { id: trial.id });
}

/** Waits until both sides have all the addresses that they are to have. */
export async function addressed({ appliance }: TestLab, devices: readonly string[] = ["eth0", "eth1"], ipv6 = true): Promise<void> {
  await eventually(
    `addresses on ${devices.join(" and ")}`,
    async () => {
      const texts = await Promise.all(
        devices.map(async (device) => (await appliance.exec(["ip", "address", "show", "dev", device, "scope", "global"])).stdout),
      );
      return texts.every((text) => /inet /.test(text) && (!ipv6 || (/inet6 /.test(text) && !/tentative/.test(text))));
    },
    30_000,
  );
}

/** Runs nmap as the scan's units do: the same user, the same capability, nothing of root's. */
export async function nmap({ appliance }: TestLab, words: readonly string[], timeoutMs = 60_000): Promise<CommandResult> {
  const properties = [`User=${scanUser}`, `Group=${scanUser}`, "AmbientCapabilities=CAP_NET_RAW", "CapabilityBoundingSet=CAP_NET_RAW", "NoNewPrivileges=yes"];
  return await appliance.exec(
    ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", ...properties.map((each) => `--property=${each}`), "nmap", "--privileged", ...words],
    { mayFail: true, timeoutMs },
  );
}

/** Enrols by the command line, and gives the appliance's id when it has called home. */
export async function enrol({ appliance, operator }: TestLab): Promise<string> {
  const { code } = await operator.makeActivationCode("lab");
  await appliance.exec(["outrider", "enrol", platformUrl, code]);
  return (await operator.waitForAppliance(({ heartbeatAt }) => heartbeatAt !== null, "the first heartbeat")).id;
}
