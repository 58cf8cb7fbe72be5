import test, { type ExecutionContext } from "ava";
import { hosts, platformUrl } from "../../../image/lab/addresses.ts";
import type { OpenConsole } from "../../../image/lab/appliance.ts";
import { enrolAtConsole } from "../../../image/lab/console-keys.ts";
import { type Lab, type LabOptions, startLab } from "../../../image/lab/lab.ts";
import { Operator, type ScanWish } from "../../../image/lab/operator.ts";
import { whyNoLab } from "../../../image/start/capability.ts";
import { openTerminal, type Terminal } from "../../../image/terminal/terminal.ts";
import type { HostObservation } from "../../../src/protocol/schemas/results.ts";

export type TestLab = Lab<Terminal> & { operator: Operator };

const obstacle = await whyNoLab();

/** Tests that need a lab: one after the other, and skipped by name where there is no root. */
export const labTest = obstacle === null ? test.serial : test.serial.skip;

/** A lab that ends with the test. A failed test shows the logs of appliance and platform. */
export async function openLab(
  t: ExecutionContext,
  options: Omit<LabOptions<Terminal>, "openConsole"> = {},
): Promise<TestLab> {
  const terminals: Terminal[] = [];
  const openConsole: OpenConsole<Terminal> = ([command, ...args]) => {
    const terminal = openTerminal({ command, args, cols: 80, rows: 24 });
    terminals.push(terminal);
    return terminal;
  };
  const lab = await startLab({ ...options, openConsole });
  t.teardown(async () => {
    if (!t.passed) {
      const journal = await lab.appliance.journal().catch((error: unknown) => String(error));
      t.log(`the appliance's journal:\n${journal.split("\n").slice(-120).join("\n")}`);
      for (const terminal of terminals)
        t.log(`a terminal's last words:\n${terminal.output().slice(-3000)}`);
      t.log(`the platform said:\n${lab.platform.log().split("\n").slice(-40).join("\n")}`);
    }
    await lab.stop();
  });
  return { ...lab, operator: new Operator(lab.platform) };
}

/** A lab with the appliance switched on and booted. */
export async function openBootedLab(
  t: ExecutionContext,
  options: Omit<LabOptions<Terminal>, "openConsole"> = {},
): Promise<TestLab> {
  const lab = await openLab(t, options);
  await lab.appliance.start();
  await lab.appliance.booted();
  return lab;
}

export interface EnrolledLab extends TestLab {
  applianceId: string;
}

/** A lab whose appliance was enrolled at its console and has called home. */
export async function openEnrolledLab(
  t: ExecutionContext,
  options: Omit<LabOptions<Terminal>, "openConsole"> = {},
): Promise<EnrolledLab> {
  const lab = await openBootedLab(t, options);
  const { code } = await lab.operator.makeActivationCode("lab");
  await lab.appliance.console.waitFor("(DHCP)", {
    timeoutMs: 60_000,
    what: "an address on the home screen",
  });
  await enrolAtConsole(lab.appliance.console, platformUrl, code);
  const { id } = await lab.operator.waitForAppliance(
    ({ heartbeatAt }) => heartbeatAt !== null,
    "the first heartbeat",
  );
  return { ...lab, applianceId: id };
}

/** The result of a scan as far as it must be the same each time. */
export function openPorts(hosts: readonly HostObservation[]): string[] {
  return hosts
    .flatMap(({ address, ports }) =>
      ports
        .filter(({ state }) => state === "open")
        .map(({ protocol, number, service }) =>
          [
            address,
            `${number}/${protocol}`,
            service?.name ?? "",
            service?.product ?? "",
            service?.version ?? "",
          ].join(" "),
        ),
    )
    .sort();
}

/** All that the lab's three targets offer. */
export const targets = [hosts.web.address, hosts.ssh.address, hosts.redis.address];

/** Two of them, in about ten seconds: long enough to be disturbed in. */
export const shortScan = {
  targets: [hosts.web.address, hosts.ssh.address],
  profile: "normal",
  ports: "top-1000",
} as const satisfies Partial<ScanWish>;

/** Is any scan engine at work on the appliance now? */
export async function scanRuns({ appliance }: TestLab): Promise<boolean> {
  const { stdout } = await appliance.exec([
    "systemctl",
    "list-units",
    "--plain",
    "--no-legend",
    "--state=active",
    "outrider-scan@*",
  ]);
  return stdout !== "";
}

/** Waits until a check holds. It polls, since nothing reports the change. */
export async function eventually(
  what: string,
  check: () => Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await check())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
