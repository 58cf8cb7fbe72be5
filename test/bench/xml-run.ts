import { once } from "node:events";
import { createReadStream } from "node:fs";
import { SaxesParser } from "saxes";
import { readNmapXml } from "../../src/scan/nmap/xml.ts";
import { nmapXml } from "./xml-file.ts";

/**
 * `xml-run.ts bare|reader FILE|BYTES`: reads a file, or so many bytes that are made while they are
 * read, and prints what it took.
 */
const [way, what = ""] = process.argv.slice(2);
const chunks = /^\d+$/.test(what) ? nmapXml(Number(what)) : createReadStream(what);

let hosts = 0;
let problem: string | null = null;
if (way === "bare") {
  const parser = new SaxesParser({ xmlns: false, fragment: false });
  parser.on("opentag", ({ name }) => {
    if (name === "host") hosts++;
  });
  const decoder = new TextDecoder();
  for await (const chunk of chunks) parser.write(decoder.decode(chunk, { stream: true }));
  parser.close();
} else {
  const reading = readNmapXml(chunks);
  for (let next = await reading.next(); ; next = await reading.next()) {
    if (next.done) {
      problem = next.value.problem;
      break;
    }
    hosts++;
  }
}
const { userCPUTime, maxRSS } = process.resourceUsage();
process.stdout.write(
  JSON.stringify({ hosts, problem, seconds: userCPUTime / 1e6, megabytes: maxRSS / 1024 }),
);
if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
