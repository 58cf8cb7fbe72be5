import { join } from "node:path";
import { hosts, segments } from "../../../../image/lab/addresses.ts";
import { startLab } from "../../../../image/lab/lab.ts";
import { labNetworks } from "../../../../image/lab/networks.ts";
import { Operator } from "../../../../image/lab/operator.ts";
import { putFile } from "../../../../image/lab/peers.ts";
import {
  companyCertificate,
  proxyPorts,
  startProxies,
} from "../../../../image/lab/peers-proxies.ts";
import { projectFolder } from "../../../../image/root/system-layer.ts";
import { openTerminal } from "../../../../image/terminal/terminal.ts";
import { UnixConfigdClient } from "../../../../src/configd/api/client.ts";
import { addDnsRecords, dnsPort, enrol, startBadProxies } from "../lab-network.ts";
import type { ProxyLab } from "../proxies.ts";
import { enrol as enrolByCommand, startSplitLab, withNetwork } from "../split-lab.ts";
import { makeCertificates, portalFolder } from "./certificates.ts";
import { dnsFront } from "./dns-kinds.ts";
import { setDns } from "./name-server.ts";
import { moreNetworks, type NetworkName, networks } from "./networks.ts";
import { startPortals, wrongTlsProxies } from "./portals.ts";

/** The networks of another lab. */
export type World = keyof typeof labNetworks;

/** A lab whose one appliance undergoes one fault after the other. */
export interface FaultLab extends ProxyLab {
  /** configd's socket, called from here: no program starts in the appliance for it. */
  configd: UnixConfigdClient;
  /** The company's authority, which signs the TLS proxy's and the inspecting proxy's certificates. */
  company: string;
}

const squids = [
  "open",
  "basic",
  "digest",
  "tls",
  "ntlm",
  "several",
  "inspecting",
  "blocking",
] as const;

/** A lab of other networks, whose appliance has booted with these settings and is enrolled. */
export async function openWorld(world: World, network: NetworkName): Promise<FaultLab> {
  const started = await startSplitLab(withNetwork(networks[network]), {
    targets: false,
    networks: labNetworks[world],
  });
  try {
    const lab = { ...started, operator: new Operator(started.platform) };
    const applianceId = await enrolByCommand(lab);
    const configd = await configdOf(lab);
    return { ...lab, proxies: new Map(), applianceId, configd, company: "" };
  } catch (error) {
    await started.stop();
    throw error;
  }
}

const configdOf = async ({ appliance }: Pick<ProxyLab, "appliance">) =>
  new UnixConfigdClient(await appliance.path("/run/outrider/console.sock"));

/** Everything that the faults need stands by, and the appliance is enrolled over IPv4. */
export async function openFaultLab(): Promise<FaultLab> {
  const started = await startLab({
    networks: labNetworks.dual,
    targets: false,
    openConsole: ([command, ...args]) => openTerminal({ command, args, cols: 80, rows: 24 }),
  });
  const lab = { ...started, operator: new Operator(started.platform) };
  const { namespaces, appliance } = lab;
  try {
    await namespaces.script(moreNetworks, {
      host: "router",
    });
    await appliance.start();
    const bare: ProxyLab = { ...lab, proxies: new Map(), applianceId: "" };
    await makeCertificates(bare);
    const address6 = hosts.proxy.address6;
    const alsoOverIpv6 = Object.fromEntries(
      squids.map((kind) => {
        const port = kind === "tls" ? "https_port" : "http_port";
        const more = kind === "tls" ? ` tls-cert=/run/lab/proxies/proxy.pem` : "";
        return [kind, [`${port} [${address6}]:${proxyPorts[kind]}${more}`]];
      }),
    );
    alsoOverIpv6.tls?.push(...wrongTlsProxies(portalFolder));
    for (const kind of ["inspecting", "blocking"]) delete alsoOverIpv6[kind];
    const [proxies] = await Promise.all([
      startProxies(namespaces, [...squids, "negotiate", "socks", "socksPassword"], alsoOverIpv6),
      appliance.booted().then(() => Promise.all([enrol(lab), startNames(bare)])),
      startBadProxies(lab, "::"),
      startPortals(bare),
      startProgram(
        bare,
        "proxy",
        "test/testkit/proxies/bad-socks.ts",
        "listen",
        hosts.proxy.address,
      ),
      startProgram(
        bare,
        "proxy",
        "test/testkit/lab/faults/bad-servers.ts",
        "bad servers listen",
        hosts.platform.address,
        portalFolder,
      ),
    ]);
    const { id } = await lab.operator.waitForAppliance(
      ({ heartbeatAt }) => heartbeatAt !== null,
      "the first heartbeat",
      120_000,
    );
    return {
      ...lab,
      proxies,
      applianceId: id,
      configd: await configdOf(lab),
      company: await companyCertificate(namespaces),
    };
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

/** The lab's own names with more records, and in front of them the name server that can lie. */
async function startNames(lab: ProxyLab): Promise<void> {
  await addDnsRecords(lab);
  await putFile(lab.namespaces, dnsFront.file, "right\n");
  const program = "test/testkit/lab/faults/dns-server.ts";
  const own = [segments.wan.gateway, String(dnsPort)];
  await startProgram(lab, "router", program, "the name server listens", ...own);
  await setDns(lab, "right");
}

async function startProgram(
  { namespaces }: ProxyLab,
  host: string,
  program: string,
  ready: string,
  ...args: string[]
): Promise<void> {
  const node = join(projectFolder, "node_modules/.bin/node");
  await namespaces
    .spawn(program, [node, join(projectFolder, program), ...args], { host })
    .waitForOutput(ready);
}
