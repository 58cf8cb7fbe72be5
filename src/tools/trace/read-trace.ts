import { isIP } from "node:net";

/** A hop of traceroute(8)'s output. */
export interface Hop {
  number: number;
  /** null for a hop that did not answer. */
  address: string | null;
  /** In ms, of the first answer. */
  milliseconds: number | null;
  /** The TCP flags of the destination's own answer, as "syn,ack"; "" for an answer of a router. */
  flags: string;
  /** The mark of an ICMP error, as "!X"; "" for none. */
  mark: string;
}

const mostHops = 64;
const mostAnswers = 20;

/**
 * Reads the hops in the output of `traceroute -n`. What is no line of a hop is passed over. Of
 * several answers of a hop, one that ends the way counts: the destination's own, or an error.
 */
export function readTrace(output: string): Hop[] {
  const hops: Hop[] = [];
  for (const line of output
    .slice(0, 100_000)
    .split("\n")
    .slice(0, 2 * mostHops)) {
    const [, number, rest = ""] = /^ ?(\d{1,2}) {2}(.{1,2000})$/.exec(line) ?? [];
    if (number === undefined || hops.length >= mostHops) continue;
    const answers = readAnswers(rest);
    const chosen =
      answers.find(({ flags, mark }) => flags !== "" || mark !== "") ??
      answers[0] ??
      ({ address: null, milliseconds: null, flags: "", mark: "" } as const);
    hops.push({ number: Number(number), ...chosen });
  }
  return hops;
}

/** `192.0.2.1  0.035 ms  0.030 ms` or `198.51.100.2  0.009 ms !X` or `203.0.113.2 <syn,ack>  1.2 ms`. */
function readAnswers(text: string): Omit<Hop, "number">[] {
  const answers: Omit<Hop, "number">[] = [];
  let address: string | null = null;
  let flags = "";
  for (const word of text.split(/\s+/)) {
    const last = answers.at(-1);
    if (isIP(word.split("%", 1)[0] ?? "") !== 0) {
      address = word.slice(0, 60);
      flags = "";
    } else if (/^<[\x21-\x7e]{1,100}>$/.test(word)) flags = flagsOf(word.slice(1, -1));
    else if (/^\d{1,9}(?:\.\d{1,6})?$/.test(word) && address !== null) {
      if (answers.length < mostAnswers)
        answers.push({ address, milliseconds: Number(word), flags, mark: "" });
    } else if (/^![A-Za-z0-9-]{1,8}$/.test(word) && last) last.mark ||= word;
  }
  return answers;
}

/** Of `syn,ack,mss=1460,sack`, which also has the options of TCP, the flags. */
function flagsOf(text: string): string {
  const flags = text.split(",").filter((word) => /^(?:syn|ack|rst|fin|psh|urg)$/.test(word));
  return flags.join() || "?";
}
