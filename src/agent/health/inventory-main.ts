import { softwareVersion } from "../../base/version.ts";
import { collectInventory } from "./collect-inventory.ts";

/** The program that prints what the machine is, and ends; the agent starts it daily. */
process.stdout.write(
  JSON.stringify(
    await collectInventory(await softwareVersion(), process.env.OUTRIDER_NMAP || "nmap"),
  ),
);
