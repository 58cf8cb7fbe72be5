import type { CheckResult } from "../../../src/protocol/schemas/check-result.ts";
import type { PlainKey, Words } from "../../words/words.ts";

const services: Readonly<Record<string, PlainKey>> = {
  enrolment: "rung.enrolment",
  health: "rung.health",
  updates: "rung.updates",
  jobs: "rung.jobs",
  results: "rung.results",
  platform: "rung.platform",
};
const plainRungs: Readonly<Record<string, PlainKey>> = {
  "dns:none": "rung.dnsNone",
  "proxy:tls": "rung.proxyTls",
  "proxy:login": "rung.proxyLogin",
  "proxy:connect": "rung.proxyConnect",
  tls: "rung.tls",
  clock: "rung.clock",
};

/**
 * What was checked, in the catalogue's words: the doctor says the same in English, for the command
 * line and the support bundle.
 */
export function subjectText(
  { id, subject }: Pick<CheckResult, "id" | "subject">,
  words: Words,
): string {
  const plain = plainRungs[id];
  if (plain !== undefined)
    return id === "proxy:connect" && subject.startsWith("SOCKS5")
      ? words.say("rung.proxySocks")
      : words.say(plain);
  const [kind = "", ...rest] = id.split(":");
  const which = rest.join(":");
  const role = which === "wan" ? words.say("home.roleWan") : words.say("home.roleLan");
  // What a rung is about beside its kind stands behind the comma, or at the end.
  const [, detail] = /, (\S+)$/.exec(subject) ?? [];
  const [last = ""] = /\S+$/.exec(subject) ?? [];
  switch (kind) {
    case "link":
      return detail === undefined
        ? words.say("rung.link", { role })
        : words.say("rung.linkOn", { role, device: detail });
    case "address":
      return words.say("rung.address", { role });
    case "gateway":
      return /\d/.test(last)
        ? words.say("rung.gatewayAt", { address: last })
        : words.say("rung.gateway");
    case "dns":
      return words.say("rung.dns", { server: which });
    case "proxy":
      return proxyText(which, subject, last, words);
    case "service": {
      const name = services[which];
      if (name === undefined) return subject;
      return detail === undefined
        ? words.say(name)
        : words.say("rung.at", { what: words.say(name), host: detail });
    }
    default:
      return subject;
  }
}

function proxyText(which: string, subject: string, last: string, words: Words): string {
  if (which === "pac") return words.say("rung.pacFile", { url: last });
  if (which !== "") return subject;
  if (subject === "proxy") return words.say("rung.proxy");
  if (!/:\d+$/.test(last)) return words.say("rung.proxyOfPac");
  return words.say(subject.startsWith("SOCKS5") ? "rung.proxySocksAt" : "rung.proxyAt", {
    place: last,
  });
}
