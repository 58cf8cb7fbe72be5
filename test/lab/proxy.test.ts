import { platformUrl } from "../../image/lab/addresses.ts";
import {
  applyOnTrial,
  enrolAtConsole,
  goHome,
  keepTrial,
  reviewProxy,
} from "../../image/lab/console-keys.ts";
import { eventually, labTest, openBootedLab } from "../testkit/lab/lab.ts";

const login = { user: "appliance", password: "pass word:with/signs" };
const blockDirect = `
table inet wall {
  chain forward {
    type filter hook forward priority -10;
    ip daddr 198.51.100.10 drop
  }
}`;

labTest(
  "where only a proxy with a password leads out, the appliance enrols and calls home through it",
  async (t) => {
    t.timeout(400_000);
    const { appliance, operator, namespaces } = await openBootedLab(t, {
      targets: false,
      proxy: { login },
    });
    // The firewall drops what goes to the platform directly.
    await namespaces.runPeer(["nft", "-f", "-"], { host: "router", input: blockDirect });
    const screen = appliance.console;
    await screen.waitFor("(DHCP)", { timeoutMs: 60_000 });

    await reviewProxy(screen, { host: "proxy.outrider.test", port: 3128, ...login });
    t.notRegex(screen.screen().join("\n"), /pass word/);
    await applyOnTrial(screen);
    await keepTrial(screen);
    const { code } = await operator.makeActivationCode("behind the proxy");
    await enrolAtConsole(screen, platformUrl, code);
    const { id, seenFrom } = await operator.waitForAppliance(
      ({ heartbeatAt }) => heartbeatAt !== null,
      "the first heartbeat",
      90_000,
    );
    t.is(seenFrom, "198.51.100.20", "the platform sees the proxy");
    await eventually("the heartbeat names the proxy", async () =>
      /proxy\.outrider\.test:3128/.test((await operator.appliance(id)).heartbeat?.proxy ?? ""),
    );

    const { stdout: access } = await namespaces.run(["cat", "/run/lab/squid/access.log"]);
    t.regex(access, /TCP_TUNNEL\/200 .* CONNECT (enrolment|health)\.outrider\.test:443 appliance /);
    await goHome(screen);
    await screen.waitFor("Connected to", { timeoutMs: 30_000 });
    // The password is in its sealed file and nowhere else.
    const { stdout: found } = await appliance.exec(
      ["grep", "-rlF", "pass word", "/data", "/run/outrider", "/etc", "/run/systemd/system"],
      { mayFail: true },
    );
    t.deepEqual(
      found
        .split("\n")
        .filter(
          (path) =>
            path !== "" && !/^\/(data\/outrider\/secrets|run\/outrider\/credentials)\//.test(path),
        ),
      [],
    );
    t.notRegex(await appliance.journal(), /pass word/);
  },
);
