import { nat64 } from "./addresses.ts";
import type { Namespaces } from "./namespaces.ts";
import { innerDnsPort } from "./network.ts";
import { putFile, startPeer } from "./peers.ts";

/** TAYGA's and unbound's folder. */
const folder = "/run/lab/nat64";

/**
 * On the router: TAYGA, which translates between the families at its TUN device, and unbound, which
 * makes AAAA records of the translator's prefix for names that have only A records.
 */
export async function startNat64(namespaces: Namespaces): Promise<void> {
  await putFile(
    namespaces,
    `${folder}/tayga.conf`,
    [
      "tun-device nat64",
      `ipv4-addr ${nat64.ipv4Address}`,
      `prefix ${nat64.prefix}`,
      `dynamic-pool ${nat64.ipv4Pool}`,
      "",
    ].join("\n"),
  );
  const tayga = ["tayga", "--config", `${folder}/tayga.conf`];
  await namespaces.runPeer([...tayga, "--mktun"], { host: "router" });
  const routes = [`ip route add ${nat64.ipv4Pool}`, `ip -6 route add ${nat64.prefix}`];
  await namespaces.script(
    ["ip link set nat64 up", ...routes.map((route) => `${route} dev nat64`)].join(" && "),
    { host: "router" },
  );
  // It talks to a terminal only with -d, which also keeps it in the foreground.
  const translator = startPeer(namespaces, "tayga", "router", ["stdbuf", "-oL", ...tayga, "-d"]);
  await putFile(namespaces, `${folder}/unbound.conf`, unboundConfiguration);
  const resolver = startPeer(namespaces, "unbound", "router", [
    "unbound",
    "-d",
    "-c",
    `${folder}/unbound.conf`,
  ]);
  await Promise.all([
    translator.waitForOutput("NAT64 prefix"),
    resolver.waitForOutput("start of service"),
  ]);
}

const unboundConfiguration = `server:
  directory: "${folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: ""
  verbosity: 1
  interface: 0.0.0.0
  interface: ::0
  # The reply comes from the address that was asked.
  interface-automatic: yes
  access-control: 0.0.0.0/0 allow
  access-control: ::/0 allow
  do-not-query-localhost: no
  # unbound itself says that there is nothing below .test (RFC 6761 section 6.2).
  local-zone: "test." nodefault
  module-config: "dns64 iterator"
  dns64-prefix: ${nat64.prefix}
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@${innerDnsPort}
`;
