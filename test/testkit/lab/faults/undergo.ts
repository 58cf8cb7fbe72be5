import type { CheckResult } from "../../../../src/protocol/schemas/check-result.ts";
import { until } from "../split-lab.ts";
import { disagreement } from "./agreement.ts";
import { setAppliance, settled } from "./appliance-settings.ts";
import { type Call, type Checkup, callHome, runDoctor } from "./calls.ts";
import { setClock } from "./clock.ts";
import type { NetworkFault } from "./fault.ts";
import type { FaultLab } from "./fault-lab.ts";
import { setDns } from "./name-server.ts";
import { networks } from "./networks.ts";
import { enforce, markConnections } from "./rules.ts";

/** One row of the table. */
export interface FaultOutcome {
  name: string;
  network: string;
  /** "directly", or the kind of proxy. */
  way: string;
  /** Its kind of row, for the table's parts. */
  kind: "fault" | "healthy";
  /** The agent's error code; "" when the call succeeded. */
  agent: string;
  agentMs: number;
  /** Id and code of the first failed check; "" when none failed. */
  doctor: string;
  doctorMs: number;
  /** The codes of its warnings. */
  warnings: string[];
  /** What was done by the remedy, after which all was well; null where none was tried. */
  cured: string | null;
  /** The problem of the outcome, or null. */
  complaint: string | null;
}

const limitMs = 15_000;
/** Longer than the agent trusts an idle connection, and than the proxies' idle limit. */
const idleMs = 6000;

async function strike(lab: FaultLab, { rules = {}, dns, acts = [] }: NetworkFault): Promise<void> {
  for (const act of acts) await act.strike(lab);
  await enforce(lab, rules);
  if (dns) await setDns(lab, dns);
}

async function relieve(lab: FaultLab, { dns, acts = [] }: NetworkFault): Promise<void> {
  await enforce(lab, {});
  if (dns) await setDns(lab, "right");
  for (const act of acts.toReversed()) await act.relieve(lab);
}

/** Applies one fault, compares the reports of agent and doctor, and tries the remedy. */
export async function undergo(lab: FaultLab, fault: NetworkFault): Promise<FaultOutcome> {
  const { network, proxy, whileConnected, clockOffsetMs } = fault;
  await setAppliance(lab, network, proxy);
  await settled(lab, network);
  if (whileConnected) {
    await markConnections(lab);
    await callHome(lab);
    await new Promise((resolve) => setTimeout(resolve, idleMs));
    await strike(lab, fault);
  } else {
    await lab.appliance.exec(["systemctl", "stop", "outrider-agent"]);
    await strike(lab, fault);
    if (clockOffsetMs !== undefined) await setClock(lab, clockOffsetMs);
    await lab.appliance.exec(["systemctl", "start", "outrider-agent"]);
  }
  try {
    const first = await callHome(lab, 45_000, clockOffsetMs);
    // Where the machine was too busy to start the agent in that time, a call of the running one counts.
    const isLate = first.tookMs > limitMs && !whileConnected;
    const again = isLate ? await callHome(lab, 45_000, clockOffsetMs) : first;
    const call = again.code === first.code ? again : first;
    const doctor = await runDoctor(lab);
    const complaints = complaintsOf(fault, call, doctor);
    const remedied =
      fault.remedy && complaints.length === 0 ? await tryRemedy(lab, fault, doctor) : null;
    if (remedied !== null) complaints.push(remedied);
    return outcomeOf(fault, call, doctor, complaints);
  } finally {
    await relieve(lab, fault);
    if (clockOffsetMs !== undefined) {
      await setClock(lab, 0);
      await lab.appliance.exec(["systemctl", "restart", "outrider-agent"]);
    }
  }
}

/** Carries the remedy out; what is wrong after it, or null. */
async function tryRemedy(
  lab: FaultLab,
  fault: NetworkFault,
  doctor: Checkup,
): Promise<string | null> {
  const { remedy } = fault;
  if (!remedy) return null;
  await remedy.carryOut?.(lab, { fault, doctor });
  const network = remedy.network ?? fault.network;
  if (remedy.proxy !== undefined || remedy.network !== undefined)
    await setAppliance(lab, network, remedy.proxy === undefined ? fault.proxy : remedy.proxy);
  await settled(lab, network);
  let last: string | null = null;
  // What was asked before the remedy may still be under way, and ends as it began.
  await until(
    "the remedy",
    async () => {
      const call = await callHome(lab, 45_000, fault.clockOffsetMs);
      if (call.code !== "") {
        last = `the remedy did not cure it: ${call.code} ${call.detail}`;
        return false;
      }
      const { failed } = await runDoctor(lab);
      last = failed ? `after the remedy the doctor says ${failed.id} ${failed.code}` : null;
      return last === null;
    },
    30_000,
  ).catch(() => undefined);
  return last;
}

const nameOf = (failed: CheckResult | undefined) => (failed ? `${failed.id} ${failed.code}` : "");

/** "dns:* dns-silent" stands for any DNS server. */
function isNamed(named: string, wanted: string): boolean {
  const [id = "", code] = named.split(" ");
  const [wantedId = "", wantedCode] = wanted.split(" ");
  const isId = wantedId.endsWith("*") ? id.startsWith(wantedId.slice(0, -1)) : id === wantedId;
  return isId && code === wantedCode;
}

function complaintsOf(fault: NetworkFault, call: Call, doctor: Checkup): string[] {
  const named = nameOf(doctor.failed);
  const warnings = doctor.results.filter(({ outcome }) => outcome === "warning");
  const complaints: string[] = [];
  if (call.code !== (fault.agent ?? ""))
    complaints.push(`the agent says ${call.code || "nothing"} (${call.detail})`);
  const isRight = fault.doctor === null ? named === "" : isNamed(named, fault.doctor);
  if (!isRight)
    complaints.push(`the doctor says ${named || "nothing"} (${doctor.failed?.detail ?? ""})`);
  if (call.tookMs > limitMs) complaints.push("the agent takes too long");
  if (doctor.tookMs > limitMs) complaints.push("the doctor takes too long");
  if (fault.warning && !warnings.some(({ code }) => code === fault.warning))
    complaints.push(`the doctor does not warn of ${fault.warning}`);
  const extra = warnings.filter(({ code }) => code !== fault.warning);
  if (fault.healthy && extra.length > 0)
    complaints.push(`warnings: ${extra.map(({ id, code }) => `${id} ${code}`).join(", ")}`);
  const isSplit = networks[fault.network].mode === "split";
  const apart = disagreement(call.code, doctor.results, isSplit);
  if (apart !== null) complaints.push(`they disagree: ${apart}`);
  return complaints;
}

function outcomeOf(
  fault: NetworkFault,
  call: Call,
  doctor: Checkup,
  complaints: readonly string[],
): FaultOutcome {
  const { name, network, proxy, remedy, healthy } = fault;
  const warnings = doctor.results.flatMap(({ outcome, code }) =>
    outcome === "warning" && code !== null ? [code] : [],
  );
  return {
    name,
    network,
    way: wayOf(proxy?.settings),
    kind: healthy ? "healthy" : "fault",
    agent: call.code,
    agentMs: call.tookMs,
    doctor: nameOf(doctor.failed),
    doctorMs: doctor.tookMs,
    warnings: [...new Set(warnings)],
    cured: remedy && complaints.length === 0 ? remedy.done : null,
    complaint: complaints.length === 0 ? null : complaints.join("; "),
  };
}

function wayOf(proxy: NonNullable<NetworkFault["proxy"]>["settings"] | undefined): string {
  switch (proxy?.kind) {
    case undefined:
    case "none":
      return "directly";
    case "http":
      return proxy.tls ? "HTTP proxy, over TLS" : "HTTP proxy";
    case "socks5":
      return "SOCKS5";
    case "pac":
      return "PAC";
  }
}
