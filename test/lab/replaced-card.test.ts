import { type ApplianceCard, applianceCards } from "../../image/lab/addresses.ts";
import type { Settings } from "../../src/settings/model/schema.ts";
import { defaultInterface } from "../../src/settings/model/schema.ts";
import { complaints, statusOf } from "../testkit/lab/agreement.ts";
import { eventually, labTest, openBootedLab, type TestLab } from "../testkit/lab/lab.ts";
import { addressed, callHome, change, enrol, withNetwork } from "../testkit/lab/split-lab.ts";

const card = (last: string, name = "eth0"): ApplianceCard => ({
  ...applianceCards.eth0,
  name,
  macAddress: `52:54:00:0a:00:${last}`,
});
const named = (last: string): Settings =>
  withNetwork({ mode: "single", lan: { ...defaultInterface, macAddress: card(last).macAddress } });

async function reports(lab: TestLab): Promise<string[]> {
  const { networkReports } = await statusOf(lab);
  return networkReports.map(({ code, detail }: Record<string, string>) => `${code}: ${detail}`);
}

/** A power cut, after which the machine has this card instead. */
async function restoredWith(lab: TestLab, other: ApplianceCard): Promise<void> {
  await lab.appliance.kill9();
  lab.appliance.cards = [other];
  await lab.appliance.start();
  await lab.appliance.booted();
  await addressed(lab, [other.name], false);
}

labTest(
  "an appliance with a single card comes up on whichever card it has after a restore, a copy or a change while it runs, named or not, and says so until that card is chosen",
  async (t) => {
    t.timeout(500_000);
    const lab = await openBootedLab(t, { targets: false, appliance: { cards: [card("01")] } });
    const applianceId = await enrol(lab);
    t.deepEqual(await reports(lab), []);

    await restoredWith(lab, card("91"));
    await callHome(lab, applianceId);
    t.deepEqual(await complaints(lab), []);
    t.deepEqual(await reports(lab), [
      "interface-replaced: LAN, 52:54:00:0a:00:91, eth0; instead of 52:54:00:0a:00:01",
    ]);
    await lab.appliance.console.waitFor(/instead of 52:54:00:0a:00:01/, {
      what: "the report on the home screen",
      timeoutMs: 60_000,
    });

    await lab.appliance.unplug("eth0");
    await lab.appliance.plug(card("92", "eth1"));
    await addressed(lab, ["eth1"], false);
    await callHome(lab, applianceId);
    await eventually("the present card is reported", async () =>
      (await reports(lab)).includes(
        "interface-replaced: LAN, 52:54:00:0a:00:92, eth1; instead of 52:54:00:0a:00:01",
      ),
    );

    await change(lab, named("92"));
    await eventually("nothing is left to report", async () => (await reports(lab)).length === 0);

    await restoredWith(lab, card("93"));
    await callHome(lab, applianceId);
    t.deepEqual(await reports(lab), [
      "interface-replaced: LAN, 52:54:00:0a:00:93, eth0; instead of 52:54:00:0a:00:92",
    ]);
    // Any change is possible, and takes the present card into the settings.
    await change(lab, { ...named("92"), hostname: "restored" });
    await eventually("nothing is left to report", async () => (await reports(lab)).length === 0);
    t.is((await statusOf(lab)).settings.network.lan.macAddress, card("93").macAddress);
  },
);
