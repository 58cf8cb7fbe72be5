import { createHash } from "node:crypto";
import { domain, hosts } from "./addresses.ts";
import type { Daemon } from "./daemon.ts";
import type { Namespaces } from "./namespaces.ts";
import { putFile, startPeer, waitForPort } from "./peers.ts";
import { type ProxyUser, prepareKerberos, prepareNtlm, realm } from "./peers-domains.ts";

/** Every kind of proxy that a customer may have, each on a port of the host `proxy`. */
export const proxyPorts = {
  open: 3128,
  basic: 3129,
  digest: 3130,
  negotiate: 3131,
  /** The client speaks TLS to it; its certificate is of the company's own authority. */
  tls: 3132,
  /** Inspects TLS with a certificate authority of its own. */
  inspecting: 3133,
  ntlm: 3134,
  /** Offers Basic, Digest and NTLM. */
  several: 3135,
  /** Inspects TLS and answers every request with a block page. */
  blocking: 3136,
  socks: 1080,
  socksPassword: 1081,
} as const;
export type ProxyKind = keyof typeof proxyPorts;

export const proxyName = `proxy.${domain}`;
export const proxyUser: ProxyUser = { user: "appliance", password: "pass word:with/signs" };
const folder = "/run/lab/proxies";
const squidLibrary = "/usr/lib/squid";

/**
 * The company's certificate authority. It signs the certificates of the TLS proxy and of the
 * inspecting one.
 */
export async function companyCertificate(namespaces: Namespaces): Promise<string> {
  return (await namespaces.run(["cat", `${folder}/company.pem`])).stdout;
}

/** Where `company.pem` and `company.key` are after this; what was made before is kept. */
export async function makeCompany(namespaces: Namespaces): Promise<string> {
  await namespaces.run(["mkdir", "-p", folder]);
  await namespaces.runPeer(["sh", "-euc", company]);
  return folder;
}

export async function startProxies(
  namespaces: Namespaces,
  kinds: readonly ProxyKind[],
  /** Further lines of squid's configuration. */
  more: Partial<Record<ProxyKind, readonly string[]>> = {},
): Promise<Map<ProxyKind, Daemon>> {
  await makeCompany(namespaces);
  await namespaces.runPeer(["sh", "-euc", certificates]);
  await putFile(
    namespaces,
    `${folder}/basic`,
    `${proxyUser.user}:${await apr1(namespaces, proxyUser.password)}\n`,
  );
  const { user, password } = proxyUser;
  // Its plain form has no place for a colon in the password.
  await putFile(
    namespaces,
    `${folder}/digest`,
    `${user}:lab:${createHash("md5").update(`${user}:lab:${password}`).digest("hex")}\n`,
  );
  const wants = (...some: ProxyKind[]) => some.some((kind) => kinds.includes(kind));
  if (wants("negotiate")) await prepareKerberos(namespaces, proxyUser, proxyName);
  if (wants("ntlm", "several")) await prepareNtlm(namespaces, proxyUser);
  await namespaces.runPeer(["chown", "-R", "proxy:proxy", folder]);
  const daemons = new Map<ProxyKind, Daemon>();
  await Promise.all(
    kinds.map(async (kind) =>
      daemons.set(kind, await startProxyAgain(namespaces, kind, more[kind])),
    ),
  );
  return daemons;
}

/** Starts one of them, which `startProxies` has prepared before. */
export async function startProxyAgain(
  namespaces: Namespaces,
  kind: ProxyKind,
  more: readonly string[] = [],
): Promise<Daemon> {
  const port = proxyPorts[kind];
  const socks = ["microsocks", "-i", hosts.proxy.address, "-p", String(port)];
  if (kind === "socksPassword") socks.push("-u", proxyUser.user, "-P", proxyUser.password);
  const isSocks = kind === "socks" || kind === "socksPassword";
  if (!isSocks)
    await putFile(
      namespaces,
      `${folder}/${kind}.conf`,
      `${squidConfiguration(kind)}${more.join("\n")}\n`,
    );
  const command = isSocks
    ? socks
    : ["squid", "-n", `lab${kind}`, "-N", "-f", `${folder}/${kind}.conf`];
  const daemon = startPeer(namespaces, kind, "proxy", [
    "env",
    "KRB5_CONFIG=/run/lab/krb5/krb5.conf",
    "KRB5RCACHEDIR=/tmp",
    "TMPDIR=/tmp",
    ...command,
  ]);
  await Promise.race([
    waitForPort(namespaces, "proxy", port),
    daemon.ended.then(({ output }) =>
      Promise.reject(new Error(`the proxy ${kind} ended: ${output.slice(-1500)}`)),
    ),
  ]);
  return daemon;
}

const schemes = {
  basic: [
    `auth_param basic program ${squidLibrary}/basic_ncsa_auth ${folder}/basic`,
    "auth_param basic children 2",
    "auth_param basic realm lab",
  ],
  digest: [
    `auth_param digest program ${squidLibrary}/digest_file_auth -c ${folder}/digest`,
    "auth_param digest children 2",
    "auth_param digest realm lab",
    "auth_param digest nonce_max_count 50",
  ],
  negotiate: [
    `auth_param negotiate program ${squidLibrary}/negotiate_kerberos_auth -s HTTP/${proxyName}@${realm} -k /run/lab/krb5/proxy.keytab`,
    "auth_param negotiate children 2",
  ],
  ntlm: [
    "auth_param ntlm program /usr/bin/ntlm_auth --configfile=/run/lab/samba/smb.conf --helper-protocol=squid-2.5-ntlmssp",
    "auth_param ntlm children 2",
  ],
} as const;

const schemesOf: Partial<Record<ProxyKind, readonly (keyof typeof schemes)[]>> = {
  basic: ["basic"],
  digest: ["digest"],
  negotiate: ["negotiate"],
  tls: ["basic"],
  ntlm: ["ntlm"],
  several: ["ntlm", "digest", "basic"],
};

function squidConfiguration(kind: ProxyKind): string {
  const address = `${hosts.proxy.address}:${proxyPorts[kind]}`;
  const bumps = kind === "inspecting" || kind === "blocking";
  const bump = bumps ? ` ssl-bump tls-cert=${folder}/company-both.pem` : "";
  const asked = schemesOf[kind] ?? [];
  return `${[
    kind === "tls"
      ? `https_port ${address} tls-cert=${folder}/proxy.pem`
      : `http_port ${address}${bump}`,
    "dns_nameservers 198.51.100.1",
    "pid_filename none",
    "cache deny all",
    `cache_log ${folder}/${kind}.log`,
    `access_log stdio:${folder}/${kind}.access`,
    "logfile_rotate 0",
    `coredump_dir ${folder}`,
    "cache_effective_user proxy",
    "shutdown_lifetime 0 seconds",
    `visible_hostname ${proxyName}`,
    "pinger_enable off",
    "max_filedescriptors 1024",
    ...(bumps
      ? [
          `sslcrtd_program ${squidLibrary}/security_file_certgen -s ${folder}/${kind}-certificates -M 4MB`,
          "sslcrtd_children 2",
          "acl first at_step SslBump1",
          "ssl_bump peek first",
          "ssl_bump bump all",
          // The inspecting proxy does not know the platform's authority, so it cannot check it.
          "tls_outgoing_options flags=DONT_VERIFY_PEER",
        ]
      : []),
    "acl tls port 443",
    "acl tunnels method CONNECT",
    "http_access deny tunnels !tls",
    ...(kind === "blocking" ? ["http_access allow tunnels", "http_access deny all"] : []),
    ...asked.flatMap((scheme) => schemes[scheme]),
    ...(asked.length > 0
      ? ["acl known proxy_auth REQUIRED", "http_access allow known", "http_access deny all"]
      : ["http_access allow all"]),
  ].join("\n")}\n`;
}

const key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
const company = `
cd ${folder}
if [ -e company-both.pem ]; then exit; fi
openssl req -x509 ${key} -keyout company.key -out company.pem -days 30 -subj "/O=Example Company/CN=Example Company Inspection CA" -addext "keyUsage=critical,keyCertSign,cRLSign"
cat company.key company.pem >company-both.pem
`;
const certificates = `
cd ${folder}
openssl req ${key} -keyout proxy.key -out proxy.csr -subj "/CN=${proxyName}"
printf 'subjectAltName=DNS:${proxyName}\\nextendedKeyUsage=serverAuth\\n' >proxy.ext
openssl x509 -req -in proxy.csr -CA company.pem -CAkey company.key -CAcreateserial -days 30 -extfile proxy.ext -out proxy.crt
cat proxy.key proxy.crt >proxy.pem
for kind in inspecting blocking; do ${squidLibrary}/security_file_certgen -c -s ${folder}/$kind-certificates -M 4MB; done
`;

async function apr1(namespaces: Namespaces, password: string): Promise<string> {
  const { stdout } = await namespaces.runPeer(["openssl", "passwd", "-apr1", "-stdin"], {
    input: `${password}\n`,
  });
  return stdout.trim();
}
