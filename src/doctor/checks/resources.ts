import { type Fact, fact } from "../../base/messages/facts.ts";
import type { Check } from "../check/check.ts";
import { type Finding, failedBy, ok, skipped, warning } from "../check/findings.ts";
import type { Subject } from "../check/subject.ts";
import type { Figures } from "../path/own-machine.ts";

const disk: Subject = { id: "resources:disk", subject: "data disk" };
const memory: Subject = { id: "resources:memory", subject: "memory" };

/** The agent keeps results of a scan on the disk, and updates while they are unpacked. */
const leastDiskBytes = 256 * 2 ** 20;
const leastDiskShare = 0.03;
/** Less than one nmap needs for a shard. */
const leastMemoryBytes = 64 * 2 ** 20;
const leastMemoryShare = 0.03;

/** Whether the machine has room for results and scans. */
export const resources: Check = {
  id: "resources",
  needs: [],
  role: "management",
  subjects: () => [disk, memory],
  async run(subject, { surroundings }) {
    try {
      const figures = await surroundings.machine.figures();
      return [subject === disk ? judgeDisk(figures) : judgeMemory(figures)];
    } catch (error) {
      return [failedBy(subject, error)];
    }
  },
};

function judgeDisk({ diskAvailableBytes: free, diskTotalBytes: total }: Figures): Finding {
  const facts = fact("disk-free", { free: inUnits(free, 1e9), total: inUnits(total, 1e9) });
  const isLow = free < leastDiskBytes || free < total * leastDiskShare;
  return judged(disk, total, isLow ? "disk-low" : null, facts);
}

function judgeMemory({ memoryAvailableBytes: free, memoryTotalBytes: total }: Figures): Finding {
  const facts = fact("memory-free", {
    free: Math.round(free / 2 ** 20),
    total: Math.round(total / 2 ** 20),
  });
  const isLow = free < leastMemoryBytes || free < total * leastMemoryShare;
  return judged(memory, total, isLow ? "memory-low" : null, facts);
}

function judged(
  subject: Subject,
  total: number,
  code: "disk-low" | "memory-low" | null,
  facts: Fact,
): Finding {
  if (total === 0) return skipped(subject, fact("not-in-container"));
  return code === null ? ok(subject, facts) : warning(subject, code, facts);
}

function inUnits(bytes: number, unit: number): number {
  return Math.round((bytes / unit) * 10) / 10;
}
