import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { watchDaemon } from "../lab/daemon.ts";
import type { PlatformApi } from "../lab/operator.ts";
import { projectFolder } from "../root/system-layer.ts";

export interface MachinePlatform extends PlatformApi {
  /** As the appliance calls it. */
  url: string;
  /** The page, for this machine's browser. */
  pageUrl: string;
  token: string;
  log(): string;
  stop(): Promise<void>;
}

/** The reference platform on this machine's loopback, under the address by which QEMU's router passes a guest on to it. */
export async function startMachinePlatform(hostAddress: string): Promise<MachinePlatform> {
  const data = await mkdtemp(join(tmpdir(), "outrider-platform-"));
  const options = ["--data", data, "--listen", "127.0.0.1:0", "--url", `https://${hostAddress}:0`, "--ip-range", `${hostAddress}/32`];
  const args = ["--pdeathsig", "TERM", "--", process.execPath, join(projectFolder, "src/platform/main.ts"), ...options];
  const child = spawn("setpriv", args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const daemon = watchDaemon("platform", child, async () => (child.pid === undefined ? [] : [child.pid]));
  await daemon.waitForOutput("platform ready", 60_000);
  const port = Number(/platform ready .*\bport=(\d+)/.exec(daemon.output())?.[1]);
  const token = (await readFile(join(data, "operator-token"), "utf8")).trim();
  return {
    url: `https://${hostAddress}:${port}`,
    pageUrl: `https://127.0.0.1:${port}/`,
    token,
    log: () => daemon.output(),
    async stop() {
      await daemon.end("SIGTERM");
      await rm(data, { recursive: true, force: true });
    },
    api: (method, path, body) => callApi(port, token, method, path, body),
  };
}

async function callApi(port: number, token: string, method: string, path: string, body: unknown): Promise<unknown> {
  const content = body === undefined ? "" : JSON.stringify(body);
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "content-length": Buffer.byteLength(content) };
    // Its certificate authority was made a moment ago by the process that this one started.
    const call = request({ host: "127.0.0.1", port, method, path, headers, rejectUnauthorized: false, agent: false }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
    });
    call.on("error", reject);
    call.end(content);
  });
  if (status >= 400) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 500)}`);
  return text === "" ? null : JSON.parse(text);
}
