import { readFileSync } from "node:fs";

/** A reader that was taken over: it says what the output holds, and never ends for "hang". */
const given = readFileSync(0);
const said = given.subarray(given.indexOf("\n") + 1);
process.stdout.write(said);
if (said.toString() === "hang") setInterval(() => undefined, 1000);
