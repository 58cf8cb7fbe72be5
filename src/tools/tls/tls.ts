import { systemClock } from "../../base/clock.ts";
import type { Credential } from "../../base/credential.ts";
import { asOutriderError, type OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import { systemRandom } from "../../base/random.ts";
import type { RequestOf, ToolAnswer } from "../../configd/api/tool-shapes.ts";
import type { ToolTask } from "../../configd/api/tool-task.ts";
import { type OpenRoute, openRoute } from "../../transport/open-route.ts";
import type { StageLimits } from "../../transport/stages/limits.ts";
import type { Resolve } from "../../transport/stages/resolve.ts";
import type { StageResult } from "../../transport/stages/stages.ts";
import type { Trust } from "../../transport/stages/trust.ts";
import { type KnownAuthorities, Uplink } from "../../transport/uplink.ts";
import { bad, doubtful, good } from "../program/answer.ts";
import { day, type Peek, peekAt, peekLines } from "./peek.ts";

/** What comes with the task as secrets and files of the agent. */
export interface TlsParts {
  proxyPassword: Credential;
  /** null before the enrolment, and on the scanned side. */
  platform: KnownAuthorities | null;
  resolve: Resolve;
  limits?: Partial<StageLimits>;
}

/**
 * Goes to a host as the agent goes to the platform, and shows what it met: the way with its times,
 * what was agreed on, and the certificates, also those that the agent would refuse. Nothing is sent
 * besides the handshake, and no certificate of this appliance.
 */
export async function peekTls(
  { target, port, direct }: RequestOf<"tls">,
  { callsHome, proxy, trustedCertificates }: ToolTask,
  { proxyPassword, platform, resolve, limits = {} }: TlsParts,
  stop: AbortSignal,
): Promise<ToolAnswer> {
  const way = direct || !callsHome ? ({ kind: "none" } as const) : proxy;
  const uplink = new Uplink({ proxy: way, trustedCertificates }, proxyPassword, {
    clock: systemClock,
    random: systemRandom,
    resolve,
    limits,
  });
  let peek: Peek | null = null;
  const trust: Trust = {
    ...uplink.trust(platform),
    onHandshake: (socket) => {
      peek = peekAt(socket);
    },
  };
  const stages: StageResult[] = [];
  const seen = () => ({ stages, peek, contacted: contactedIn(stages) });
  try {
    const open = await openRoute(
      { host: target, port },
      { ...uplink.path(null), trust },
      stages,
      stop,
    );
    open.socket.destroy();
    return judgeOpen(target, open, seen());
  } catch (error) {
    if (stop.aborted) return bad("tool-stopped", fact("tool-stopped-before"), detailsOf(seen()));
    return judgeFailed(asOutriderError(error), seen());
  }
}

interface Seen {
  stages: readonly StageResult[];
  peek: Peek | null;
  contacted: readonly string[];
}

function judgeOpen(host: string, { tls, route }: OpenRoute, seen: Seen): ToolAnswer {
  const details = detailsOf(seen, route.proxy === null ? null : route.name);
  const met = fact("tls-shown", {
    host,
    issuer: tls.issuer,
    until: day(tls.validToMs),
    protocol: tls.protocol,
    group: seen.peek?.group || "?",
  });
  if (tls.intercepted)
    return doubtful(
      "tls-intercepted",
      [met, fact("tls-read-along", { issuer: tls.issuer })],
      details,
    );
  if (!tls.issuerTrusted) return doubtful("tls-untrusted", met, details);
  if (tls.classicalOnly)
    return doubtful("tls-hello-large", [met, fact("tls-classical-only")], details);
  return good(met, details);
}

function judgeFailed(error: OutriderError, seen: Seen): ToolAnswer {
  const facts =
    error.facts ?? (error.detail === undefined ? [] : [fact("said", { said: error.detail })]);
  return bad(error.code, facts, detailsOf(seen));
}

function detailsOf(
  { stages, peek, contacted }: Seen,
  proxy: string | null = null,
): { lines: (Fact | Fact[])[]; contacted: readonly string[] } {
  return {
    lines: [
      ...(proxy === null ? [] : [fact("tls-through", { proxy })]),
      ...stages.flatMap(({ stage, outcome, facts, durationMs }) =>
        outcome === "ok"
          ? [[...facts, fact(`took-${stage}`, { milliseconds: Math.round(durationMs) })]]
          : [],
      ),
      ...(peek === null ? [] : peekLines(peek)),
    ],
    contacted,
  };
}

/** Where a connection was made to: the proxy's, or the host's own address. */
function contactedIn(stages: readonly StageResult[]): string[] {
  return stages.flatMap(({ stage, facts }) =>
    stage === "connect"
      ? facts.flatMap(({ values }) => (typeof values.address === "string" ? [values.address] : []))
      : [],
  );
}
