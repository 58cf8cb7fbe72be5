import { eventually, labTest, openBootedLab, type TestLab } from "../testkit/lab/lab.ts";

const fixed = ["--address", "192.0.2.50/24", "--gateway", "192.0.2.1", "--dns", "192.0.2.1"];

async function addressOf({ appliance }: TestLab, device = "eth0"): Promise<string> {
  const { stdout } = await appliance.exec(["ip", "-br", "-4", "address", "show", "dev", device]);
  return stdout.trim().split(/\s+/).slice(2).join(" ");
}

const leased = async (lab: TestLab) => /^192\.0\.2\.1\d\d\/24/.test(await addressOf(lab));
const outrider = (lab: TestLab, args: readonly string[], input = "") =>
  lab.appliance.exec(["outrider", ...args], { input, mayFail: true, timeoutMs: 150_000 });

labTest("static and DHCP both ways by the command line, and back by the history", async (t) => {
  t.timeout(300_000);
  const lab = await openBootedLab(t, { platform: false, targets: false });
  await eventually("the lease is there", () => leased(lab), 60_000);

  const set = await outrider(lab, ["network", "set", ...fixed, "--why", "a test"]);
  t.is(set.exitCode, 0, set.stdout + set.stderr);
  t.is(await addressOf(lab), "192.0.2.50/24");
  t.regex((await outrider(lab, ["network", "show"])).stdout, /Address\s+192\.0\.2\.50\/24/);

  const back = await outrider(lab, ["network", "set", "--dhcp", "--dns", ""]);
  t.is(back.exitCode, 0, back.stdout + back.stderr);
  await eventually("the lease is back", () => leased(lab));

  const history = await outrider(lab, ["network", "history", "--json"]);
  const { entries } = JSON.parse(history.stdout);
  t.is(entries.length, 2);
  t.like(entries[1].by, { how: "command-line", why: "a test" });
  const restored = await outrider(lab, ["network", "restore", String(entries[1].number), "--keep"]);
  t.is(restored.exitCode, 0, restored.stdout + restored.stderr);
  t.is(await addressOf(lab), "192.0.2.50/24");
  t.is(
    (await lab.appliance.exec(["ip", "route", "show", "default"])).stdout.split("\n").length,
    1,
    "one way out, not those of three changes",
  );
  t.is(
    (
      await lab.appliance.exec([
        "systemctl",
        "list-timers",
        "--plain",
        "--no-legend",
        "outrider-revert-*",
      ])
    ).stdout,
    "",
  );
});

labTest("a gateway that is not there is not kept: what was reached before is lost", async (t) => {
  t.timeout(300_000);
  const lab = await openBootedLab(t, { targets: false });
  await eventually("the lease is there", () => leased(lab), 60_000);
  const { exitCode, stdout } = await outrider(lab, [
    "network",
    "set",
    "--address",
    "192.0.2.50/24",
    "--gateway",
    "192.0.2.254",
    "--dns",
    "192.0.2.1",
  ]);
  t.is(exitCode, 5, stdout);
  t.regex(stdout, /The gateway does not answer/);
  t.regex(stdout, /The old settings are active again/);
  await eventually("the lease is back", () => leased(lab));
});

labTest("DHCP without a server is not kept, and the static address comes back", async (t) => {
  t.timeout(300_000);
  const lab = await openBootedLab(t, { platform: false, targets: false });
  await eventually("the lease is there", () => leased(lab), 60_000);
  t.is((await outrider(lab, ["network", "set", ...fixed])).exitCode, 0);
  // From here on requests for a lease are dropped on their way.
  await lab.namespaces.runPeer(
    [
      "nft",
      "add table inet silence; add chain inet silence in { type filter hook input priority -10; }; add rule inet silence in udp dport 67 drop",
    ],
    {
      host: "router",
    },
  );
  const { exitCode, stdout } = await outrider(lab, ["network", "set", "--dhcp"]);
  t.is(exitCode, 5, stdout);
  t.regex(stdout, /has no IP address/);
  t.is(await addressOf(lab), "192.0.2.50/24");
});

labTest(
  "a trial whose console and command line are killed goes on, and ends as the last word says",
  async (t) => {
    t.timeout(300_000);
    const lab = await openBootedLab(t, { platform: false, targets: false });
    const { appliance } = lab;
    await eventually("the lease is there", () => leased(lab), 60_000);
    t.is((await outrider(lab, ["network", "try", ...fixed])).exitCode, 0);
    await appliance.kill9Unit("outrider-console@console.service");
    t.is(await addressOf(lab), "192.0.2.50/24");
    await appliance.console.waitFor("Outrider", { timeoutMs: 30_000, what: "a new console" });
    t.regex((await outrider(lab, ["network", "show"])).stdout, /A change is being tried/);
    t.is((await outrider(lab, ["network", "extend"])).exitCode, 0);
    t.is((await outrider(lab, ["network", "keep"])).exitCode, 0);
    t.is(await addressOf(lab), "192.0.2.50/24");

    // Tried, and the shell that waits for the checks is killed; the trial may begin only after
    // that.
    await appliance.exec(
      ["timeout", "--signal=KILL", "2", "outrider", "network", "try", "--dhcp"],
      { mayFail: true },
    );
    await eventually(
      "the trial is ended by a word, and the static address is there",
      async () => {
        const { trial } = JSON.parse((await outrider(lab, ["status", "--json"])).stdout);
        if (trial !== null) await outrider(lab, ["network", "revert"]);
        return trial === null && (await addressOf(lab)) === "192.0.2.50/24";
      },
      60_000,
    );
  },
);
