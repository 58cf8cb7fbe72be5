import type { Validated } from "../../src/base/checks.ts";
import type {
  ActivationCodeView,
  ApplianceSummary,
  ApplianceView,
  CommandView,
  CreatedActivationCode,
  NewCommand,
  ScanView,
} from "../../src/platform/operator/schemas.ts";
import type { HostObservation } from "../../src/protocol/schemas/results.ts";
import { validators } from "./validators.ts";

/** The platform's `/api`, wherever the platform is. */
export interface PlatformApi {
  api(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<unknown>;
}

export interface ScanWish {
  applianceId: string;
  name: string;
  targets: readonly string[];
  exclusions?: readonly string[];
  profile?: "gentle" | "normal" | "fast";
  ports?: "top-100" | "top-1000" | "all";
}

const finalStates: readonly string[] = ["completed", "incomplete", "failed", "stopped"];
const pollMs = 200;

/** The platform's operator, as a program. */
export class Operator {
  readonly #platform: PlatformApi;

  constructor(platform: PlatformApi) {
    this.#platform = platform;
  }

  async makeActivationCode(name: string): Promise<CreatedActivationCode> {
    return checked(
      validators.CreatedActivationCode(
        await this.#platform.api("POST", "/api/activation-codes", { name }),
      ),
    );
  }

  async activationCodes(): Promise<ActivationCodeView[]> {
    return checked(
      validators.ActivationCodesReply(await this.#platform.api("GET", "/api/activation-codes")),
    ).activationCodes;
  }

  async appliances(): Promise<ApplianceSummary[]> {
    return checked(validators.AppliancesReply(await this.#platform.api("GET", "/api/appliances")))
      .appliances;
  }

  async appliance(id: string): Promise<ApplianceView> {
    return checked(
      validators.ApplianceView(await this.#platform.api("GET", `/api/appliances/${id}`)),
    );
  }

  async setInterval(intervalSeconds: number): Promise<void> {
    await this.#platform.api("PUT", "/api/settings", { intervalSeconds });
  }

  async startScan({
    exclusions = [],
    profile = "fast",
    ports = "top-1000",
    ...wish
  }: ScanWish): Promise<ScanView> {
    return checked(
      validators.ScanView(
        await this.#platform.api("POST", "/api/scans", { ...wish, exclusions, profile, ports }),
      ),
    );
  }

  async scan(id: string): Promise<ScanView> {
    return checked(validators.ScanView(await this.#platform.api("GET", `/api/scans/${id}`)));
  }

  async stopScan(id: string): Promise<void> {
    await this.#platform.api("POST", `/api/scans/${id}/stop`, {});
  }

  async hosts(scanId: string): Promise<HostObservation[]> {
    return checked(
      validators.ScanResultsReply(await this.#platform.api("GET", `/api/scans/${scanId}/results`)),
    ).hosts;
  }

  async command(applianceId: string, command: NewCommand): Promise<CommandView> {
    return checked(
      validators.CommandView(
        await this.#platform.api("POST", `/api/appliances/${applianceId}/commands`, command),
      ),
    );
  }

  /** Resolves when the platform has the command's result. */
  async waitForCommand(id: string, timeoutMs = 60_000): Promise<CommandView> {
    const ended = async () => {
      const view = checked(
        validators.CommandView(await this.#platform.api("GET", `/api/commands/${id}`)),
      );
      return view.endedAt === null ? undefined : view;
    };
    return await poll(ended, "the command's result", timeoutMs);
  }

  /** Resolves with the first appliance that satisfies the check. */
  async waitForAppliance(
    wanted: (appliance: ApplianceSummary) => boolean,
    what: string,
    timeoutMs = 60_000,
  ): Promise<ApplianceSummary> {
    return await poll(async () => (await this.appliances()).find(wanted), what, timeoutMs);
  }

  async waitForScan(
    id: string,
    wanted: (scan: ScanView) => boolean,
    what: string,
    timeoutMs = 180_000,
  ): Promise<ScanView> {
    return await poll(
      async () => {
        const scan = await this.scan(id);
        if (wanted(scan)) return scan;
        if (finalStates.includes(scan.state))
          throw new Error(
            `the scan ended as ${scan.state} before: ${what}; ${JSON.stringify(scan.completion)}`,
          );
        return undefined;
      },
      what,
      timeoutMs,
    );
  }

  async waitForScanEnd(id: string, timeoutMs = 240_000): Promise<ScanView> {
    return await this.waitForScan(
      id,
      ({ state }) => finalStates.includes(state),
      "the scan's end",
      timeoutMs,
    );
  }
}

function checked<T>(result: Validated<T>): T {
  if (result.valid) return result.value;
  throw new Error(
    `the platform answered something else: ${JSON.stringify(result.violations).slice(0, 500)}`,
  );
}

/** Repeats a request until it succeeds; when the time is over, rejects with the last error. */
export async function poll<T>(
  ask: () => Promise<T | undefined>,
  what: string,
  timeoutMs: number,
): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadlineMs)
      throw new Error(`not within ${Math.round(timeoutMs / 1000)} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
