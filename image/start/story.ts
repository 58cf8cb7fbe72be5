import { stripVTControlCharacters } from "node:util";
import { enrolAtConsole } from "../lab/console-keys.ts";
import type { Operator } from "../lab/operator.ts";
import type { EventLog } from "../run/event-log.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** The parts of the first hour with an appliance, wherever its processes run. */
export interface StoryStage {
  operator: Operator;
  /** The appliance's console. */
  console: Terminal;
  platformUrl: string;
  targets: string[];
  ports: "top-100" | "top-1000" | "all";
  addressPattern: RegExp;
}

/** Prints events and remembers the current step, to name it when it fails. */
export class Narrator {
  readonly #log: EventLog;
  readonly #prefix: string;
  #step = "start";

  constructor(log: EventLog, prefix = "") {
    this.#log = log;
    this.#prefix = prefix;
  }

  async during<T>(step: string, work: () => Promise<T>): Promise<T> {
    this.#step = step;
    this.#log.write(`step: ${step}`);
    return await work();
  }

  fail(error: unknown, screen: Terminal | undefined): void {
    const [cause] = (error instanceof Error ? error.message : String(error)).split("\n");
    if (screen !== undefined)
      this.#log.write(`the console's last screen:\n${screen.screen().join("\n")}`);
    process.stdout.write(
      `${this.#prefix}FAILED at step "${this.#step}": ${cause}\n${this.#prefix}The log, with the console's last screen, is ${this.#log.path}\n`,
    );
  }

  tell(event: string): void {
    const seconds = this.#log.seconds().toFixed(1).padStart(6);
    const line = `${this.#prefix}${seconds} s  ${stripVTControlCharacters(event)}`;
    process.stdout.write(`${line}\n`);
    this.#log.write(`event: ${event}`);
  }
}

/** From the console's first screen to the result on the platform, driven as a person would. */
export async function tellStory(stage: StoryStage, narrator: Narrator): Promise<void> {
  const { operator, console: screen } = stage;
  await narrator.during("console", async () => {
    await screen.waitFor("Outrider", { timeoutMs: 60_000, what: "the console's first screen" });
  });
  await narrator.during("address by DHCP", async () => {
    const rows = await screen.waitFor(stage.addressPattern, {
      timeoutMs: 60_000,
      what: "an address by DHCP on the home screen",
    });
    const address = stage.addressPattern.exec(rows.join("\n"))?.[0];
    narrator.tell(`address by DHCP: ${address}`);
  });
  const applianceId = await narrator.during("enrolment", async () => {
    const { code } = await operator.makeActivationCode("first appliance");
    await enrolAtConsole(screen, stage.platformUrl, code);
    const appliance = await operator.waitForAppliance(
      ({ state }) => state !== "revoked",
      "the appliance is enrolled",
    );
    narrator.tell(`enrolled: ${appliance.name}, ${appliance.id}`);
    return appliance.id;
  });
  await narrator.during("first heartbeat", async () => {
    await operator.waitForAppliance(
      ({ heartbeatAt }) => heartbeatAt !== null,
      "the first heartbeat",
    );
    const { heartbeat } = await operator.appliance(applianceId);
    const memory =
      heartbeat === null ? 0 : Math.round(heartbeat.health.memoryAvailableBytes / 2 ** 20);
    narrator.tell(
      `first heartbeat: software ${heartbeat?.softwareVersion}, ${memory} MB of memory available`,
    );
  });
  const scanId = await narrator.during("scan start", async () => {
    const scan = await operator.startScan({
      applianceId,
      name: "First scan",
      targets: stage.targets,
      ports: stage.ports,
    });
    await operator.waitForScan(
      scan.id,
      ({ acknowledgedAt }) => acknowledgedAt !== null,
      "the appliance has taken the scan",
    );
    narrator.tell(`scan started: ${stage.targets.join(", ")}`);
    return scan.id;
  });
  await narrator.during("scan", async () => {
    const ended = await operator.waitForScanEnd(scanId);
    narrator.tell(`${ended.hostCount} hosts and ${ended.openPortCount} open ports found`);
    if (ended.state !== "completed")
      throw new Error(
        `the scan ended as ${ended.state}: ${JSON.stringify(ended.completion?.problems)}`,
      );
  });
  await narrator.during("results", async () => {
    const hosts = await operator.hosts(scanId);
    const services = hosts.flatMap(({ address, ports }) =>
      ports
        .filter(({ state }) => state === "open")
        .map(
          ({ number, service }) =>
            `${address}:${number} ${[service?.product ?? service?.name, service?.version].filter(Boolean).join(" ")}`,
        ),
    );
    if (services.length === 0) throw new Error("the platform has no open port in the result");
    narrator.tell(`results received: ${services.join(", ")}`);
  });
}
