import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort, listening } from "./way.ts";

const programs = {
  kdc: "/usr/sbin/krb5kdc",
  database: "/usr/sbin/kdb5_util",
  administer: "/usr/sbin/kadmin.local",
};
export const hasKdc = Object.values(programs).every((program) => existsSync(program));
const realm = "OUTRIDER.TEST";

/** A Kerberos realm with its own MIT KDC on 127.0.0.1. */
export interface KerberosRealm {
  /** Environment variables by which clients and services find the realm. */
  environment: Record<string, string>;
  folder: string;
  /** Adds a principal with a random key; returns the path of its keytab. */
  addPrincipal(name: string): Promise<string>;
  readKeytab(path: string): Promise<Uint8Array>;
  /** Stops the KDC and leaves everything else as it is. */
  stopKdc(): Promise<void>;
  close(): Promise<void>;
}

export async function startKerberosRealm(): Promise<KerberosRealm> {
  const folder = await mkdtemp("/tmp/outrider-krb5-");
  const port = await freePort();
  await writeFile(
    join(folder, "krb5.conf"),
    `[libdefaults]
default_realm = ${realm}
dns_lookup_kdc = false
dns_canonicalize_hostname = false
rdns = false
udp_preference_limit = 1
[realms]
${realm} = {
  kdc = 127.0.0.1:${port}
}
[domain_realm]
.example.org = ${realm}
`,
  );
  await writeFile(
    join(folder, "kdc.conf"),
    `[kdcdefaults]
kdc_listen = 127.0.0.1:${port}
kdc_tcp_listen = 127.0.0.1:${port}
[realms]
${realm} = {
  database_name = ${folder}/principal
  key_stash_file = ${folder}/stash
  acl_file = ${folder}/acl
}
`,
  );
  const environment = { KRB5_CONFIG: join(folder, "krb5.conf") };
  const env = {
    PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
    ...environment,
    KRB5_KDC_PROFILE: join(folder, "kdc.conf"),
  };
  const run = (program: string, ...args: string[]) => {
    const { status, stderr } = spawnSync(program, args, { env, encoding: "utf8" });
    if (status !== 0) throw new Error(`${program}: ${stderr}`);
  };
  run(programs.database, "create", "-s", "-P", "master", "-r", realm);
  const kdc = spawn(programs.kdc, ["-n"], { env, stdio: "ignore" });
  const ended = new Promise<void>((resolve) => kdc.once("close", () => resolve()));
  const stopKdc = async () => {
    kdc.kill("SIGTERM");
    await ended;
  };
  await Promise.race([
    listening(port),
    ended.then(() => Promise.reject(new Error("krb5kdc ended"))),
  ]);
  let keytabs = 0;
  return {
    environment,
    folder,
    addPrincipal: async (name) => {
      const keytab = join(folder, `${++keytabs}.keytab`);
      run(programs.administer, "addprinc", "-randkey", name);
      run(programs.administer, "ktadd", "-k", keytab, name);
      return keytab;
    },
    readKeytab: (path) => readFile(path),
    stopKdc,
    close: async () => {
      await stopKdc();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
