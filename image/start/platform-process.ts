import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { watchDaemon } from "../lab/daemon.ts";
import type { PlatformApi } from "../lab/operator.ts";
import { projectFolder } from "../root/system-layer.ts";

export interface PlatformProcess extends PlatformApi {
  /** As the appliance calls it. */
  url: string;
  /** The page, for this machine's browser. */
  pageUrl: string;
  token: string;
  log(): string;
  stop(): Promise<void>;
}

const longestEndMs = 1500;

/**
 * The reference platform as a plain process on this machine's loopback, under the name or address
 * by which its appliances reach that.
 */
export async function startPlatformProcess(
  host: string,
  ipRange: string,
): Promise<PlatformProcess> {
  const data = await mkdtemp(join(tmpdir(), "outrider-platform-"));
  const options = [
    "--data",
    data,
    "--listen",
    "127.0.0.1:0",
    "--url",
    `https://${host}:0`,
    "--ip-range",
    ipRange,
  ];
  // The platform ends with this process, also when that is killed; Ctrl-C at the terminal must not
  // reach it.
  const args = [
    "--pdeathsig",
    "TERM",
    "--",
    process.execPath,
    join(projectFolder, "src/platform/main.ts"),
    ...options,
  ];
  const child = spawn("setpriv", args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const daemon = watchDaemon("platform", child, async () =>
    child.pid === undefined ? [] : [child.pid],
  );
  await daemon.waitForOutput("platform ready", 60_000);
  const port = Number(/platform ready .*\bport=(\d+)/.exec(daemon.output())?.[1]);
  const token = (await readFile(join(data, "operator-token"), "utf8")).trim();
  return {
    url: `https://${host}:${port}`,
    pageUrl: `https://127.0.0.1:${port}/`,
    token,
    log: () => daemon.output(),
    async stop() {
      // Requests that it still holds open need no answer any more.
      const killer = setTimeout(() => child.kill("SIGKILL"), longestEndMs);
      await daemon.end("SIGTERM");
      clearTimeout(killer);
      await rm(data, { recursive: true, force: true });
    },
    api: (method, path, body) => callApi({ port, token }, method, path, body),
  };
}

/** One JSON request to a platform on loopback. */
export async function callApi(
  { port, token }: { port: number; token: string },
  method: string,
  path: string,
  body: unknown,
): Promise<unknown> {
  const content = body === undefined ? "" : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    "content-length": Buffer.byteLength(content),
  };
  const { status, text } = await new Promise<{ status: number; text: string }>(
    (resolve, reject) => {
      // The platform, which this process started, has just made its certificate authority.
      const call = request(
        {
          host: "127.0.0.1",
          port,
          servername: "localhost",
          method,
          path,
          headers,
          rejectUnauthorized: false,
          agent: false,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              text: Buffer.concat(chunks).toString("utf8"),
            }),
          );
        },
      );
      call.on("error", reject);
      call.end(content);
    },
  );
  if (status >= 400) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 500)}`);
  return text === "" ? null : JSON.parse(text);
}
