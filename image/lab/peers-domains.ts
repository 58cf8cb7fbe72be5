import { domain, hosts } from "./addresses.ts";
import type { Namespaces } from "./namespaces.ts";
import { putFile, startPeer, waitForPort } from "./peers.ts";

export interface ProxyUser {
  user: string;
  password: string;
}

export const realm = domain.toUpperCase();
/**
 * The name of the lab's Windows-like domain: a server without a domain controller uses its own
 * name.
 */
export const ntlmDomain = "LABPROXY";

/** MIT's own KDC on the host `proxy`, with the appliance's user and the proxy's service. */
export async function prepareKerberos(
  namespaces: Namespaces,
  { user, password }: ProxyUser,
  proxyName: string,
): Promise<void> {
  const folder = "/run/lab/krb5";
  const configuration = `[libdefaults]
default_realm = ${realm}
dns_lookup_kdc = false
rdns = false
[realms]
${realm} = {
  kdc = ${hosts.proxy.address}
}
[domain_realm]
.${domain} = ${realm}
`;
  const kdc = `[kdcdefaults]
kdc_listen = ${hosts.proxy.address}:88
kdc_tcp_listen = ${hosts.proxy.address}:88
[realms]
${realm} = {
  database_name = ${folder}/principal
  key_stash_file = ${folder}/stash
  acl_file = ${folder}/acl
}
`;
  await putFile(namespaces, `${folder}/krb5.conf`, configuration);
  await putFile(namespaces, `${folder}/kdc.conf`, kdc);
  const environment = [
    "env",
    `KRB5_CONFIG=${folder}/krb5.conf`,
    `KRB5_KDC_PROFILE=${folder}/kdc.conf`,
  ];
  const administer = (query: string) =>
    namespaces.runPeer([...environment, "kadmin.local", "-q", query]);
  await namespaces.runPeer([
    ...environment,
    "kdb5_util",
    "create",
    "-s",
    "-P",
    "master",
    "-r",
    realm,
  ]);
  await administer(`addprinc -pw "${password}" ${user}`);
  await administer(`addprinc -randkey HTTP/${proxyName}`);
  await administer(`ktadd -k ${folder}/proxy.keytab HTTP/${proxyName}`);
  await namespaces.runPeer(["chown", "proxy:proxy", `${folder}/proxy.keytab`]);
  startPeer(namespaces, "krb5kdc", "proxy", [...environment, "krb5kdc", "-n"]);
  await waitForPort(namespaces, "proxy", 88);
}

/** A standalone winbind with one user, NTLMv2 only; squid's helper asks it. */
export async function prepareNtlm(
  namespaces: Namespaces,
  { user, password }: ProxyUser,
): Promise<void> {
  const folder = "/run/lab/samba";
  await putFile(
    namespaces,
    `${folder}/smb.conf`,
    `[global]
netbios name = ${ntlmDomain}
workgroup = LAB
server role = standalone server
passdb backend = tdbsam
ntlm auth = ntlmv2-only
disable netbios = yes
bind interfaces only = yes
interfaces = lo
`,
  );
  // winbind needs each of its users in the machine's /etc/passwd too, which is read-only here.
  await namespaces.script(`
set -eu
grep -q '^${user}:' /run/lab/peers/etc/passwd || {
  (cat /run/lab/peers/etc/passwd; echo '${user}:x:4242:65534::/nonexistent:/usr/sbin/nologin') >/run/lab/passwd
  mount --bind /run/lab/passwd /run/lab/peers/etc/passwd
}
mkdir -p /run/lab/peers/run/samba /run/lab/peers/var/log/samba /run/lab/peers/var/cache/samba /run/lab/peers/var/lib/samba/private /run/lab/peers/var/lib/samba/winbindd_privileged
chmod 750 /run/lab/peers/var/lib/samba/winbindd_privileged
chroot /run/lab/peers chgrp proxy /var/lib/samba/winbindd_privileged
mount | grep -q /run/lab/peers/var/cache/samba || mount -t tmpfs tmpfs /run/lab/peers/var/cache/samba`);
  await namespaces.runPeer(["smbpasswd", "-c", `${folder}/smb.conf`, "-s", "-a", user], {
    input: `${password}\n${password}\n`,
  });
  startPeer(namespaces, "winbindd", "proxy", [
    "winbindd",
    "-F",
    "--no-process-group",
    "--debug-stdout",
    "-s",
    `${folder}/smb.conf`,
  ]);
  const ready =
    "i=0; until wbinfo --ping >/dev/null 2>&1; do i=$((i + 1)); [ $i -lt 200 ] || exit 1; sleep 0.1; done";
  await namespaces.runPeer(["sh", "-c", ready], { host: "proxy", timeoutMs: 30_000 });
}
