import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import type { ProxyOptions } from "../../src/transport/path.ts";
import type { ProxyAuthentication } from "../../src/transport/proxy/authentication.ts";
import { automaticAuthentication } from "../../src/transport/proxy/automatic.ts";
import { basicAuthentication } from "../../src/transport/proxy/basic.ts";
import { digestAuthentication } from "../../src/transport/proxy/digest.ts";
import { noAuthentication } from "../../src/transport/proxy/none.ts";
import { ntlmAuthentication } from "../../src/transport/proxy/ntlm.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { hasSquid, type SquidOptions, startSquid } from "../testkit/proxies/squid.ts";
import { startDestination } from "../testkit/proxies/way.ts";

const helpers = "/usr/lib/squid";
const serial = hasSquid ? test.serial : test.serial.skip;
const needing = (helper: string) =>
  existsSync(`${helpers}/${helper}`) ? serial : test.serial.skip;
const known = { user: "scanner", password: "Passw0rd" };
const allowKnown = [
  "acl known proxy_auth REQUIRED",
  "http_access allow known",
  "http_access deny all",
];

function basicUsers(): string {
  const { stdout } = spawnSync("openssl", ["passwd", "-apr1", "-stdin"], {
    input: `${known.password}\n`,
    encoding: "utf8",
  });
  return `${known.user}:${stdout.trim()}\n`;
}

const basicLines = [
  `auth_param basic program ${helpers}/basic_ncsa_auth FOLDER/users`,
  "auth_param basic children 1",
  "auth_param basic realm test",
];
const digestLines = [
  `auth_param digest program ${helpers}/digest_file_auth FOLDER/digest-users`,
  "auth_param digest children 1",
  "auth_param digest realm test",
];
const digestUsers = { "digest-users": `${known.user}:${known.password}\n` };

async function start(t: ExecutionContext, options: SquidOptions) {
  const squid = await startSquid(options);
  t.teardown(squid.close);
  const destination = await startDestination();
  t.teardown(() => destination.origin.close());
  const url = new URL(`https://platform.example.org:${destination.origin.port}`);
  const through = (authentication: ProxyAuthentication): ProxyOptions => ({
    host: "proxy.example.org",
    port: squid.port,
    authentication,
  });
  const go = (proxy: ProxyOptions) => destination.probe(proxy, {}, url);
  return { squid, destination, through, go, url };
}

serial("squid without a login, and its refusals by code (skipped without squid)", async (t) => {
  const { through, go, destination } = await start(t, {
    lines: ["acl bad port 1", "http_access deny bad", "http_access allow all"],
  });
  t.is((await go(through(noAuthentication))).error, null);
  const denied = await destination.probe(
    through(noAuthentication),
    {},
    new URL("https://platform.example.org:1"),
  );
  t.is(denied.error?.code, "proxy-denied");
  const unreachable = await destination.probe(
    through(noAuthentication),
    {},
    new URL("https://platform.example.org:2"),
  );
  t.is(unreachable.error?.code, "proxy-target-unreachable");
});

needing("basic_ncsa_auth")("squid with Basic (skipped without squid)", async (t) => {
  const { through, go } = await start(t, {
    lines: [...basicLines, ...allowKnown],
    files: { users: basicUsers() },
  });
  t.is((await go(through(basicAuthentication(known.user, known.password)))).error, null);
  const wrong = await go(through(basicAuthentication(known.user, "other")));
  t.is(wrong.error?.code, "proxy-authentication-failed");
  t.is(wrong.error?.detail, "it offers basic");
  t.is((await go(through(noAuthentication))).error?.code, "proxy-authentication-required");
  const digest = await go(through(digestAuthentication(known, systemRandom)));
  t.is(digest.error?.code, "proxy-scheme-unsupported");
  t.is(digest.error?.detail, "it offers basic; digest is set");
});

needing("digest_file_auth")(
  "squid with Digest keeps a nonce and has it renewed when it is stale (skipped without squid)",
  async (t) => {
    const { squid, through, go } = await start(t, {
      lines: [...digestLines, "auth_param digest nonce_max_count 2", ...allowKnown],
      files: digestUsers,
    });
    const right = through(digestAuthentication(known, systemRandom));
    for (let count = 0; count < 6; count++) t.is((await go(right)).error, null, String(count));
    const refused = (await squid.log()).filter((line) => line.includes("/407"));
    t.true(
      refused.length >= 2 && refused.length < 6,
      "at first, and when a nonce was used up, but not each time",
    );
    t.is(
      (await go(through(digestAuthentication({ ...known, password: "other" }, systemRandom)))).error
        ?.code,
      "proxy-authentication-failed",
    );
  },
);

needing("digest_file_auth")(
  "squid that offers Basic and Digest gets no password in the clear (skipped without squid)",
  async (t) => {
    const { through, go } = await start(t, {
      lines: [...basicLines, ...digestLines, ...allowKnown],
      files: { users: basicUsers(), ...digestUsers },
    });
    const { error, stages } = await go(
      through(
        automaticAuthentication(
          { credentials: known, negotiateToken: null },
          systemRandom,
          systemClock,
        ),
      ),
    );
    t.is(error, null);
    t.regex(stages.find(({ stage }) => stage === "proxy")?.detail ?? "", /digest MD5$/);
  },
);

needing("ntlm_fake_auth")(
  "squid leads an NTLM handshake to its end on one connection (skipped without squid)",
  async (t) => {
    const { squid, through, go } = await start(t, {
      lines: [
        `auth_param ntlm program ${helpers}/ntlm_fake_auth`,
        "auth_param ntlm children 1",
        "auth_param ntlm keep_alive on",
        ...allowKnown,
      ],
    });
    const { error } = await go(
      through(
        ntlmAuthentication(
          { user: "LAB\\scanner", password: known.password },
          systemRandom,
          systemClock,
        ),
      ),
    );
    t.is(error, null);
    // The helper knows no Unicode: it ends each name at the zero byte behind its first letter.
    t.regex(await squid.logged(/TCP_TUNNEL/), / L\S*s HIER_DIRECT/);
  },
);

serial("squid behind TLS (skipped without squid)", async (t) => {
  const company = await makeTestAuthority("Company Authority");
  const { certificate, privateKey } = await company.issue(["proxy.example.org"]);
  const { through, go } = await start(t, {
    lines: ["http_access allow all"],
    files: { "proxy.pem": `${certificate}\n${privateKey}\n` },
    scheme: "https",
    portOptions: "tls-cert=FOLDER/proxy.pem",
  });
  const secured = {
    ...through(noAuthentication),
    tls: { certificateAuthorities: [company.certificate], allowUnknownIssuer: false },
  };
  const { error, stages } = await go(secured);
  t.is(error, null);
  t.true(stages.some(({ stage }) => stage === "proxy-tls"));
});
