import { Spool, type SpoolParts } from "../../../src/agent/spool/spool.ts";
import { silentLog } from "../../../src/base/log.ts";
import { systemRandom } from "../../../src/base/random.ts";

/** A spool as the agent opens it, with a key that is the same at each opening. */
export async function openSpool(path: string, changes: Partial<SpoolParts> = {}): Promise<Spool> {
  const spool = new Spool(path, {
    log: silentLog,
    random: systemRandom,
    key: new Uint8Array(32).fill(7),
    limitBytes: 1e9,
    ...changes,
  });
  await spool.open();
  return spool;
}
