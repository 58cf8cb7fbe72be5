import { SaxesParser } from "saxes";
import type { HostObservation } from "../../protocol/schemas/results.ts";
import { RunBuilder } from "./run-builder.ts";
import type { NmapRun } from "./run-schema.ts";
import { LimitReached, type NmapXmlLimits, nmapXmlLimits } from "./xml-limits.ts";
import { xmlText } from "./xml-text.ts";

/**
 * Reads nmap's XML as it comes: yields each host that is up when its element ends, and returns the
 * run. Content never makes it throw: a truncated or wrong file yields the hosts before the fault,
 * and the run's `problem` has the reason.
 */
export async function* readNmapXml(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits: NmapXmlLimits = nmapXmlLimits,
): AsyncGenerator<HostObservation, NmapRun, undefined> {
  const run: NmapRun = {
    version: "",
    skippedTargets: [],
    finished: null,
    complete: false,
    problem: null,
  };
  const parser = new SaxesParser({ xmlns: false, fragment: false });
  const builder = new RunBuilder(run, limits);
  parser.on("opentag", (tag) => builder.open(tag.name, tag.attributes));
  parser.on("closetag", () => builder.close());
  parser.on("text", (text) => builder.text(text));
  parser.on("attribute", ({ value }) => builder.attribute(value));
  parser.on("error", (error) => {
    // Of two attributes with one name the parser keeps the last, and can read on.
    if (!error.message.includes("duplicate attribute")) throw error;
  });
  try {
    let unfinished = 0;
    for await (const text of xmlText(chunks, limits)) {
      const before = builder.events;
      parser.write(text);
      // The parser keeps a tag, a comment or a text until its end.
      unfinished = builder.events === before ? unfinished + text.length : 0;
      if (unfinished > limits.tagLength) throw new LimitReached("a tag or text that is too long");
      yield* builder.takeHosts();
    }
    parser.close();
  } catch (error) {
    run.problem = (error instanceof Error ? error.message : String(error)).slice(0, 300);
  }
  yield* builder.takeHosts();
  return run;
}
