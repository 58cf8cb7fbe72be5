import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildCache, contentKey } from "../cache/cache.ts";
import { buildDebianTree, debianTreeInputs, readPackageList } from "../root/debian.ts";
import type { Progress } from "../run/progress.ts";
import { domain, type Host, hosts, segments } from "./addresses.ts";
import type { Daemon } from "./daemon.ts";
import type { Namespaces } from "./namespaces.ts";
import { dnsmasqConfiguration, routerRules } from "./network.ts";
import {
  anyIpv6,
  type Families,
  familiesOf,
  type LabNetworks,
  routerFamilies,
} from "./networks.ts";

const here = dirname(fileURLToPath(import.meta.url));

/**
 * The programs of the lab's other machines, as a Debian tree of their own: nothing is installed on
 * (or started by) the host for them, and their versions are the same wherever the lab runs.
 */
export async function buildPeersTree(cache: BuildCache, progress: Progress): Promise<string> {
  const packages = await readPackageList(join(here, "packages.txt"));
  const key = contentKey([
    ...debianTreeInputs(packages),
    await readFile(join(here, "../root/debian.ts")),
    "resolv.conf",
  ]);
  return await cache.get("peers", key, async (folder) => {
    await progress.step(
      "Installing the Debian packages of the scan targets and the proxy",
      (report) => buildDebianTree(folder, packages, report),
    );
    await writeFile(
      join(folder, "etc/resolv.conf"),
      `nameserver ${segments.lan.gateway}\nsearch ${domain}\n`,
    );
  });
}

export interface ProxyOptions {
  /** Asks for this user and password (Basic); open to all when absent. */
  login?: { user: string; password: string };
}

export async function putFile(
  namespaces: Namespaces,
  path: string,
  contents: string,
): Promise<void> {
  await namespaces.run(["sh", "-c", 'mkdir -p "$(dirname "$1")" && cat >"$1"', "sh", path], {
    input: contents,
  });
}

export function startPeer(
  namespaces: Namespaces,
  name: string,
  host: string,
  command: readonly string[],
): Daemon {
  return namespaces.spawn(name, ["chroot", "/run/lab/peers", ...command], { host });
}

/** Forwarding from LAN to WAN, DHCP and names for both. */
export async function startRouter(namespaces: Namespaces, networks: LabNetworks): Promise<void> {
  await namespaces.run(["sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"], { host: "router" });
  if (anyIpv6(networks))
    await namespaces.run(["sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding"], {
      host: "router",
    });
  await namespaces.runPeer(["nft", "-f", "-"], { host: "router", input: routerRules });
  await putFile(namespaces, "/run/lab/dnsmasq.conf", dnsmasqConfiguration(networks));
  const daemon = startPeer(namespaces, "dnsmasq", "router", [
    "dnsmasq",
    "--conf-file=/run/lab/dnsmasq.conf",
  ]);
  await daemon.waitForOutput("started, version");
}

/** A web server, an SSH server and a key-value store, each on its own host of the LAN. */
export async function startTargets(namespaces: Namespaces, families: Families): Promise<Daemon[]> {
  const ofHost = (name: "web" | "ssh" | "redis") => addressesIn(families, hosts[name]);
  const nginx = `
daemon off; pid /run/nginx.pid; error_log stderr; user root;
events {}
http {
  access_log off;
  server { ${ofHost("web")
    .map((each) => `listen ${withPort(each, 80)};`)
    .join(" ")} location / { return 200 "A web server of the lab\\n"; } }
}
`;
  await putFile(namespaces, "/run/lab/nginx.conf", nginx);
  const sshd = `
${ofHost("ssh")
  .map((each) => `ListenAddress ${each}`)
  .join("\n")}
HostKey /run/lab/ssh/host-key
PidFile none
UsePAM no
PasswordAuthentication no
`;
  await putFile(namespaces, "/run/lab/ssh/sshd_config", sshd);
  await namespaces.runPeer([
    "ssh-keygen",
    "-q",
    "-t",
    "ed25519",
    "-N",
    "",
    "-C",
    "lab",
    "-f",
    "/run/lab/ssh/host-key",
  ]);
  await namespaces.script(
    "mkdir -p /run/lab/peers/var/lib/nginx /run/lab/peers/var/log/nginx /run/lab/peers/run/sshd",
  );
  const daemons = [
    startPeer(namespaces, "nginx", "web", ["nginx", "-c", "/run/lab/nginx.conf"]),
    startPeer(namespaces, "sshd", "ssh", [
      "/usr/sbin/sshd",
      "-D",
      "-e",
      "-f",
      "/run/lab/ssh/sshd_config",
    ]),
    startPeer(namespaces, "redis", "redis", [
      "redis-server",
      "--bind",
      ...ofHost("redis"),
      "--protected-mode",
      "no",
      "--save",
      "",
      "--dir",
      "/tmp",
    ]),
  ];
  await Promise.all([
    waitForPort(namespaces, "web", 80),
    waitForPort(namespaces, "ssh", 22),
    waitForPort(namespaces, "redis", 6379),
  ]);
  return daemons;
}

function addressesIn({ ipv4, ipv6 }: Families, { address, address6 }: Host): string[] {
  return [...(ipv4 ? [address] : []), ...(ipv6 ? [address6] : [])];
}

const withPort = (address: string, port: number) =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;

/** The router's address that machines on WAN ask for names. */
function wanDnsServer(networks: LabNetworks): string {
  const { gateway, prefix6 } = segments.wan;
  return routerFamilies(networks, "wan").ipv4 ? gateway : `${prefix6}1`;
}

/** squid, which passes CONNECT to port 443 on. */
export async function startProxy(
  namespaces: Namespaces,
  networks: LabNetworks,
  { login }: ProxyOptions,
): Promise<Daemon> {
  const configuration = [
    ...addressesIn(familiesOf(networks, "proxy"), hosts.proxy).map(
      (each) => `http_port ${withPort(each, 3128)}`,
    ),
    `dns_nameservers ${wanDnsServer(networks)}`,
    "pid_filename none",
    "cache deny all",
    "cache_log /run/lab/squid/cache.log",
    "access_log stdio:/run/lab/squid/access.log",
    "coredump_dir /run/lab/squid",
    // It refuses to run as root.
    "cache_effective_user proxy",
    "shutdown_lifetime 1 seconds",
    `visible_hostname proxy.${domain}`,
    "pinger_enable off",
    "acl SSL_ports port 443",
    "acl CONNECT method CONNECT",
    "http_access deny CONNECT !SSL_ports",
  ];
  if (login === undefined) configuration.push("http_access allow all");
  else {
    const { stdout } = await namespaces.runPeer(["openssl", "passwd", "-apr1", "-stdin"], {
      input: `${login.password}\n`,
    });
    await putFile(namespaces, "/run/lab/squid/users", `${login.user}:${stdout.trim()}\n`);
    configuration.push(
      "auth_param basic program /usr/lib/squid/basic_ncsa_auth /run/lab/squid/users",
      "auth_param basic children 2",
      "auth_param basic realm lab",
      "acl known proxy_auth REQUIRED",
      "http_access allow known",
      "http_access deny all",
    );
  }
  await putFile(namespaces, "/run/lab/squid/squid.conf", `${configuration.join("\n")}\n`);
  await namespaces.runPeer(["chown", "-R", "proxy:proxy", "/run/lab/squid"]);
  const daemon = startPeer(namespaces, "squid", "proxy", [
    "squid",
    "--foreground",
    "-f",
    "/run/lab/squid/squid.conf",
  ]);
  await Promise.race([
    waitForPort(namespaces, "proxy", 3128),
    daemon.ended.then(({ output }) =>
      Promise.reject(new Error(`squid ended: ${output.slice(-1500)}`)),
    ),
  ]);
  return daemon;
}

/** Waits until a program listens on a port of a host. */
export async function waitForPort(
  namespaces: Namespaces,
  host: string,
  port: number,
): Promise<void> {
  const text = `
i=0
until ss -Hltn "sport = :${port}" | grep -q .; do
  i=$((i + 1)); [ $i -lt 200 ] || exit 1
  sleep 0.05
done`;
  const { exitCode } = await namespaces.script(text, { host, mayFail: true, timeoutMs: 30_000 });
  if (exitCode !== 0) throw new Error(`nothing listens on port ${port} of ${host}`);
}
