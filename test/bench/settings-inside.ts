/**
 * Runs in the appliance, on its own Node: changes the LAN's static address again and again, by
 * netplan's own commands and by configd, and prints how long each took as one line of JSON. Nothing
 * of the project is imported: this is fed to the program on its standard input.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { networkInterfaces } from "node:os";

const rounds = Number(process.env.ROUNDS ?? "10");
const device = "eth0";
const pollMs = 2;
const limitMs = 60_000;

const addressOf = (index: number) => `192.0.2.${60 + (index % 100)}`;
const isThere = (address: string) =>
  (networkInterfaces()[device] ?? []).some((entry) => entry.address === address);

async function untilThere(address: string, fromMs: number): Promise<number> {
  while (!isThere(address)) {
    if (performance.now() - fromMs > limitMs)
      throw new Error(`${address} is not there within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return performance.now();
}

function call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        socketPath: "/run/outrider/console.sock",
        method,
        path,
        headers: { "content-type": "application/json" },
      },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on("data", (chunk: Buffer) => chunks.push(chunk));
        reply.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          if (reply.statusCode === 200) resolve(JSON.parse(text));
          else reject(new Error(`${method} ${path}: ${reply.statusCode} ${text}`));
        });
      },
    );
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** An administrator's steps with netplan: the file, `netplan generate`, `networkctl reload`. */
async function bare(index: number): Promise<number> {
  const path = "/etc/netplan/90-outrider.yaml";
  const text = readFileSync(path, "utf8").replace(/192\.0\.2\.\d+\/24/, `${addressOf(index)}/24`);
  const fromMs = performance.now();
  writeFileSync(path, text, { mode: 0o600 });
  // All that `netplan generate` does, without the start of its Python shell, which the appliance
  // does not have.
  execFileSync("/usr/libexec/netplan/generate");
  execFileSync("networkctl", ["reload"]);
  return (await untilThere(addressOf(index), fromMs)) - fromMs;
}

interface Change {
  /** From the request to the address, without the checks before it. */
  activeMs: number;
  /** From "keep" to its being kept. */
  keepMs: number;
  checksMs: number;
}

async function byConfigd(index: number): Promise<Change> {
  const { settings } = (await call("GET", "/status")) as {
    settings: { network: { lan: Record<string, unknown> } };
  };
  const ipv4 = { method: "static", address: `${addressOf(index)}/24`, gateway: "192.0.2.1" };
  const lan = { ...settings.network.lan, ipv4, dns: { servers: ["192.0.2.1"], search: [] } };
  const by = { how: "command-line", who: "benchmark", why: "" };
  const fromMs = performance.now();
  const tried = call("POST", "/trial", {
    settings: { ...settings, network: { mode: "single", lan } },
    by,
  });
  const [atMs, { id }] = await Promise.all([untilThere(addressOf(index), fromMs), tried]);
  const keepFromMs = performance.now();
  await call("POST", "/trial/keep", { id });
  const keepMs = performance.now() - keepFromMs;
  const journal = execFileSync(
    "journalctl",
    ["-u", "outrider-configd", "-o", "cat", "--no-pager", "-n", "200"],
    { encoding: "utf8" },
  );
  const said =
    journal
      .split("\n")
      .find((line) => line.includes("trial begins") && line.includes(String(id))) ?? "";
  const checksMs = Number(/checksMs=(\d+)/.exec(said)?.[1] ?? Number.NaN);
  return { activeMs: atMs - fromMs - checksMs, keepMs, checksMs };
}

const results: { bareMs: number[]; changes: Change[] } = { bareMs: [], changes: [] };
// The first one takes the card from DHCP, and everything into memory.
await byConfigd(0);
await bare(1);
for (let round = 0; round < rounds; round++) {
  results.changes.push(await byConfigd(2 + round * 2));
  results.bareMs.push(await bare(3 + round * 2));
}
process.stdout.write(`${JSON.stringify(results)}\n`);
