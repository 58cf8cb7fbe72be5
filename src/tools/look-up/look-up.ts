import { isIP } from "node:net";
import { withoutZone } from "../../base/addresses/neighbours.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import type { RecordType } from "../../configd/api/tool-names.ts";
import type { RequestOf, ToolAnswer } from "../../configd/api/tool-shapes.ts";
import type { ToolTask } from "../../configd/api/tool-task.ts";
import { isUnusable } from "../../transport/stages/unusable-addresses.ts";
import { bad, doubtful, good } from "../program/answer.ts";
import { askServer, type ServerAnswer } from "./ask-server.ts";

const mostServers = 6;

/** Asks each DNS server of the side, or the one that is named, and compares what they say. */
export async function lookUp(
  request: RequestOf<"look-up">,
  { servers, device }: ToolTask,
  stop: AbortSignal,
): Promise<ToolAnswer> {
  const asked = (request.server === undefined ? servers : [zoned(request.server, device)]).slice(
    0,
    mostServers,
  );
  if (asked.length === 0) return bad("dns-no-server", fact("tool-no-server", { device }));
  const type = typeFor(request);
  const answers = await Promise.all(
    asked.map((server) => askServer(server, { name: request.target, type }, stop)),
  );
  return judgeLookUp(request.target, type, answers);
}

/** A link-local address is one of this device's network. */
export function zoned(address: string, device: string): string {
  return /^fe[89ab]/i.test(address) && !address.includes("%") ? `${address}%${device}` : address;
}

/** An address has no addresses: what is wanted is its name. */
function typeFor({ target, type }: RequestOf<"look-up">): RecordType {
  return isIP(target) !== 0 && type === "address" ? "PTR" : type;
}

export function judgeLookUp(
  name: string,
  type: RecordType,
  answers: readonly ServerAnswer[],
): ToolAnswer {
  const found = {
    lines: answers.flatMap(linesOf),
    contacted: answers.map(({ server }) => withoutZone(server)),
  };
  const knowing = answers.filter(({ outcome }) => outcome === "found");
  const [first] = knowing;
  const failing = answers.filter(({ outcome }) => outcome !== "found");
  const [failure] = [...failing].sort((a, b) => rank(a) - rank(b));
  if (!first)
    return bad(
      codeOf(failure),
      failing.map((each) => failureFact(name, type, each)),
      found,
    );
  const records = shown(first);
  const verdict = fact("look-up-found", { name, records, server: first.server });
  if (isBlocked(first)) return bad("dns-blocked", verdict, found);
  if (failure) return doubtful(codeOf(failure), [verdict, failureFact(name, type, failure)], found);
  const other = knowing.find((each) => textOf(each) !== textOf(first));
  if (other)
    return doubtful(
      "look-up-differs",
      [verdict, fact("look-up-found", { name, records: shown(other), server: other.server })],
      found,
    );
  return good(
    knowing.length === 1
      ? fact("look-up-one", {
          name,
          records,
          server: first.server,
          milliseconds: first.milliseconds,
        })
      : fact("look-up-all", { name, records, count: knowing.length }),
    found,
  );
}

/** What hinders most comes first: silence, then a refusal, then no such name or record. */
const order: readonly ServerAnswer["outcome"][] = ["silent", "refused", "no-name", "no-record"];
const rank = ({ outcome }: ServerAnswer) => order.indexOf(outcome);

function codeOf(answer: ServerAnswer | undefined): ErrorCode {
  switch (answer?.outcome) {
    case "no-name":
      return "dns-not-found";
    case "no-record":
      return "look-up-no-record";
    case "refused":
      return "dns-refused";
    default:
      return "dns-silent";
  }
}

function failureFact(
  name: string,
  type: RecordType,
  { server, outcome, said }: ServerAnswer,
): Fact {
  switch (outcome) {
    case "no-name":
      return fact("look-up-no-name", { server, name });
    case "no-record":
      return type === "address"
        ? fact("look-up-no-address", { server, name })
        : fact("look-up-no-type", { server, name, type });
    case "refused":
      return fact("dns-asked-for", { server, host: name, said });
    default:
      return fact("look-up-silent", { server });
  }
}

function linesOf({ server, records, milliseconds, outcome, said }: ServerAnswer): Fact[] {
  if (outcome !== "found")
    return [fact("look-up-failed", { server, said: said || "-", milliseconds })];
  return [
    fact("look-up-server", { server, milliseconds }),
    ...records.map(({ type, text, ttl }) =>
      ttl === null
        ? fact("dns-record", { type, text })
        : fact("dns-record-ttl", { type, text, ttl }),
    ),
  ];
}

const mostShown = 4;

function shown({ records }: ServerAnswer): string {
  const texts = records.slice(0, mostShown).map(({ text }) => text);
  return records.length > mostShown ? `${texts.join(", ")}, ...` : texts.join(", ");
}

/** The time to live counts down, and is different at each asking. */
const textOf = ({ records }: ServerAnswer) =>
  records.map(({ type, text }) => `${type} ${text}`).join("\n");

function isBlocked({ records }: ServerAnswer): boolean {
  const addresses = records.filter(({ type }) => type === "A" || type === "AAAA");
  return addresses.length > 0 && addresses.every(({ text }) => isUnusable(text, []));
}
