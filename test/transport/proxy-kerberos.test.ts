import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { systemClock } from "../../src/base/clock.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { systemRandom } from "../../src/base/random.ts";
import { automaticAuthentication } from "../../src/transport/proxy/automatic.ts";
import { gssClientToken } from "../../src/transport/proxy/gss-client-token.ts";
import { kinitLimitMs, passwordToken } from "../../src/transport/proxy/kerberos-ticket.ts";
import { negotiateAuthentication } from "../../src/transport/proxy/negotiate.ts";
import { defaultStageLimits } from "../../src/transport/stages/limits.ts";
import { hasKdc, startKerberosRealm } from "../testkit/proxies/kerberos.ts";
import { hasSquid, startSquid } from "../testkit/proxies/squid.ts";
import { startDestination } from "../testkit/proxies/way.ts";

const helper = "/usr/lib/squid/negotiate_kerberos_auth";
const program = "/usr/bin/gss-client";
const possible = hasKdc && hasSquid && existsSync(helper) && existsSync(program);

(possible ? test : test.skip)(
  "squid lets a ticket of a real KDC in, and each fault has its name (skipped without krb5-kdc, krb5-admin-server, krb5-gss-samples and squid)",
  async (t) => {
    const realm = await startKerberosRealm();
    t.teardown(realm.close);
    const proxyKeytab = await realm.addPrincipal("HTTP/proxy.example.org");
    const clientKeytab = await realm.addPrincipal("scanner");
    const squid = await startSquid({
      lines: [
        `auth_param negotiate program ${helper} -k FOLDER/proxy.keytab -s HTTP/proxy.example.org`,
        "auth_param negotiate children 1",
        "acl known proxy_auth REQUIRED",
        "http_access allow known",
        "http_access deny all",
      ],
      files: {
        "proxy.keytab": await realm.readKeytab(proxyKeytab),
        "krb5.conf": `[libdefaults]\ndefault_realm = OUTRIDER.TEST\n`,
      },
      environment: { KRB5_CONFIG: "FOLDER/krb5.conf", KRB5RCACHENAME: "none:" },
    });
    t.teardown(squid.close);
    const destination = await startDestination();
    t.teardown(() => destination.origin.close());
    const url = new URL(`https://platform.example.org:${destination.origin.port}`);
    const token = (keytab: string, cache: string) =>
      gssClientToken({
        program,
        environment: {
          ...realm.environment,
          KRB5_CLIENT_KTNAME: keytab,
          KRB5CCNAME: `FILE:${join(realm.folder, cache)}`,
        },
      });
    const go = (
      authentication: ReturnType<typeof negotiateAuthentication>,
      host = "proxy.example.org",
    ) => destination.probe({ host, port: squid.port, authentication }, {}, url);

    const kept = negotiateAuthentication(token(clientKeytab, "kept"));
    for (let count = 0; count < 3; count++) t.is((await go(kept)).error, null);
    t.regex(await squid.logged(/TCP_TUNNEL/), /scanner@OUTRIDER\.TEST/);

    const automatic = automaticAuthentication(
      { credentials: { user: "a", password: "b" }, negotiateToken: token(clientKeytab, "kept") },
      systemRandom,
      systemClock,
    );
    const chosen = await go(automatic);
    t.is(chosen.error, null);
    t.regex(chosen.stages.find(({ stage }) => stage === "proxy")?.detail ?? "", /negotiate$/);

    const misnamed = await go(
      negotiateAuthentication(token(clientKeytab, "kept")),
      "alias.example.org",
    );
    t.is(misnamed.error?.code, "proxy-helper-failed");
    t.regex(
      misnamed.error?.detail ?? "",
      /HTTP\/alias\.example\.org.*not found in Kerberos database.*it offers negotiate/,
    );

    const keyless = await go(negotiateAuthentication(token("/nonexistent", "empty")));
    t.is(keyless.error?.code, "proxy-helper-failed");

    await realm.stopKdc();
    t.is((await go(kept)).error, null, "the ticket that is kept is good without the KDC");
    const alone = await go(negotiateAuthentication(token(clientKeytab, "new")));
    t.is(alone.error?.code, "proxy-helper-failed");
    t.regex(alone.error?.detail ?? "", /Cannot contact any KDC/);
  },
);

test("domain controllers that say nothing are named before the proxy's time is up, and kinit ends", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-kinit-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const kinit = join(folder, "kinit");
  // As kinit does while it waits: the controllers' silence is what is tested, not their answers.
  await writeFile(kinit, `#!/bin/sh\necho $$ >${folder}/pid\nexec sleep 600\n`, { mode: 0o755 });
  const token = passwordToken(
    { principal: "scanner@CORP.EXAMPLE", password: "secret" },
    systemClock.monotonicMs,
    { kinit, gssClient: program },
    undefined,
    1000,
  );
  const error = await t.throwsAsync(token("HTTP@proxy.corp.example", AbortSignal.timeout(60_000)), {
    instanceOf: OutriderError,
    code: "proxy-helper-failed",
  });
  t.regex(error?.detail ?? "", /no domain controller of CORP\.EXAMPLE answered within 1 s/);
  t.true(kinitLimitMs < defaultStageLimits.proxyMs);
});
