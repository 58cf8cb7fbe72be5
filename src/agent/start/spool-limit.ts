import { statfs } from "node:fs/promises";
import { ignoring } from "../../base/missing-file.ts";

/** The rest of the data disk is for content and the folders of running scans. */
const spoolShare = 0.4;
const leastBytes = 64 * 2 ** 20;
const mostBytes = 16 * 2 ** 30;

/** How much the spool may hold: a share of the data disk, within bounds. */
export async function spoolLimitBytes(dataFolder: string): Promise<number> {
  const disk = await statfs(dataFolder).catch(ignoring("the smallest limit is safe"));
  const share = disk ? disk.blocks * disk.bsize * spoolShare : 0;
  return Math.round(Math.min(mostBytes, Math.max(leastBytes, share)));
}
