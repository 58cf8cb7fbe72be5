import { SaxesParser, type SaxesTagNS } from "saxes";
import { type Fact, fact } from "../../base/messages/facts.ts";
import {
  type GivenValue,
  longestName,
  mostValues,
  type Reading,
  unreadable,
} from "./named-values.ts";

const deepest = 12;

class Refused extends Error {
  readonly wrong: Fact;

  constructor(wrong: Fact) {
    super(wrong.code);
    this.wrong = wrong;
  }
}

/**
 * Reads the OVF environment (DSP0243, section 11): the deployer's answers, as the hypervisor hands
 * them over. Only the properties of this machine are read, not those of its siblings in a vApp. A
 * document type is refused: it could define entities that unfold.
 */
export function readOvfEnvironment(text: string): Reading {
  const values: GivenValue[] = [];
  const path: string[] = [];
  const parser = new SaxesParser({ xmlns: true, position: true });
  const refuse = (wrong: Fact): never => {
    throw new Refused(wrong);
  };
  parser.on("error", (error) => refuse(malformed(error.message)));
  parser.on("doctype", () => refuse(fact("ovf-document-type")));
  parser.on("opentag", (tag: SaxesTagNS) => {
    path.push(tag.local);
    if (path.length > deepest) refuse(fact("ovf-deep"));
    if (path.length === 1 && tag.local !== "Environment")
      refuse(fact("ovf-root", { tag: tag.local.slice(0, 40) }));
    if (path.join("/") !== "Environment/PropertySection/Property") return;
    const attributes = new Map(
      Object.values(tag.attributes).map(({ local, value }) => [local, value]),
    );
    const name = attributes.get("key");
    if (name === undefined || name.length > longestName) return;
    if (values.length >= mostValues) refuse(fact("ovf-properties", { most: mostValues }));
    values.push({ name, value: attributes.get("value") ?? "", at: `line ${parser.line}` });
  });
  parser.on("closetag", () => {
    path.pop();
  });
  try {
    // A text that was cut out of a buffer can end in zero bytes.
    parser.write(text.replace(/\u0000+$/, "")).close();
    return { values, problems: [] };
  } catch (error) {
    const wrong =
      error instanceof Refused
        ? error.wrong
        : malformed(error instanceof Error ? error.message : String(error));
    return unreadable(wrong, `line ${parser.line}, column ${parser.column}`, fact("ovf-form"));
  }
}

/** The parser quotes the text after a colon, which may hold a secret. */
const malformed = (message: string) =>
  fact("ovf-malformed", {
    said: message
      .replace(/^\d+:\d+: /, "")
      .replace(/:[\s\S]*$/, "")
      .slice(0, 200),
  });
