import { familyOf } from "../base/addresses/neighbours.ts";
import { systemClock } from "../base/clock.ts";
import { OutriderError } from "../base/messages/error.ts";
import { isErrorCode } from "../base/messages/error-codes.ts";
import { type Fact, fact, quoted } from "../base/messages/facts.ts";
import { namedProxy } from "../settings/values/proxy-address.ts";
import type { PathObserver, Transport, TransportReply } from "../transport/http-transport.ts";
import { noAuthentication } from "../transport/proxy/none.ts";
import { directRoute, nameOf, type Route } from "../transport/routes/routes.ts";
import type { TlsFacts } from "../transport/stages/certificate.ts";
import {
  type PathStage,
  type RunStage,
  type StageResult,
  stageRunner,
} from "../transport/stages/stages.ts";
import type { DescribedNow } from "./described-now.ts";

/** Every name on a described network has this address. */
export const addressOfAll = "198.51.100.10";

const stageLimitMs = 1000;
const dayMs = 86_400_000;

interface Place {
  host: string;
  port: number;
}

/**
 * Goes to a URL as the description says, stage by stage as the real transport does. Bypass lists and
 * the fallback are left out: a described network has one proxy and one way without it.
 */
export function describedTransport(now: DescribedNow, observe: PathObserver): Transport {
  return {
    async request({ url }) {
      const stages: StageResult[] = [];
      const run = stageRunner(stages, systemClock, undefined);
      const target = { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || 443) };
      try {
        const route = await goTo(target, now, run);
        observe(nameOf(target), stages, tlsFacts(target), route);
      } catch (error) {
        observe(nameOf(target), stages, null, null);
        throw error;
      }
      const { fault } = now.machine.surroundings;
      if (fault !== null) throw errorOf(fault);
      return refusal();
    },
    close: async () => undefined,
  };
}

async function goTo(target: Place, now: DescribedNow, run: RunStage): Promise<Route> {
  const { proxy } = now.configuration;
  const { direct, fault } = now.machine.surroundings;
  const pass = (stage: PathStage, work: () => Fact) => passStage(run, stage, work);
  if (proxy.kind === "pac")
    await pass("pac", () => {
      const said = fact("pac-said", { url: proxy.url, said: "no answer" });
      throw new OutriderError("proxy-pac-unreachable", { detail: said });
    });
  const passed = namedProxy(proxy);
  const next = passed ?? target;
  const isName = familyOf(next.host) === null;
  if (isName)
    await pass("resolve", () => fact("name-found", { host: next.host, addresses: addressOfAll }));
  const address = isName ? addressOfAll : next.host;
  await pass("connect", () => {
    if (passed === null ? direct : isThere(passed, now))
      return fact("connected", { address, port: next.port });
    throw new OutriderError(passed === null ? "connect-silent" : "proxy-unreachable", {
      detail: fact("connect-no-answer", { addresses: address, port: next.port }),
    });
  });
  if (passed !== null) await pass("proxy", () => logIn(passed, target, now));
  await pass("tls", () => {
    if (fault?.code.startsWith("tls-")) throw errorOf(fault);
    return fact("tls-met", { protocol: tlsProtocol, issuer });
  });
  return passed === null ? directRoute : routeThrough(passed);
}

async function passStage(run: RunStage, stage: PathStage, work: () => Fact): Promise<void> {
  const whenOver = () => new OutriderError("internal-error");
  await run(stage, stageLimitMs, whenOver, async () => ({ value: undefined, facts: work() }));
}

/** The described proxy is one of HTTP. */
function isThere({ host, port }: Place, { machine, configuration }: DescribedNow): boolean {
  const there = machine.surroundings.proxy;
  return configuration.proxy.kind === "http" && there?.host === host && there.port === port;
}

/** Throws the error of a proxy that does not take the log-in. */
function logIn(passed: Place, target: Place, now: DescribedNow): Fact {
  const { proxy } = now.configuration;
  const opened = { proxy: nameOf(passed), host: nameOf(target) };
  const wanted = now.machine.surroundings.proxy?.user ?? null;
  if (wanted === null || proxy.kind !== "http") return fact("tunnel-open", opened);
  const detail = fact("proxy-offers", { schemes: "basic" });
  if (proxy.authentication === "none")
    throw new OutriderError("proxy-authentication-required", { detail });
  if (proxy.user !== wanted || now.proxyPassword === "")
    throw new OutriderError("proxy-authentication-failed", { detail });
  return fact("tunnel-open-login", { ...opened, login: proxy.authentication });
}

function routeThrough({ host, port }: Place): Route {
  return {
    name: nameOf({ host, port }),
    proxy: { kind: "http", host, port, authentication: noAuthentication },
    fallback: false,
  };
}

function errorOf({ code, detail }: { code: string; detail: string }): OutriderError {
  return new OutriderError(isErrorCode(code) ? code : "internal-error", { detail: quoted(detail) });
}

const tlsProtocol = "TLSv1.3";
const issuer = "Example CA";

function tlsFacts({ host }: Place): TlsFacts {
  const nowMs = systemClock.nowMs();
  return {
    protocol: tlsProtocol,
    issuer,
    subject: host,
    fingerprint256: "",
    validFromMs: nowMs - 30 * dayMs,
    validToMs: nowMs + 335 * dayMs,
    issuerTrusted: true,
    intercepted: false,
    classicalOnly: false,
  };
}

/** As the platform answers what is not signed. */
function refusal(): TransportReply {
  return {
    status: 401,
    headers: {
      "content-type": "application/json",
      date: new Date(systemClock.nowMs()).toUTCString(),
    },
    content: Buffer.from('{"error":{"code":"signature-invalid"}}'),
  };
}
