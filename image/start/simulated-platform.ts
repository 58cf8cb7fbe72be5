import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { watchDaemon } from "../lab/daemon.ts";
import type { PlatformApi } from "../lab/operator.ts";
import { projectFolder } from "../root/system-layer.ts";

export interface SimulatedPlatform extends PlatformApi {
  url: string;
  token: string;
  log(): string;
  stop(): Promise<void>;
}

/** The reference platform as a plain process on this machine's loopback. */
export async function startSimulatedPlatform(): Promise<SimulatedPlatform> {
  const data = await mkdtemp(join(tmpdir(), "outrider-platform-"));
  const options = ["--data", data, "--listen", "127.0.0.1:0", "--url", "https://localhost:0", "--ip-range", "127.0.0.1/32"];
  // It dies with this process, however that ends; and keys pressed at the terminal are not meant for it.
  const args = ["--pdeathsig", "TERM", "--", process.execPath, join(projectFolder, "src/platform/main.ts"), ...options];
  const child = spawn("setpriv", args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const daemon = watchDaemon("platform", child, async () => (child.pid === undefined ? [] : [child.pid]));
  await daemon.waitForOutput("platform ready", 60_000);
  const port = Number(/platform ready .*\bport=(\d+)/.exec(daemon.output())?.[1]);
  const token = (await readFile(join(data, "operator-token"), "utf8")).trim();
  return {
    url: `https://localhost:${port}`,
    token,
    log: () => daemon.output(),
    async stop() {
      // What it holds open for its callers is nobody's any more.
      const killer = setTimeout(() => child.kill("SIGKILL"), 1500);
      await daemon.end("SIGTERM");
      clearTimeout(killer);
      await rm(data, { recursive: true, force: true });
    },
    api: (method, path, body) => callApi({ port, token }, method, path, body),
  };
}

/** One JSON request to a platform on loopback. */
function callApi({ port, token }: { port: number; token: string }, method: string, path: string, body: unknown): Promise<unknown> {
  const text = body === undefined ? "" : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      "content-length": Buffer.byteLength(text),
    };
    // Its CA was made a moment ago by the process that this one started.
    const call = request({ host: "127.0.0.1", port, servername: "localhost", method, path, headers, rejectUnauthorized: false, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const reply = Buffer.concat(chunks).toString("utf8");
        if ((response.statusCode ?? 0) >= 400) reject(new Error(`${method} ${path}: ${response.statusCode} ${reply.slice(0, 500)}`));
        else resolve(reply === "" ? null : JSON.parse(reply));
      });
    });
    call.on("error", reject);
    call.end(text);
  });
}
