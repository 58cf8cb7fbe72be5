import { softwareVersion } from "../../base/version.ts";
import { engines } from "../../scan/engines/engines.ts";
import { standInFor } from "../../scan/program.ts";
import { collectInventory } from "./collect-inventory.ts";

/** The program that prints the machine's inventory as JSON and ends; the agent starts it daily. */
const [engine] = engines;
process.stdout.write(
  JSON.stringify(
    await collectInventory(await softwareVersion(), engine, standInFor(engine, process.env)),
  ),
);
