import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmod, chown, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patientMs } from "../patience.ts";
import { freePort, listening } from "./way.ts";

export const hasSquid = spawnSync("squid", ["-v"]).status === 0;

export interface Squid {
  port: number;
  /** Lines of its access log. */
  log(): Promise<string[]>;
  /** Waits for a line there: a tunnel's comes when the tunnel has ended. */
  logged(line: RegExp): Promise<string>;
  close(): Promise<void>;
}

/**
 * Files of a folder that squid (which gives up root) and its helpers may read, by name; `lines` can
 * name the folder as FOLDER.
 */
export interface SquidOptions {
  lines: readonly string[];
  files?: Readonly<Record<string, string | Uint8Array>>;
  environment?: Readonly<Record<string, string>>;
  /** Written before http_port, as `cert=...` options are. */
  portOptions?: string;
  scheme?: "http" | "https";
}

// Not on the PATH of ordinary users.
const squidProgram = "/usr/sbin/squid";

/** Debian's squid on a free port of 127.0.0.1, with a configuration and folder of its own. */
export async function startSquid({
  lines,
  files = {},
  environment = {},
  portOptions = "",
  scheme = "http",
}: SquidOptions): Promise<Squid> {
  const folder = await mkdtemp("/tmp/outrider-squid-");
  const port = await freePort();
  const configuration = [
    `${scheme}_port 127.0.0.1:${port} ${portOptions}`,
    "pid_filename none",
    "cache deny all",
    `cache_log ${folder}/cache.log`,
    `access_log stdio:${folder}/access.log`,
    "logfile_rotate 0",
    `coredump_dir ${folder}`,
    "shutdown_lifetime 0 seconds",
    "visible_hostname proxy.example.org",
    "pinger_enable off",
    "dns_nameservers 127.0.0.1",
    "hosts_file FOLDER/hosts",
    "max_filedescriptors 1024",
    ...lines,
  ];
  const everything = {
    ...files,
    hosts: "127.0.0.1 platform.example.org\n",
    "squid.conf": `${configuration.join("\n")}\n`,
  };
  for (const [name, content] of Object.entries(everything))
    await writeFile(
      join(folder, name),
      typeof content === "string" ? content.replaceAll("FOLDER", folder) : content,
    );
  const owner = squidOwner();
  if (owner)
    for (const name of ["", ...Object.keys(everything)])
      await chown(join(folder, name), owner.user, owner.group);
  await chmod(folder, 0o700);
  const ownEnvironment = Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replaceAll("FOLDER", folder)]),
  );
  // Its shared memory is named after the service: with a name of its own it meets nothing that
  // another user's squid left.
  const service = `outrider${port}`;
  const child = spawn(squidProgram, ["-n", service, "-N", "-f", join(folder, "squid.conf")], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env.PATH, ...ownEnvironment },
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = endOf(child);
  const close = async () => {
    child.kill("SIGTERM");
    const impatience = setTimeout(() => child.kill("SIGKILL"), 3000);
    await ended;
    clearTimeout(impatience);
    for (const name of (await readdir("/dev/shm").catch(() => [])).filter((name) =>
      name.startsWith(`${service}-`),
    ))
      await rm(join("/dev/shm", name), { force: true });
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.race([
      listening(port),
      ended.then(() => Promise.reject(new Error(`squid ended: ${errors.slice(-1500)}`))),
    ]);
  } catch (error) {
    await close();
    throw error;
  }
  const log = async () =>
    (await readFile(join(folder, "access.log"), "utf8")).split("\n").filter((line) => line !== "");
  const logged = async (pattern: RegExp) => {
    for (const endMs = performance.now() + patientMs; performance.now() < endMs; ) {
      const found = (await log()).find((line) => pattern.test(line));
      if (found) return found;
    }
    throw new Error(`squid logged no ${pattern}, but:\n${(await log()).join("\n")}`);
  };
  return { port, log, logged, close };
}

/**
 * It refuses to run as root and takes this user instead; without root it runs as who started it.
 */
function squidOwner(): { user: number; group: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (option: string) =>
    Number(spawnSync("id", [option, "proxy"], { encoding: "utf8" }).stdout);
  return { user: id("-u"), group: id("-g") };
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => resolve());
  });
}
