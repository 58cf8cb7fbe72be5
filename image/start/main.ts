import { join } from "node:path";
import { cacheFolder } from "../cache/cache.ts";
import { EventLog } from "../run/event-log.ts";
import { whyNoLab } from "./capability.ts";

const [command = "start", ...args] = process.argv.slice(2);

const known = new Set(["start", "test", "lab", "ova", "test-image"]);
if (!known.has(command)) {
  process.stderr.write(`unknown command: ${command}\n`);
  process.exit(2);
}

// The processes that were started must be stopped even when the terminal is gone.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const log = await EventLog.open(join(cacheFolder(), "log"), command);
process.exitCode = await run();
await log.close();
// Open handles of stopped processes must not delay the end.
process.exit();

async function run(): Promise<number> {
  if (command === "test") {
    const { runTests } = await import("./test-run.ts");
    return await runTests(args, log);
  }
  if (command === "ova") {
    const { buildOva } = await import("../build/ova.ts");
    return await buildOva(log);
  }
  if (command === "test-image") {
    const { runImageTests } = await import("./image-test-run.ts");
    return await runImageTests(args, log);
  }
  const simulated = args.includes("--simulated");
  const obstacle = simulated ? null : await whyNoLab();
  if (simulated || obstacle !== null) {
    const { startSimulated } = await import("./simulated.ts");
    return await startSimulated(obstacle, args, log);
  }
  if (command === "lab") {
    const { openLab } = await import("./open-lab.ts");
    return await openLab(log);
  }
  if (args.includes("--vm")) {
    if (!process.stdin.isTTY || !process.stdout.isTTY) {
      process.stderr.write(
        "npm start -- --vm opens the machine's console in a terminal, and there is none here. npm run test:image runs without one.\n",
      );
      return 2;
    }
    const { startVm } = await import("./start-vm.ts");
    return await startVm(log);
  }
  if (process.stdin.isTTY && process.stdout.isTTY) {
    const { startInteractive } = await import("./interactive.ts");
    return await startInteractive(log);
  }
  const { startUnattended } = await import("./unattended.ts");
  return await startUnattended(log);
}
