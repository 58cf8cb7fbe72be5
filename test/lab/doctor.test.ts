import { hosts } from "../../image/lab/addresses.ts";
import { defaultInterface } from "../../src/settings/model/schema.ts";
import { labTest } from "../testkit/lab/lab.ts";
import {
  addressed,
  enrol,
  guards,
  type SplitLab,
  splitNetwork,
  startSplitLab,
  withNetwork,
} from "../testkit/lab/split-lab.ts";

interface Result {
  id: string;
  outcome: string;
  code: string | null;
  detail: string;
}

async function doctor({ appliance }: SplitLab): Promise<Map<string, Result>> {
  const { stdout } = await appliance.exec(["outrider", "doctor", "--json"], {
    mayFail: true,
    timeoutMs: 60_000,
  });
  const { results }: { results: Result[] } = JSON.parse(stdout);
  return new Map(results.map((result) => [result.id, result]));
}

labTest(
  "in split mode each side is checked by its own user, and a second machine with the LAN's address is named",
  async (t) => {
    t.timeout(400_000);
    const lab = await startSplitLab(
      withNetwork(splitNetwork({ ...defaultInterface }, { ...defaultInterface })),
      { targets: false },
    );
    t.teardown(() => lab.stop());
    await addressed(lab, ["eth0", "eth1"], false);
    await enrol(lab);
    const healthy = await doctor(lab);
    const bad = [...healthy.values()].filter(({ outcome }) => /failed|warning/.test(outcome));
    t.deepEqual(bad, [], "a healthy network has no complaint");
    for (const id of ["duplicate:lan", "neighbour:lan", "scan-side", "duplicate:wan", "source"])
      t.is(healthy.get(id)?.outcome, "ok", `${id} ${healthy.get(id)?.detail}`);
    t.regex(
      healthy.get("source")?.detail ?? "",
      /^198\.51\.100\.10 from 198\.51\.100\.\d+ by eth1$/,
    );
    t.regex(healthy.get("address:lan")?.detail ?? "", /leased by 192\.0\.2\.1 .* good for \d+ min/);
    t.deepEqual(await guards(lab), { lan: 0, wan: 0 }, "no check went the wrong way");

    const [, own = ""] =
      /(192\.0\.2\.\d+)\/24/.exec(healthy.get("address:lan")?.detail ?? "") ?? [];
    await lab.exec("station", ["ip", "address", "add", `${own}/32`, "dev", "eth0"]);
    const shared = (await doctor(lab)).get("duplicate:lan");
    t.is(shared?.code, "address-duplicate");
    t.is(shared?.detail, `${own} is also used by ${hosts.station.macAddress}`);
    t.deepEqual(await guards(lab), { lan: 0, wan: 0 });
  },
);
