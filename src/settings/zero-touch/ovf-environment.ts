import { SaxesParser, type SaxesTagNS } from "saxes";
import { type GivenValue, longestName, mostValues, type Reading, unreadable } from "./given.ts";

const deepest = 12;
const example = 'It is made by the hypervisor as <Environment> with <PropertySection> and <Property oe:key="..." oe:value="..."/>.';

class Refused extends Error {}

/**
 * The OVF environment (DSP0243, section 11): what the deployer answered, as the hypervisor hands it over. Only the properties of this
 * machine itself are read, not those of its siblings in a vApp. A document type is refused: it could define entities that unfold.
 */
export function readOvfEnvironment(text: string): Reading {
  const values: GivenValue[] = [];
  const path: string[] = [];
  const parser = new SaxesParser({ xmlns: true, position: true });
  const refuse = (message: string): never => {
    throw new Refused(message);
  };
  parser.on("error", (error) => refuse(error.message.replace(/^\d+:\d+: /, "")));
  parser.on("doctype", () => refuse("it has a document type, which an OVF environment never has"));
  parser.on("opentag", (tag: SaxesTagNS) => {
    path.push(tag.local);
    if (path.length > deepest) refuse("it is nested too deeply");
    if (path.length === 1 && tag.local !== "Environment") refuse(`it begins with <${tag.local.slice(0, 40)}>, not with <Environment>`);
    if (path.join("/") !== "Environment/PropertySection/Property") return;
    const attributes = new Map(Object.values(tag.attributes).map(({ local, value }) => [local, value]));
    const name = attributes.get("key");
    if (name === undefined || name.length > longestName) return;
    if (values.length >= mostValues) refuse(`it has more than ${mostValues} properties`);
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
    const message = error instanceof Error ? error.message : String(error);
    return unreadable(`It is no OVF environment: ${message.slice(0, 200)}.`, `line ${parser.line}, column ${parser.column}`, example);
  }
}
