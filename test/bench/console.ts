import { mkdir, rm, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { updateApp } from "../../console/app/model.ts";
import { startApp } from "../../console/app/state.ts";
import { viewApp } from "../../console/app/view.ts";
import { character, namedKeys } from "../../console/page/key.ts";
import { english } from "../../console/words/words.ts";
import { bundleAll } from "../../image/bundle/bundle.ts";
import { openTerminal, type TerminalKey } from "../../image/terminal/terminal.ts";
import { ScriptedConfigd } from "../console/client-fake.ts";
import { openPainted } from "../console/painted.ts";

/**
 * `npm run bench:console [-- --write]`: from a key to its painted frame, the first paint against a
 * bare blessed screen with one box, memory after many changes of the screen, and the bytes of one
 * second on Home.
 */
const { values } = parseArgs({
  options: {
    write: { type: "boolean" },
    keys: { type: "string", default: "1500" },
    starts: { type: "string", default: "12" },
    changes: { type: "string", default: "3000" },
  },
});
const root = fileURLToPath(new URL("../..", import.meta.url));
const quietMs = 12;
const rows: [what: string, measured: string, limit: string, within: boolean][] = [];

const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
const median = (numbers: readonly number[]) =>
  percentile(
    [...numbers].sort((a, b) => a - b),
    0.5,
  );

/**
 * The keys of some minutes of use: opens screens, walks through forms, types, asks for help, goes
 * home.
 */
function* presses(): Generator<TerminalKey | string> {
  for (;;) {
    yield* [
      "1",
      "right",
      "tab",
      ..."192.0.2.60/24",
      "tab",
      ..."192.0.2.1",
      "tab",
      "f1",
      "escape",
      "shift-tab",
      "left",
      "backspace",
      "1",
      "escape",
      "right",
      "enter",
    ];
    yield* [
      "2",
      "right",
      "tab",
      ..."proxy.example.org",
      "tab",
      "tab",
      "tab",
      "f10",
      "right",
      "enter",
    ];
    yield* [
      "7",
      "right",
      "right",
      "f10",
      "6",
      "down",
      "up",
      "f10",
      "9",
      "down",
      "down",
      "enter",
      "tab",
      "escape",
      "escape",
    ];
  }
}

/** The time from writing a key to the last byte of its output, measured outside the pty. */
async function keyLatencies(term: string, count: number): Promise<number[]> {
  const { default: pty } = await import("@lydell/node-pty");
  const child = pty.spawn(process.execPath, [join(root, "test/bench/console-app.ts")], {
    name: term,
    cols: 80,
    rows: 24,
    cwd: root,
    env: { ...process.env, TERM: term },
  });
  let lastAt = performance.now();
  let seen = "";
  child.onData((data) => {
    lastAt = performance.now();
    if (seen.length < 20_000) seen += data;
  });
  for (let waited = 0; !seen.includes("Office"); waited += 20) {
    if (waited > 60_000) throw new Error("the console did not paint");
    await delay(20);
  }
  const bytes: Readonly<Record<string, string>> = {
    right: "\x1b[C",
    left: "\x1b[D",
    up: "\x1b[A",
    down: "\x1b[B",
    tab: "\t",
    enter: "\r",
    backspace: "\x7f",
    f1: "\x1b[[A",
    f10: "\x1b[21~",
    escape: "\x1b",
    "shift-tab": "\x1b[Z",
  };
  const latencies: number[] = [];
  const quiet = async () => {
    while (performance.now() - lastAt < quietMs) await delay(quietMs);
  };
  for (const key of presses()) {
    if (latencies.length >= count) break;
    await quiet();
    const at = performance.now();
    child.write(bytes[key] ?? key);
    // Escape waits by itself for what could follow it.
    const patienceMs = key === "escape" ? 60 : 0;
    await delay(patienceMs + quietMs);
    const waitedUntil = at + 400;
    while (lastAt < at && performance.now() < waitedUntil) await delay(1);
    await quiet();
    // A key that changed nothing painted nothing.
    if (lastAt >= at) latencies.push(lastAt - at - (key === "escape" ? 50 : 0));
  }
  child.kill("SIGTERM");
  return latencies.sort((a, b) => a - b);
}

const bare = `
import blessed from "blessed";
const screen = blessed.screen({ smartCSR: false, term: process.env.TERM });
blessed.box({ parent: screen, top: 0, left: 0, width: "100%", height: "100%", content: "first paint" });
screen.render();
setTimeout(() => process.exit(0), 5000);
`;

async function firstPaint(command: string, shown: string): Promise<number> {
  const at = performance.now();
  const terminal = openTerminal({
    command: process.execPath,
    args: [command],
    cwd: root,
    term: "linux",
    env: { ...process.env, OUTRIDER_ROOT: "/nonexistent" },
  });
  await terminal.waitFor(shown, { timeoutMs: 60_000 });
  const tookMs = performance.now() - at;
  await terminal.close();
  return tookMs;
}

async function measureKeys(): Promise<void> {
  for (const term of ["linux", "vt220"]) {
    const latencies = await keyLatencies(term, Number(values.keys));
    const [p50, p99, most] = [
      percentile(latencies, 0.5),
      percentile(latencies, 0.99),
      latencies.at(-1) ?? 0,
    ];
    rows.push([
      `key to painted frame, 80x24 ${term}, p99 of ${latencies.length}`,
      `${p99.toFixed(1)} ms (median ${p50.toFixed(1)}, most ${most.toFixed(1)})`,
      "< 16 ms",
      p99 < 16,
    ]);
  }
}

/**
 * Processor time from a key to its frame in blessed's output, in this process; it does not depend
 * on the machine's other load.
 */
async function measureProcessorTime(): Promise<void> {
  const { status } = await ScriptedConfigd.of("scanning");
  const painted = openPainted({ term: "linux", columns: 80, rows: 24 });
  let state = startApp({ words: english, canLeave: false, columns: 80, rows: 24, monotonicMs: 0 });
  state = updateApp(state, { type: "status", status, monotonicMs: 0 }).state;
  const costs: number[] = [];
  for (const stroke of presses()) {
    if (costs.length >= 2000) break;
    const name = namedKeys.find((each) => each === stroke);
    const key = name === undefined ? character(stroke) : { name };
    const before = process.cpuUsage();
    state = updateApp(state, { type: "key", key }).state;
    const seen = viewApp(state);
    state = seen.state;
    painted.terminal.paint(seen.frame);
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / 1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  painted.close();
  const sorted = costs.slice(200).sort((a, b) => a - b);
  const p99 = percentile(sorted, 0.99);
  rows.push([
    `processor time of one key, in-process, p99 of ${sorted.length}`,
    `${p99.toFixed(1)} ms (median ${percentile(sorted, 0.5).toFixed(1)})`,
    "< 16 ms",
    p99 < 16,
  ]);
}

async function measureFirstPaint(): Promise<void> {
  const folder = join(root, "dist/bench-console");
  await mkdir(folder, { recursive: true });
  try {
    const [bundle] = await bundleAll(root, ["console"]);
    await writeFile(join(folder, "console.mjs"), bundle?.contents ?? "");
    await writeFile(join(folder, "bare.mjs"), bare);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let run = 0; run < Number(values.starts); run++) {
      theirs.push(await firstPaint(join(folder, "bare.mjs"), "first paint"));
      ours.push(await firstPaint(join(folder, "console.mjs"), "Waiting for"));
    }
    const ratio = median(ours) / median(theirs);
    rows.push([
      `first paint, median of ${ours.length} starts, bundled`,
      `${median(ours).toFixed(0)} ms, bare blessed with one box ${median(theirs).toFixed(0)} ms: ${ratio.toFixed(2)} times`,
      "< 1.5 times",
      ratio < 1.5,
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureMemory(): Promise<void> {
  const { stdout } = await execa(
    process.execPath,
    ["--expose-gc", join(root, "test/bench/console-memory.ts"), values.changes],
    { cwd: root },
  );
  const {
    heapBefore,
    heapAfter,
    rssAfter,
  }: { heapBefore: number; heapAfter: number; rssAfter: number } = JSON.parse(stdout);
  const grown = (heapAfter - heapBefore) / 2 ** 20;
  rows.push([
    `heap after ${values.changes} screen changes`,
    `${grown >= 0 ? "+" : ""}${grown.toFixed(2)} MB (from ${(heapBefore / 2 ** 20).toFixed(1)}; resident ${(rssAfter / 2 ** 20).toFixed(0)})`,
    "< 5 MB",
    grown < 5,
  ]);
}

async function measureTick(): Promise<void> {
  const { status } = await ScriptedConfigd.of("scanning");
  for (const term of ["linux", "vt220"]) {
    const painted = openPainted({ term, columns: 80, rows: 24 });
    let state = startApp({
      words: english,
      canLeave: false,
      columns: 80,
      rows: 24,
      monotonicMs: 0,
    });
    state = updateApp(state, { type: "status", status, monotonicMs: 0 }).state;
    await painted.show(viewApp(state).frame);
    painted.takeBytes();
    let most = 0;
    for (let second = 1; second <= 70; second++) {
      state = updateApp(state, { type: "tick", monotonicMs: second * 1000 }).state;
      await painted.show(viewApp(state).frame);
      most = Math.max(most, painted.takeBytes());
    }
    painted.close();
    rows.push([`bytes of one second on Home, ${term}, most of 70`, `${most}`, "< 200", most < 200]);
  }
}

await measureTick();
await measureMemory();
await measureProcessorTime();
await measureFirstPaint();
await measureKeys();
const machine = `${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, load ${(loadavg()[0] ?? 0).toFixed(1)}, Node ${process.version}`;
const table = [
  "| what | measured | aim | |",
  "|---|---|---|---|",
  ...rows.map(
    ([what, measured, limit, within]) =>
      `| ${what} | ${measured} | ${limit} | ${within ? "yes" : "NO"} |`,
  ),
].join("\n");
process.stdout.write(`${machine}\n\n${table}\n`);
if (values.write)
  await writeFile(
    join(root, "docs/measured/bench-console.md"),
    `# The console, measured\n\nWritten by \`npm run bench:console -- --write\` on: ${machine}.\n\n${table}\n\nThe key's time is that from writing it into a pseudo-terminal until its last byte came back out of it, through the kernel both ways; configd is in the console's own process.\n`,
  );
process.exit(rows.every(([, , , within]) => within) ? 0 : 1);
