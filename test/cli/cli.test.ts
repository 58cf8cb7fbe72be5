import test, { type ExecutionContext } from "ava";
import { makeActivationCode } from "../../src/base/activation-code.ts";
import { streamOutput, UsageError } from "../../src/cli/output.ts";
import { runCli } from "../../src/cli/run.ts";
import { UnixConfigdClient } from "../../src/configd/api/client.ts";
import type { CheckResult } from "../../src/protocol/schemas/check-result.ts";
import { defaultHttpProxy } from "../../src/settings/model/schema.ts";
import { type TestAppliance, testAppliance } from "../testkit/configd/test-appliance.ts";

const code = makeActivationCode(new Uint8Array(18).fill(9)).text;
const static20 = [
  "--address",
  "192.0.2.20 255.255.255.0",
  "--gateway",
  "192.0.2.1",
  "--dns",
  "192.0.2.53",
];
const good: CheckResult = {
  id: "gateway:lan",
  check: "gateway",
  subject: "gateway 192.0.2.1",
  outcome: "ok",
  code: null,
  detail: "answers",
  durationMs: 3,
};
const bad: CheckResult = {
  ...good,
  outcome: "failed",
  code: "gateway-silent",
  detail: "192.0.2.1 on eth0",
};

interface Run {
  exitCode: number;
  out: string;
  err: string;
}

async function cli(
  appliance: TestAppliance | null,
  words: readonly string[],
  typed: string | null = null,
): Promise<Run> {
  const run = { exitCode: -1, out: "", err: "" };
  const answer = () => {
    if (typed === null) throw new UsageError("standard input is empty");
    return typed;
  };
  const collect = (stream: "out" | "err") => ({
    write: (text: string) => {
      run[stream] += text;
    },
  });
  run.exitCode = await runCli(words, {
    connect: (path) =>
      new UnixConfigdClient(path ?? appliance?.paths.consoleSocket ?? "/nonexistent/console.sock"),
    input: {
      secret: async () => answer(),
      line: async () => answer(),
    },
    caller: "anna pts/1",
    output: streamOutput(collect("out"), collect("err")),
    version: async () => "1.2.3",
    licences: async () => "Licences of all\n\nthe text\n",
    onInterrupt: () => () => undefined,
    openConsole: async (rest) => rest.length,
  });
  return run;
}

async function started(
  t: ExecutionContext,
  doctor: () => Promise<CheckResult[]> = async () => [good],
): Promise<TestAppliance> {
  const appliance = await testAppliance(t);
  appliance.system.doctor = doctor;
  await appliance.start();
  return appliance;
}

test("status shows interfaces and platform, and the whole document as JSON", async (t) => {
  const appliance = await started(t);
  const { exitCode, out } = await cli(appliance, ["status"]);
  t.is(exitCode, 0);
  t.regex(
    out,
    /LAN\s+eth0\s+52:54:00:00:00:01\s+link\s+192\.0\.2\.100\/24 by DHCP\s+via 192\.0\.2\.1/,
  );
  t.regex(out, /Platform: not set/);
  t.is(JSON.parse((await cli(appliance, ["status", "--json"])).out).hostname, "outrider");
});

test("set tries, checks and keeps", async (t) => {
  const appliance = await started(t);
  const { exitCode, out } = await cli(
    appliance,
    [
      "network",
      "set",
      ...static20,
      "--proxy",
      "proxy.outrider.test:8080",
      "--proxy-user",
      "anna",
      "--proxy-password",
    ],
    "s3cret",
  );
  t.is(exitCode, 0, out);
  t.regex(out, /Address\s+by DHCP \(192\.0\.2\.100\/24\)\s+-> 192\.0\.2\.20\/24/);
  t.regex(out, /The new settings are kept\./);
  t.notRegex(out, /s3cret/);
  const { settings, secrets } = await appliance.console.call("status", {});
  t.deepEqual(settings.network.lan.ipv4, {
    method: "static",
    address: "192.0.2.20/24",
    gateway: "192.0.2.1",
  });
  t.deepEqual(settings.proxy, {
    ...defaultHttpProxy,
    host: "proxy.outrider.test",
    port: 8080,
    authentication: "automatic",
    user: "anna",
  });
  t.true(secrets.proxyPassword);
  const shown = await cli(appliance, ["network", "show"]);
  t.regex(shown.out, /Proxy authentication\s+automatic, user anna/);
  t.regex(shown.out, /Proxy password\s+set/);
  t.regex(
    (await cli(appliance, ["network", "set", "--hostname", "outrider"])).out,
    /Nothing changes/,
  );
});

test("set reverts when the new settings lose a destination that the old ones reached, and reports it with its code", async (t) => {
  const answers = [[good], [bad]];
  const appliance = await started(t, async () => answers.shift() ?? []);
  const { exitCode, out } = await cli(appliance, ["network", "set", ...static20]);
  t.is(exitCode, 5);
  t.regex(out, /The gateway does not answer\./);
  t.regex(out, /The old settings are active again\./);
  t.is((await appliance.console.call("status", {})).settings.network.lan.ipv4.method, "dhcp");
});

test("set goes back when nothing could be checked", async (t) => {
  const appliance = await started(t, () => Promise.reject(new Error("no doctor")));
  const { exitCode, out } = await cli(appliance, ["network", "set", ...static20]);
  t.is(exitCode, 5);
  t.regex(out, /could not be made/);
  t.is((await appliance.console.call("status", {})).settings.network.lan.ipv4.method, "dhcp");
});

test("try leaves the decision open for keep, revert and extend", async (t) => {
  const appliance = await started(t);
  const tried = await cli(appliance, ["network", "try", ...static20]);
  t.is(tried.exitCode, 0);
  t.regex(tried.out, /outrider network keep.*within 120 s/);
  t.regex(
    (await cli(appliance, ["network", "show"])).out,
    /A change is being tried; it goes back in 120 s/,
  );
  appliance.clock.advance(60_000);
  t.regex((await cli(appliance, ["network", "extend"])).out, /goes back in 120 s/);
  const second = await cli(appliance, ["network", "try", "--hostname", "other"]);
  t.is(second.exitCode, 1);
  t.regex(second.err, /Another change is being tried[\s\S]*Next:/);
  t.regex((await cli(appliance, ["network", "revert"])).out, /old settings are active again/);
  const late = await cli(appliance, ["network", "keep", "--json"]);
  t.is(late.exitCode, 1);
  t.is(JSON.parse(late.out).error.code, "trial-unknown");
});

test("what cannot work is refused with the field and an example, before anything is touched", async (t) => {
  const appliance = await started(t);
  const { exitCode, err } = await cli(appliance, [
    "network",
    "set",
    "--address",
    "192.0.2.0/24",
    "--gateway",
    "192.0.2.1",
    "--dns",
    "1.1.1.1",
    "--proxy",
    "a b:1",
  ]);
  t.is(exitCode, 3);
  t.regex(
    err,
    /network\.lan\.ipv4\.address: 192\.0\.2\.0 is the address of the network itself\. Type .*192\.0\.2\.10\/24/,
  );
  t.regex(err, /proxy\.host: /);
  const json = JSON.parse(
    (await cli(appliance, ["network", "try", "--address", "x", "--json"])).out,
  );
  t.deepEqual(json.error.problems[0].code, "address-malformed");
  t.is((await appliance.console.call("status", {})).lastTrial, null);
});

test("the activation code is asked for, or comes from standard input", async (t) => {
  const appliance = await started(t);
  t.is((await cli(appliance, ["enrol", "platform.outrider.test"], `${code}`)).exitCode, 0);
  t.true((await appliance.console.call("status", {})).secrets.activationCode);
  const wrong = await cli(appliance, ["enrol", "platform.outrider.test"], "12345");
  t.is(wrong.exitCode, 3);
  t.regex(wrong.err, /5 characters instead of 20/);
  t.is((await cli(appliance, ["enrol", "platform.outrider.test"])).exitCode, 2);
  t.is((await cli(appliance, ["enrol", "http://platform.outrider.test"], code)).exitCode, 3);
});

test("an activation code among the arguments is refused with the reason and the remedy, and not repeated", async (t) => {
  const appliance = await started(t);
  for (const words of [[code], [code, "more"], ["--json", code]]) {
    const { exitCode, out, err } = await cli(
      appliance,
      ["enrol", "platform.outrider.test", ...words],
      code,
    );
    t.is(exitCode, 2);
    t.regex(err, /every user of this machine can see.*outrider enrol URL.*standard input/);
    t.false(`${out}${err}`.includes(code));
  }
  t.false((await appliance.console.call("status", {})).secrets.activationCode);
});

test("doctor names the first failure and ends with 5", async (t) => {
  const appliance = await started(t, async () => [
    { ...good, id: "link:lan", check: "link", subject: "LAN link" },
    bad,
  ]);
  const { exitCode, out } = await cli(appliance, ["doctor"]);
  t.is(exitCode, 5);
  t.regex(
    out,
    /First failure: gateway 192\.0\.2\.1\. The gateway does not answer\.\n {2}Why: .*\n {2}Next: /,
  );
  appliance.system.doctor = async () => [good];
  t.is((await cli(appliance, ["doctor", "--json"])).exitCode, 0);
});

test("power and call reach configd", async (t) => {
  const appliance = await started(t);
  t.is((await cli(appliance, ["power", "reboot"])).exitCode, 0);
  t.true(appliance.system.calls.includes("power reboot"));
  t.is((await cli(appliance, ["call"])).exitCode, 0);
});

test("without configd it ends with 4 and prints the remedy", async (t) => {
  const { exitCode, err } = await cli(null, ["status"]);
  t.is(exitCode, 4);
  t.regex(err, /configuration service does not answer[\s\S]*Why: {5}[\s\S]*Next: /);
});

test("wrong words end with 2 and a hint", async (t) => {
  for (const words of [
    ["x"],
    ["network", "x"],
    ["power"],
    ["power", "explode"],
    ["status", "y"],
    ["status", "--dhcp"],
    ["--nothing"],
    ["network", "set", "--dhcp", "--address", "1"],
    ["network", "restore", "x"],
    ["network", "restore"],
    ["network", "history", "restore"],
    ["network", "history", "restore", "1", "2"],
    ["network", "history", "x"],
    ["network", "try", "--only", "dns"],
    ["network", "show", "more"],
    ["network", "renew", "lan", "more"],
    ["proxy", "history"],
    ["time", "set", "--address", "192.0.2.1"],
    ["status", "--confirm", "x"],
    ["network", "set", "--confirm", "x"],
    ["network", "show", "--why", "x"],
    ["reset"],
    ["reset", "x"],
    ["zero-touch", "x"],
    ["enrol"],
    ["help", "x"],
  ]) {
    const { exitCode, err } = await cli(null, words);
    t.true(
      exitCode === 2 || (words.includes("--dhcp") && exitCode === 4),
      `${words.join(" ")}: ${exitCode} ${err}`,
    );
    t.regex(err, exitCode === 2 ? /outrider help/ : /./);
  }
});

test("the error of an option in the wrong place names the right place", async (t) => {
  const told = async (...words: string[]) => (await cli(null, words)).err.split("\n")[0];
  t.regex(
    (await told("network", "show", "--only", "dns")) ?? "",
    /--only belongs to `outrider doctor`/,
  );
  t.regex(
    (await told("network", "set", "--only", "dns")) ?? "",
    /--only belongs to `outrider doctor`/,
  );
  t.regex(
    (await told("doctor", "--keep")) ?? "",
    /--keep belongs to `outrider network try` and `restore`, and to `outrider zero-touch read`/,
  );
  t.regex(
    (await told("status", "--why", "x")) ?? "",
    /--why belongs to `outrider network try`, `set` and `restore`, and to `outrider zero-touch read`/,
  );
  t.regex((await told("doctor", "--confirm", "x")) ?? "", /--confirm belongs to `outrider reset`/);
  t.regex(
    (await told("status", "--hostname", "x")) ?? "",
    /--hostname belongs to `outrider network try` and `set`/,
  );
});

test("settings of the history are tried by their number, with and without the word history", async (t) => {
  const appliance = await started(t);
  for (const name of ["scanner-1", "scanner-2", "scanner-3"])
    t.is((await cli(appliance, ["network", "set", "--hostname", name])).exitCode, 0);
  const hostname = async () => (await appliance.console.call("status", {})).settings.hostname;
  const { entries } = await appliance.console.call("history", {});
  const numberOf = (name: string) =>
    String(entries.find(({ settings }) => settings.hostname === name)?.number);
  t.is(
    (
      await cli(appliance, [
        "network",
        "history",
        "restore",
        numberOf("scanner-1"),
        "--keep",
        "--why",
        "it was better",
      ])
    ).exitCode,
    0,
  );
  t.is(await hostname(), "scanner-1");
  t.is((await appliance.console.call("history", {})).entries[0]?.by.why, "it was better");
  t.is((await cli(appliance, ["network", "restore", numberOf("scanner-2"), "--keep"])).exitCode, 0);
  t.is(await hostname(), "scanner-2");
});

test("why zero-touch is read again stands in the history", async (t) => {
  const appliance = await started(t);
  appliance.system.zeroTouch = [
    { format: "user-data", source: "a disc", place: "p", text: "hostname=scanner-1" },
  ];
  t.is((await cli(appliance, ["zero-touch", "read", "--keep", "--why", "new site"])).exitCode, 0);
  t.like((await appliance.console.call("history", {})).entries[0]?.by, {
    how: "zero-touch",
    who: "a disc",
    why: "anna pts/1: new site",
  });
});

test("each verb of the overview has a help page", async (t) => {
  const { out, exitCode } = await cli(null, ["help"]);
  t.is(exitCode, 0);
  const verbs = new Set(
    [...out.matchAll(/^ {2}outrider ([\w-]+)/gm)].map(([, verb]) => verb ?? ""),
  );
  t.true(verbs.size >= 16);
  for (const verb of verbs)
    if (verb !== "help") t.is((await cli(null, ["help", verb])).exitCode, 0, verb);
  t.is((await cli(null, ["network", "--help"])).exitCode, 0);
  t.is((await cli(null, ["version"])).out, "outrider 1.2.3\n");
  t.is((await cli(null, ["licences"])).out, "Licences of all\n\nthe text\n");
  t.is((await cli(null, ["console", "a", "b"])).exitCode, 2);
});

test("texts from elsewhere cannot move the cursor", (t) => {
  let text = "";
  const stream = {
    write: (more: string) => {
      text += more;
    },
  };
  streamOutput(stream, stream).line("a\u001b[2Jb\u009bc");
  t.is(text, "a?[2Jb?c\n");
});
