import type { CheckResult } from "../../../src/protocol/schemas/check-result.ts";
import type { ServiceName } from "../../../src/protocol/schemas/common.ts";
import type { PlainKey, Words } from "../../words/words.ts";

const services: Readonly<Record<ServiceName | "platform", PlainKey>> = {
  enrolment: "check.enrolment",
  health: "check.health",
  updates: "check.updates",
  jobs: "check.jobs",
  results: "check.results",
  platform: "check.platform",
};
const plainChecks: Readonly<Record<string, PlainKey>> = {
  "dns:none": "check.dnsNone",
  "proxy:tls": "check.proxyTls",
  "proxy:login": "check.proxyLogin",
  "proxy:connect": "check.proxyConnect",
  tls: "check.tls",
  clock: "check.clock",
  resolver: "check.resolver",
  "scan-side": "check.scanSide",
  "neighbour:lan": "check.neighbours",
  certificate: "check.certificates",
  "certificate:own": "check.certificateOwn",
  "certificate:trusted": "check.certificatesTrusted",
  "certificate:platform": "check.certificatePlatform",
  "resources:disk": "check.disk",
  "resources:memory": "check.memory",
};

/**
 * The subject of a check in the catalogue's words. The doctor's own `subject` is the same in English, for
 * the command line and the support bundle; it is shown as it is for a check without words here.
 */
export function subjectText(
  { id, subject }: Pick<CheckResult, "id" | "subject">,
  words: Words,
): string {
  const plain = plainChecks[id];
  if (plain !== undefined)
    return id === "proxy:connect" && subject.startsWith("SOCKS5")
      ? words.say("check.proxySocks")
      : words.say(plain);
  const [kind = "", ...rest] = id.split(":");
  const which = rest.join(":");
  const role = which === "wan" ? words.say("home.roleWan") : words.say("home.roleLan");
  // The doctor puts the device, address or host after a comma, or at the end.
  const [, detail] = /, (\S+)$/.exec(subject) ?? [];
  const [last = ""] = /\S+$/.exec(subject) ?? [];
  switch (kind) {
    case "link":
      return detail === undefined
        ? words.say("check.link", { role })
        : words.say("check.linkOn", { role, device: detail });
    case "address":
      return words.say("check.address", { role });
    case "duplicate":
      return words.say("check.duplicate", { role });
    case "source":
      return subject === "way out"
        ? words.say("check.wayOut")
        : words.say("check.wayOutTo", { host: last });
    case "idle":
      return detail === "direct"
        ? words.say("check.idleDirect")
        : words.say("check.idle", { route: detail ?? "" });
    case "gateway":
      return /\d/.test(last)
        ? words.say("check.gatewayAt", { address: last })
        : words.say("check.gateway");
    case "dns":
      return words.say("check.dns", { server: which });
    case "proxy":
      return proxyText(which, subject, last, words);
    case "service": {
      if (!isService(which)) return subject;
      const name = services[which];
      return detail === undefined
        ? words.say(name)
        : words.say("check.at", { what: words.say(name), host: detail });
    }
    default:
      return subject;
  }
}

function isService(name: string): name is keyof typeof services {
  return Object.hasOwn(services, name);
}

function proxyText(which: string, subject: string, last: string, words: Words): string {
  if (which === "pac") return words.say("check.pacFile", { url: last });
  if (which !== "") return subject;
  if (subject === "proxy") return words.say("check.proxy");
  if (!/:\d+$/.test(last)) return words.say("check.proxyOfPac");
  return words.say(subject.startsWith("SOCKS5") ? "check.proxySocksAt" : "check.proxyAt", {
    place: last,
  });
}
