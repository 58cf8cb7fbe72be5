import { countAddresses, subtractRanges } from "../../base/addresses/ranges.ts";
import {
  mostAddresses,
  type ParsedTargets,
  parseExclusions,
  parseTargets,
} from "../../base/addresses/scan-targets.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { ScanSpecification } from "../../protocol/schemas/jobs.ts";
import type { HostObservation } from "../../protocol/schemas/results.ts";
import type { PlatformContext } from "../services/context.ts";
import type { ResultCounts, StoredJob } from "../store/job-records.ts";
import type { PageOf } from "../store/page.ts";
import type { NewScan, ScanState, ScanView } from "./schemas.ts";

/** The problem of each wrong field of a new scan, as the form shows it. */
export type ScanProblems = Partial<Record<keyof NewScan, string>>;

export class Scans {
  readonly #context: PlatformContext;

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  async start(
    request: NewScan,
  ): Promise<{ ok: true; id: string } | { ok: false; problems: ScanProblems }> {
    const { store, random, clock, changes, log } = this.#context;
    const checked = checkScan(request);
    const appliance = await store.appliances.find(request.applianceId);
    if (!appliance || appliance.revokedAt !== null)
      checked.problems.applianceId = "Choose an appliance of the fleet.";
    if (!checked.specification || Object.keys(checked.problems).length > 0)
      return { ok: false, problems: checked.problems };
    const { specification, addressCount } = checked;
    const id = random.uuid();
    await store.jobs.add(
      { id, applianceId: request.applianceId, specification, addressCount },
      clock.nowMs(),
    );
    log.info("scan made", { scan: id, appliance: request.applianceId, addresses: addressCount });
    changes.publish(request.applianceId);
    return { ok: true, id };
  }

  async stop(id: string): Promise<void> {
    const { store, clock, changes, leases } = this.#context;
    const job = await store.jobs.find(id);
    if (!job) throw new OutriderError("not-found", { detail: fact("no-such-scan") });
    if (await store.jobs.requestStop(id, clock.nowMs(), leases.current))
      changes.publish(job.applianceId);
  }

  async find(id: string): Promise<ScanView> {
    const job = await this.#context.store.jobs.find(id);
    if (!job) throw new OutriderError("not-found", { detail: fact("no-such-scan") });
    const [view] = await this.#views([job]);
    if (!view) throw new OutriderError("not-found", { detail: fact("no-such-scan") });
    return view;
  }

  async list(filter: { applianceId?: string } & PageOf = {}): Promise<ScanView[]> {
    return this.#views(await this.#context.store.jobs.list(filter));
  }

  count(): Promise<number> {
    return this.#context.store.jobs.count();
  }

  async hosts(id: string, page?: PageOf): Promise<HostObservation[]> {
    await this.find(id);
    return this.#context.store.results.hosts(id, page);
  }

  async #views(jobs: StoredJob[]): Promise<ScanView[]> {
    const { store, leases } = this.#context;
    const counts = await store.results.counts(jobs.map((job) => job.id));
    const names = await store.appliances.names(jobs.map((job) => job.applianceId));
    return jobs.map((job) =>
      scanView(
        job,
        names.get(job.applianceId) ?? "",
        counts.get(job.id) ?? { hosts: 0, openPorts: 0 },
        job.leaseUntil === null ? null : leases.onWall(job.leaseUntil),
      ),
    );
  }
}

/** Pure: the specification in canonical form, or the problems of its fields. */
function checkScan(request: NewScan): {
  specification: ScanSpecification | null;
  addressCount: number;
  problems: ScanProblems;
} {
  const problems: ScanProblems = {};
  const targets = parseTargets(request.targets);
  const exclusions = parseExclusions(request.exclusions);
  if (!targets.ok) problems.targets = problemText(targets);
  else if (targets.targets.length === 0)
    problems.targets = "Type at least one address, prefix or range.";
  if (!exclusions.ok) problems.exclusions = problemText(exclusions);
  if (targets.ok && targets.targets.length > mostEntries)
    problems.targets = `One scan takes at most ${mostEntries} targets; join neighbours into prefixes or ranges.`;
  if (exclusions.ok && exclusions.targets.length > mostEntries)
    problems.exclusions = `One scan takes at most ${mostEntries} exclusions; join neighbours into prefixes or ranges.`;
  if (request.name.trim() === "") problems.name = "Give the scan a name.";
  if (!targets.ok || !exclusions.ok) return { specification: null, addressCount: 0, problems };
  const addressCount = countAddresses(subtractRanges(targets.targets, exclusions.targets));
  if (addressCount === 0 && !problems.targets)
    problems.targets = "Nothing is left to scan: the exclusions cover all targets.";
  if (addressCount > mostAddresses)
    problems.targets = `These are ${addressCount} addresses; one scan takes at most ${mostAddresses}.`;
  const { profile, ports } = request;
  const texts = ({ targets }: ParsedTargets & { ok: true }) => targets.map(({ text }) => text);
  return {
    specification: {
      name: request.name.trim(),
      targets: texts(targets),
      exclusions: texts(exclusions),
      profile,
      ports,
    },
    addressCount,
    problems,
  };
}

/** The most that a job may carry (protocol/schemas/jobs.ts). */
const mostEntries = 1000;
const mostProblemsShown = 5;
function problemText({ problems }: ParsedTargets & { ok: false }): string {
  const sentences = problems
    .slice(0, mostProblemsShown)
    .map(({ text, message }) => `“${text}” ${message}.`);
  if (problems.length > mostProblemsShown)
    sentences.push(`And ${problems.length - mostProblemsShown} more.`);
  return sentences.join(" ");
}

export function scanState(job: StoredJob): ScanState {
  if (job.endedAt !== null) return job.endState ?? "stopped";
  if (job.stopRequestedAt !== null) return "stopping";
  if (job.acknowledgedAt !== null) return "running";
  return job.givenAt !== null ? "given-out" : "waiting";
}

function scanView(
  job: StoredJob,
  applianceName: string,
  counts: ResultCounts,
  leaseUntil: number | null,
): ScanView {
  const {
    id,
    applianceId,
    attempt,
    progress,
    addressCount,
    createdAt,
    givenAt,
    acknowledgedAt,
    endedAt,
    completion,
  } = job;
  return {
    id,
    applianceId,
    applianceName,
    ...job.specification,
    state: scanState(job),
    attempt,
    percent: job.endState === "completed" ? 100 : (progress?.percent ?? 0),
    progress,
    addressCount,
    hostCount: counts.hosts,
    openPortCount: counts.openPorts,
    createdAt,
    givenAt,
    acknowledgedAt,
    leaseUntil,
    endedAt,
    completion,
  };
}
