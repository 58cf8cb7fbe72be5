import test from "ava";
import { estimateCommand } from "../../src/platform/estimate/command.ts";
import { engines } from "../../src/scan/engines/engines.ts";
import { estimateScan } from "../../src/scan/estimate/estimate.ts";

const scan = {
  name: "x",
  targets: ["10.0.0.0/22"],
  exclusions: [],
  profile: "normal",
  ports: "standard",
} as const;
const specification = { ...scan, targets: [...scan.targets], exclusions: [] };

test("an empty network costs its discovery and nothing else", (t) => {
  const { addresses, phases, seconds } = estimateScan(engines, specification, {
    hosts: 0,
    openPorts: 5,
  });
  t.is(addresses, 1024);
  t.deepEqual(
    phases.map(({ phase, shards }) => [phase, shards]),
    [
      ["discover", 1],
      ["ports", 0],
      ["services", 0],
    ],
  );
  t.true(seconds.worst >= 50 && seconds.worst <= 60, String(seconds.worst));
});

test("a million addresses are estimated by a sample of their hosts, in proportion", (t) => {
  const targets = Array.from({ length: 16 }, (_, index) => `10.${index}.0.0/16`);
  const small = estimateScan(engines, { ...specification, targets }, { hosts: 4096, openPorts: 2 });
  const large = estimateScan(
    engines,
    { ...specification, targets },
    { hosts: 40_960, openPorts: 2 },
  );
  t.is(large.addresses, 2 ** 20);
  const ratio = (large.phases[1]?.packets.worst ?? 0) / (small.phases[1]?.packets.worst ?? 1);
  t.true(Math.abs(ratio - 10) < 0.01, String(ratio));
});

test("the command prints the estimate as text and as JSON, and names what is wrong with an option", (t) => {
  const text = estimateCommand(["estimate", "--targets", "192.0.2.0/24", "--hosts", "10"]);
  t.is(text.exitCode, 0);
  t.regex(text.output, /256 addresses; if 10 of them answer/);
  const json = estimateCommand([
    ...["estimate", "--targets", "192.0.2.0/24", "--profile", "fast"],
    ...["--ports", "all", "--json"],
  ]);
  t.is(JSON.parse(json.output).addresses, 256);
  for (const [args, words] of [
    [["estimate"], /--targets is missing/],
    [["estimate", "--targets", "nowhere"], /nowhere/],
    [["estimate", "--targets", "192.0.2.1", "--profile", "mad"], /gentle, normal, fast/],
    [["estimate", "--targets", "192.0.2.1", "--hosts", "-1"], /--hosts/],
    [["estimate", "--targets", "10.0.0.0/16", "--bad"], /--bad/],
    [["begin"], /unknown command/],
  ] as const) {
    const { exitCode, error } = estimateCommand(args);
    t.is(exitCode, 2);
    t.regex(error, words);
    t.regex(error, /usage/);
  }
});
