import { spawn } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OutriderError } from "../../base/messages/error.ts";
import { fact, quoted } from "../../base/messages/facts.ts";
import { abortReason, errorText } from "../wire/time-limit.ts";
import { accountFault } from "./account-fault.ts";
import { gssClientToken } from "./gss-client-token.ts";
import type { NegotiateToken } from "./negotiate.ts";

export interface KerberosLogin {
  /** `name@REALM`. */
  principal: string;
  password: string;
}

/** MIT Kerberos' programs: krb5-user and krb5-gss-samples in Debian. */
export interface KerberosPrograms {
  kinit: string;
  gssClient: string;
}

export const debianKerberos: KerberosPrograms = {
  kinit: "/usr/bin/kinit",
  gssClient: "/usr/bin/gss-client",
};

/**
 * Shorter than the limit of the proxy's stage, so that a domain controller that says nothing is not
 * taken for a proxy that says nothing.
 */
export const kinitLimitMs = 3500;
/**
 * A ticket lasts for some hours. In a domain with shorter ones gss-client reports that it has
 * expired.
 */
const ticketLifeMs = 60 * 60_000;

/**
 * Null when the user name has no realm, since no other setting names it. Realms are written in
 * capitals.
 */
export function kerberosLogin(user: string, password: string): KerberosLogin | null {
  const split = /^([^@\\/\s]{1,128})@([A-Za-z0-9.-]{1,253})$/.exec(user);
  return split && password !== ""
    ? { principal: `${split[1]}@${split[2]?.toUpperCase()}`, password }
    : null;
}

/**
 * Makes tokens for a user with a password: kinit gets the ticket (the password goes to its standard
 * input), and gss-client makes tokens from it. Both work in a folder of this process alone, made at
 * the first use, with the ticket and a small configuration that finds the domain's controllers by
 * DNS, where Active Directory and MIT's KDCs publish them.
 *
 * @param configuration another krb5.conf, for a realm that is not in DNS
 */
export function passwordToken(
  login: KerberosLogin,
  nowMs: () => number,
  programs = debianKerberos,
  configuration?: string,
  limitMs = kinitLimitMs,
): NegotiateToken {
  let environment: Promise<Record<string, string>> | null = null;
  let ticketFromMs: number | null = null;
  let fetching: Promise<void> | null = null;

  const prepare = async () => {
    const folder = await mkdtemp(join(tmpdir(), "outrider-kerberos-"));
    const file = configuration ?? join(folder, "krb5.conf");
    if (configuration === undefined)
      await writeFile(file, configurationFor(login.principal), { mode: 0o600 });
    return { KRB5_CONFIG: file, KRB5CCNAME: `FILE:${join(folder, "tickets")}` };
  };
  const ticket = async (env: Record<string, string>, signal: AbortSignal) => {
    // Tunnels that open at once share one ticket.
    fetching ??= kinit(programs.kinit, login, env, signal, limitMs).finally(() => {
      fetching = null;
    });
    await fetching;
    ticketFromMs = nowMs();
  };
  return async (servicePrincipal, signal) => {
    environment ??= prepare();
    const env = await environment;
    const token = gssClientToken({ program: programs.gssClient, environment: env });
    const fresh = ticketFromMs !== null && nowMs() - ticketFromMs < ticketLifeMs;
    if (fresh) {
      try {
        return await token(servicePrincipal, signal);
      } catch (error) {
        if (signal.aborted) throw error;
      }
    }
    await ticket(env, signal);
    return token(servicePrincipal, signal);
  };
}

function configurationFor(principal: string): string {
  const realm = principal.split("@")[1] ?? "";
  return `[libdefaults]
default_realm = ${realm}
dns_lookup_kdc = true
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
`;
}

function kinit(
  program: string,
  { principal, password }: KerberosLogin,
  environment: Record<string, string>,
  signal: AbortSignal,
  limitMs: number,
): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(program, [principal], {
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C", ...environment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let complaint = "";
    const onAbort = () => {
      child.kill("SIGKILL");
      reject(abortReason(signal));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      const realm = principal.split("@")[1] ?? "";
      const detail = fact("kerberos-silent", { realm, seconds: limitMs / 1000 });
      reject(new OutriderError("proxy-helper-failed", { detail }));
    }, limitMs);
    child.stderr.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk.toString("latin1")).slice(-2000);
    });
    child.stdout.resume();
    child.stdin.on("error", () => undefined);
    child.stdin.end(`${password}\n`);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(new OutriderError("proxy-helper-failed", { detail: quoted(errorText(error)) }));
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      if (code === 0) resolve();
      else reject(kinitFailure(complaint));
    });
  });
}

const refused =
  /password incorrect|preauthentication failed|not found in kerberos database|password has expired|credentials have been revoked|locked/i;

function kinitFailure(complaint: string): OutriderError {
  const message = (complaint.trim().split("\n").at(-1) ?? "")
    .replace(/^kinit: /, "")
    .replace(/[^\x20-\x7e]/g, "?")
    .slice(0, 300);
  const refusal = refused.test(message) ? "proxy-authentication-failed" : "proxy-helper-failed";
  return new OutriderError(accountFault(message) ?? refusal, {
    detail: message === "" ? fact("kerberos-mute") : fact("kerberos-said", { said: message }),
  });
}
