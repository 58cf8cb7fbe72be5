import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Agent, type Dispatcher } from "undici";
import type { NewRoll, PlatformKeysReply } from "../../../src/platform/operator/key-schemas.ts";
import type {
  AboutView,
  ActivationCodeView,
  ApplianceSummary,
  ApplianceView,
  CommandView,
  ContentReply,
  CreatedActivationCode,
  DeedView,
  MachineView,
  NewCommand,
  NewContent,
  NewScan,
  ScanView,
  SettingsView,
} from "../../../src/platform/operator/schemas.ts";
import type { HostObservation } from "../../../src/protocol/schemas/results.ts";
import { patientMs } from "../patience.ts";

const main = fileURLToPath(new URL("../../../src/platform/main.ts", import.meta.url));

export interface TestPlatformOptions {
  /** A kept folder; a temporary one that goes with the platform when absent. */
  dataFolder?: string;
  /** Further arguments, for example ["--ip-range", "198.51.100.0/24"]. */
  arguments?: string[];
  /** Another file to run, as one that was bundled. */
  program?: string;
  environment?: Record<string, string>;
  /** How long its start may take; a busy machine needs more. */
  startTimeoutMs?: number;
  /** The platform's URL when it is not https://127.0.0.1:PORT. */
  url?: string;
}

/** The real platform in a process of its own, on a free port of 127.0.0.1. */
export class TestPlatform {
  readonly dataFolder: string;
  readonly #options: TestPlatformOptions;
  #process: ChildProcess;
  #log = "";
  port = 0;
  /** Certificate authority, PEM. */
  certificateAuthority = "";
  operatorToken = "";
  #dispatcher: Agent | null = null;

  private constructor(dataFolder: string, options: TestPlatformOptions) {
    this.dataFolder = dataFolder;
    this.#options = options;
    this.#process = this.#spawn();
  }

  static async start(options: TestPlatformOptions = {}): Promise<TestPlatform> {
    const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), "outrider-platform-")));
    const platform = new TestPlatform(dataFolder, options);
    await platform.#ready();
    return platform;
  }

  get url(): string {
    return this.#options.url ?? `https://127.0.0.1:${this.port}`;
  }

  /** The process's standard error so far. */
  get log(): string {
    return this.#log;
  }

  get processId(): number | undefined {
    return this.#process.pid;
  }

  /** Connections that trust this platform's authority and nothing else, always to 127.0.0.1. */
  get dispatcher(): Dispatcher {
    this.#dispatcher ??= new Agent({
      connect: { ca: this.certificateAuthority },
      headersTimeout: 60_000,
    });
    return this.#dispatcher;
  }

  get api(): OperatorApi {
    return new OperatorApi(`https://127.0.0.1:${this.port}`, this.operatorToken, this.dispatcher);
  }

  /** Kills the process without a signal that it could handle, as a power cut does. */
  async kill9(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async stop(): Promise<{ exitCode: number | null; tookMs: number }> {
    const started = performance.now();
    const exitCode = await this.#end("SIGTERM");
    return { exitCode, tookMs: performance.now() - started };
  }

  /** Starts the process again on the same port and data. */
  async restart(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await this.stop();
    await this.#closeConnections();
    this.#log = "";
    this.#process = this.#spawn();
    await this.#ready();
  }

  /** Ends the process and removes its temporary folder. */
  async remove(): Promise<void> {
    await this.#end("SIGKILL");
    await this.#closeConnections();
    if (this.#options.dataFolder === undefined)
      await rm(this.dataFolder, { recursive: true, force: true });
  }

  #spawn(): ChildProcess {
    const { port } = this;
    const url = this.#options.url ?? `https://127.0.0.1:${port}`;
    const options = [
      "--data",
      this.dataFolder,
      "--listen",
      `127.0.0.1:${port}`,
      "--url",
      url,
      ...(this.#options.arguments ?? []),
    ];
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", this.#options.program ?? main, ...options],
      {
        stdio: ["ignore", "ignore", "pipe"],
        env: { ...process.env, ...this.#options.environment },
      },
    );
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#log += text;
    });
    const killWithTest = () => child.kill("SIGKILL");
    process.once("exit", killWithTest);
    child.once("exit", () => process.removeListener("exit", killWithTest));
    return child;
  }

  async #ready(): Promise<void> {
    const child = this.#process;
    const deadline = AbortSignal.timeout(this.#options.startTimeoutMs ?? patientMs);
    for (let found: RegExpExecArray | null = null; !found; ) {
      found = /platform ready .*port=(\d+)/.exec(this.#log);
      if (found) this.port = Number(found[1]);
      else if (child.exitCode !== null) throw new Error(`the platform ended: ${this.#log}`);
      else if (child.stderr)
        await Promise.race([
          once(child.stderr, "data", { signal: deadline }),
          once(child, "exit", { signal: deadline }),
        ]);
    }
    const authority: unknown = JSON.parse(
      await readFile(join(this.dataFolder, "certificate-authority.json"), "utf8"),
    );
    if (typeof authority === "object" && authority !== null && "certificate" in authority)
      this.certificateAuthority = String(authority.certificate);
    this.operatorToken = (await readFile(join(this.dataFolder, "operator-token"), "utf8")).trim();
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
    return child.exitCode;
  }

  async #closeConnections(): Promise<void> {
    await this.#dispatcher?.destroy();
    this.#dispatcher = null;
  }
}

export const startPlatform = (options: TestPlatformOptions = {}): Promise<TestPlatform> =>
  TestPlatform.start(options);

export interface ApiAnswer<T> {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: T;
}

/** The operator's API. The named methods throw for anything but success. */
export class OperatorApi {
  readonly #origin: string;
  readonly #token: string;
  readonly #dispatcher: Dispatcher;

  constructor(origin: string, token: string, dispatcher: Dispatcher) {
    this.#origin = origin;
    this.#token = token;
    this.#dispatcher = dispatcher;
  }

  async request<T>(
    method: Dispatcher.HttpMethod,
    path: string,
    content?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer<T>> {
    const reply = await this.#dispatcher.request({
      origin: this.#origin,
      method,
      path: `/api${path}`,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(content === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(content === undefined ? {} : { body: JSON.stringify(content) }),
    });
    return {
      status: reply.statusCode,
      headers: reply.headers,
      body: JSON.parse((await reply.body.text()) || "null"),
    };
  }

  async #ok<T>(method: Dispatcher.HttpMethod, path: string, content?: unknown): Promise<T> {
    const { status, body } = await this.request<T>(method, path, content);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** Publishes `file`; the answer as it came, also when it is a refusal. */
  async upload(content: NewContent, file: Uint8Array): Promise<ApiAnswer<ContentReply>> {
    const reply = await this.#dispatcher.request({
      origin: this.#origin,
      method: "POST",
      path: `/api/content?${new URLSearchParams({ ...content })}`,
      headers: {
        authorization: `Bearer ${this.#token}`,
        "content-type": "application/octet-stream",
      },
      body: file,
    });
    return {
      status: reply.statusCode,
      headers: reply.headers,
      body: JSON.parse((await reply.body.text()) || "null"),
    };
  }

  async publish(content: NewContent, file: Uint8Array): Promise<ContentReply> {
    const { status, body } = await this.upload(content, file);
    if (status !== 201) throw new Error(`publishing: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  makeCode = (name = ""): Promise<CreatedActivationCode> =>
    this.#ok("POST", "/activation-codes", { name });
  codes = async () =>
    (await this.#ok<{ activationCodes: ActivationCodeView[] }>("GET", "/activation-codes"))
      .activationCodes;
  appliances = async () =>
    (await this.#ok<{ appliances: ApplianceSummary[] }>("GET", "/appliances")).appliances;
  appliance = (id: string): Promise<ApplianceView> => this.#ok("GET", `/appliances/${id}`);
  revoke = (id: string): Promise<ApplianceView> => this.#ok("DELETE", `/appliances/${id}`);
  scans = async () => (await this.#ok<{ scans: ScanView[] }>("GET", "/scans")).scans;
  scan = (id: string): Promise<ScanView> => this.#ok("GET", `/scans/${id}`);
  startScan = (
    scan: Pick<NewScan, "applianceId" | "targets"> & Partial<NewScan>,
  ): Promise<ScanView> =>
    this.#ok("POST", "/scans", {
      name: "Test scan",
      exclusions: [],
      profile: "normal",
      ports: "top-100",
      ...scan,
    });
  stopScan = (id: string): Promise<ScanView> => this.#ok("POST", `/scans/${id}/stop`);
  /** All of them, page by page. */
  results = async (id: string): Promise<HostObservation[]> => {
    const all: HostObservation[] = [];
    for (;;) {
      const { hosts, total } = await this.#ok<{ hosts: HostObservation[]; total: number }>(
        "GET",
        `/scans/${id}/results?offset=${all.length}`,
      );
      all.push(...hosts);
      if (hosts.length === 0 || all.length >= total) return all;
    }
  };
  command = (applianceId: string, command: NewCommand): Promise<CommandView> =>
    this.#ok("POST", `/appliances/${applianceId}/commands`, command);
  commands = async (applianceId: string) =>
    (await this.#ok<{ commands: CommandView[] }>("GET", `/appliances/${applianceId}/commands`))
      .commands;
  commandView = (id: string): Promise<CommandView> => this.#ok("GET", `/commands/${id}`);
  bundle = async (id: string): Promise<Buffer> => {
    const headers = { authorization: `Bearer ${this.#token}` };
    const reply = await this.#dispatcher.request({
      origin: this.#origin,
      method: "GET",
      path: `/api/commands/${id}/bundle`,
      headers,
    });
    return Buffer.from(await reply.body.arrayBuffer());
  };
  machines = async (applianceId: string) =>
    (await this.#ok<{ machines: MachineView[] }>("GET", `/appliances/${applianceId}/machines`))
      .machines;
  codeFor = (applianceId: string): Promise<CreatedActivationCode> =>
    this.#ok("POST", "/activation-codes", { applianceId });
  settings = (): Promise<SettingsView> => this.#ok("GET", "/settings");
  changeSettings = (settings: SettingsView): Promise<SettingsView> =>
    this.#ok("PUT", "/settings", settings);
  content = (): Promise<ContentReply> => this.#ok("GET", "/content");
  withdraw = ({ kind, name, version }: NewContent): Promise<ContentReply> =>
    this.#ok("DELETE", `/content/${kind}/${name}/${version}`);
  replaceKey = (role: string): Promise<ContentReply> => this.#ok("POST", `/content/keys/${role}`);
  journal = async () => (await this.#ok<{ deeds: DeedView[] }>("GET", "/journal")).deeds;
  keys = (): Promise<PlatformKeysReply> => this.#ok("GET", "/keys");
  rollKey = (kind: "reply" | "authority", roll: NewRoll = {}): Promise<PlatformKeysReply> =>
    this.#ok("POST", `/keys/${kind}/roll`, roll);
  about = (): Promise<AboutView> => this.#ok("GET", "/about");
}
