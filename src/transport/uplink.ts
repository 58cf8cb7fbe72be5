import { X509Certificate } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import { type Credential, damaged } from "../base/credential.ts";
import { OutriderError } from "../base/messages/error.ts";
import { fact } from "../base/messages/facts.ts";
import type { Random } from "../base/random.ts";
import { type ProxyScheme, proxySchemes } from "../settings/model/proxy-schemes.ts";
import type { ProxySettings } from "../settings/model/schema.ts";
import { HttpTransport, type PathObserver } from "./http-transport.ts";
import { fetchPacScript, type PacContact } from "./pac/fetch-script.ts";
import { defaultPacLimits, type PacLimits } from "./pac/limits.ts";
import { PacEngine } from "./pac/pac-process.ts";
import { PacRoutes } from "./pac/pac-routes.ts";
import type { PathOptions } from "./path.ts";
import type { Credentials, ProxyAuthentication } from "./proxy/authentication.ts";
import { automaticAuthentication } from "./proxy/automatic.ts";
import { type BypassRule, readBypassList } from "./proxy/bypass.ts";
import { damagedLogin } from "./proxy/damaged-login.ts";
import { kerberosLogin, passwordToken } from "./proxy/kerberos-ticket.ts";
import { type NegotiateToken, negotiateAuthentication } from "./proxy/negotiate.ts";
import { noAuthentication } from "./proxy/none.ts";
import type { ProxyOptions, SocksCredentials } from "./proxy/options.ts";
import { schemes } from "./proxy/schemes.ts";
import { FixedRoutes, RouteMemory, type RouteMemoryTimes, type Routes } from "./routes/routes.ts";
import type { Hello } from "./stages/hello.ts";
import { HelloMemory } from "./stages/hello-memory.ts";
import type { StageLimits } from "./stages/limits.ts";
import { type Resolve, systemResolve } from "./stages/resolve.ts";
import type { Trust } from "./stages/trust.ts";

/** The settings that decide how the appliance gets out, part of AgentConfiguration. */
export interface UplinkSettings {
  proxy: ProxySettings;
  /** Added by the operator, in PEM. */
  trustedCertificates: readonly string[];
}

export interface UplinkParts {
  clock: Clock;
  random: Random;
  resolve?: Resolve;
  /** Used instead of kinit and gss-client. */
  negotiateToken?: NegotiateToken;
  memoryTimes?: RouteMemoryTimes;
  limits?: Partial<StageLimits>;
  pacLimits?: PacLimits;
  /** How TLS with a proxy, and with the PAC file's server, begins; unset, `usual`. */
  hellos?: { proxy?: Hello | undefined; pac?: Hello | undefined };
  /** Called for each server that was contacted for the PAC file, also when it did not answer. */
  pacContacted?: (contact: PacContact) => void;
}

/** The authorities of the platform; null before the enrolment. */
export interface KnownAuthorities {
  /** In PEM. */
  certificateAuthorities: string;
  clientCertificate?: { certificate: string; privateKey: string };
}

/**
 * The appliance's way out according to its settings, the same for agent and doctor. There is one
 * for the life of the process: logins, PAC answers and recent failures belong to the proxies and
 * not to single connections.
 *
 * TLS trusts: for the platform, Node's roots, the platform's own authorities and the certificates
 * that the operator added; for a proxy that speaks TLS and for a PAC file's server, Node's roots
 * and the added certificates, never the platform's.
 */
export class Uplink {
  readonly routes: Routes;
  readonly #settings: UplinkSettings;
  readonly #parts: UplinkParts;
  readonly #resolve: Resolve;
  readonly #hellos: HelloMemory;

  constructor(settings: UplinkSettings, proxyPassword: Credential, parts: UplinkParts) {
    this.#settings = {
      ...settings,
      trustedCertificates: settings.trustedCertificates.filter(isCertificate),
    };
    this.#parts = parts;
    this.#resolve = parts.resolve ?? systemResolve();
    this.#hellos = new HelloMemory(() => parts.clock.monotonicMs());
    this.routes = this.#routesFor(settings.proxy, proxyPassword ?? "");
  }

  path(platform: KnownAuthorities | null): PathOptions {
    return {
      proxy: null,
      routes: this.routes,
      trust: this.trust(platform),
      hellos: this.#hellos,
      resolve: this.#resolve,
      clock: this.#parts.clock,
      limits: this.#parts.limits ?? {},
    };
  }

  transport(platform: KnownAuthorities | null, observe?: PathObserver): HttpTransport {
    return new HttpTransport(this.path(platform), observe);
  }

  trust(platform: KnownAuthorities | null): Trust {
    const certificateAuthorities = this.#settings.trustedCertificates;
    if (platform === null) return { certificateAuthorities, allowUnknownIssuer: true };
    const { clientCertificate } = platform;
    return {
      certificateAuthorities,
      platformAuthorities: [platform.certificateAuthorities],
      allowUnknownIssuer: false,
      ...(clientCertificate ? { clientCertificate } : {}),
    };
  }

  /** For a proxy that speaks TLS and for the PAC file's server. */
  #otherTrust(hello: Hello | undefined): Trust {
    return {
      certificateAuthorities: this.#settings.trustedCertificates,
      allowUnknownIssuer: false,
      hello,
    };
  }

  #routesFor(proxy: ProxySettings, password: Password): Routes {
    const memory = new RouteMemory(() => this.#parts.clock.monotonicMs(), this.#parts.memoryTimes);
    if (proxy.kind === "none")
      return new FixedRoutes({ proxy: null, bypass: [], fallbackToDirect: false }, memory);
    const bypass = bypassRules(proxy.bypass);
    const { fallbackToDirect } = proxy;
    if (proxy.kind === "socks5") {
      const credentials = credentialsOf(proxy.user, password);
      return new FixedRoutes(
        {
          proxy: { kind: "socks5", host: proxy.host, port: proxy.port, credentials },
          bypass,
          fallbackToDirect,
        },
        memory,
      );
    }
    if (proxy.kind === "http")
      return new FixedRoutes(
        { proxy: this.#httpProxy(proxy, this.#login(proxy, password)), bypass, fallbackToDirect },
        memory,
      );
    const known = new Map<string, ProxyOptions>();
    const { clock, pacContacted, pacLimits: limits = defaultPacLimits } = this.#parts;
    const engine = new PacEngine(limits);
    const fetchParts = {
      resolve: this.#resolve,
      trust: this.#otherTrust(this.#parts.hellos?.pac),
      hellos: this.#hellos,
      nowMs: clock.nowMs,
      contacted: pacContacted,
      limitMs: limits.fetchMs,
    };
    return new PacRoutes({
      url: proxy.url,
      bypass,
      fallbackToDirect,
      memory,
      clock,
      limitMs: limits.stageMs,
      resolve: this.#parts.resolve ?? systemResolve(undefined, undefined, "all"),
      evaluate: engine.evaluate,
      fetch: (url, signal) => fetchPacScript(url, fetchParts, signal),
      proxyAt: (hop) => {
        const key = `${hop.kind} ${hop.tls} ${hop.host} ${hop.port}`;
        const made: ProxyOptions =
          known.get(key) ??
          (hop.kind === "socks5"
            ? {
                kind: "socks5",
                host: hop.host,
                port: hop.port,
                credentials: inTheClear(proxy.authentication, credentialsOf(proxy.user, password)),
              }
            : this.#httpProxy(hop, this.#login(proxy, password)));
        known.set(key, made);
        return made;
      },
    });
  }

  #httpProxy(
    { host, port, tls }: { host: string; port: number; tls: boolean },
    authentication: ProxyAuthentication,
  ): ProxyOptions {
    return {
      kind: "http",
      host,
      port,
      authentication,
      ...(tls ? { tls: this.#otherTrust(this.#parts.hellos?.proxy) } : {}),
    };
  }

  #login(
    { authentication, user }: { authentication: ProxyScheme; user: string },
    password: Password,
  ): ProxyAuthentication {
    if (authentication === "none") return noAuthentication;
    if (password === damaged) return user === "" ? noAuthentication : damagedLogin(authentication);
    const { random, clock } = this.#parts;
    const credentials = { user, password };
    if (authentication === "automatic") {
      const set = user === "" ? null : credentials;
      return automaticAuthentication(
        { credentials: set, negotiateToken: set && this.#negotiateToken(user, password) },
        random,
        clock,
      );
    }
    const negotiateToken = proxySchemes[authentication].usesKerberos
      ? this.#negotiateToken(user, password)
      : null;
    const made = schemes[authentication].make({ credentials, negotiateToken, random, clock });
    // With a user and a password only Kerberos can lack something: the user's realm.
    return made ?? negotiateAuthentication(noTicket);
  }

  #negotiateToken(user: string, password: string): NegotiateToken | null {
    if (this.#parts.negotiateToken) return this.#parts.negotiateToken;
    const login = kerberosLogin(user, password);
    return login && passwordToken(login, () => this.#parts.clock.monotonicMs());
  }
}

/** As the settings have it; empty without one. */
type Password = string | typeof damaged;

function credentialsOf(user: string, password: Password): Credentials | typeof damaged | null {
  if (user === "") return null;
  return password === damaged ? damaged : { user, password };
}

/**
 * SOCKS5 says the password in the clear (RFC 1929), and a PAC file may name any proxy: where the
 * settings have a scheme that never shows the password, none is said there either.
 */
function inTheClear(
  scheme: ProxyScheme,
  credentials: Credentials | typeof damaged | null,
): SocksCredentials {
  if (scheme === "none" || credentials === null) return null;
  return scheme === "automatic" || schemes[scheme].showsPassword ? credentials : "withheld";
}

const noTicket: NegotiateToken = async () => {
  throw new OutriderError("proxy-credentials-unusable", { detail: fact("kerberos-user") });
};

/** False for a certificate that Node cannot read: it would make every TLS connection fail. */
export function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).fingerprint256 !== "";
  } catch {
    return false;
  }
}

/**
 * The settings accept only entries that can be read. An entry of another version is skipped, so
 * that the appliance still calls home.
 */
function bypassRules(entries: readonly string[]): BypassRule[] {
  return entries.flatMap((entry) => {
    const reading = readBypassList([entry]);
    return reading.ok ? reading.rules : [];
  });
}
