import { changeLines, zeroTouchLines } from "./lines.ts";
import { followTrial, type NetworkContext, originOf } from "./network.ts";
import { type ExitCode, exitCodes, UsageError } from "./output.ts";

const networkResetWords = `This takes the network back to one interface with an address by DHCP, at once.
Host name, proxy, platform and the appliance's identity stay; so do scans and results.
The present settings stay in \`outrider network history\`.`;

const factoryResetWords = `This removes everything that this appliance was told and found: settings and their history, passwords, its
identity at the platform, scans and results that were not uploaded. Signature packs and the journal stay. It restarts then
as it was delivered, and reads again what the hypervisor gives. At the platform it is another appliance afterwards.`;

/**
 * `outrider reset network|factory`. The operator confirms by typing; `--confirm` confirms for
 * scripts.
 */
export async function reset(
  what: string,
  confirm: string | undefined,
  context: NetworkContext,
): Promise<ExitCode> {
  const { client, output, input, json } = context;
  const by = originOf(context);
  if (what === "network") {
    if (!json) output.line(networkResetWords);
    const typed = confirm ?? (await input.line("Type yes to do it"));
    if (typed.trim().toLowerCase() !== "yes")
      throw new UsageError("nothing was done: yes was not typed");
    const { changes } = await client.call("recoverNetwork", { by });
    if (json) output.json({ changes });
    else for (const line of [...changeLines(changes), "The network is reset."]) output.line(line);
    return exitCodes.done;
  }
  if (what !== "factory") throw new UsageError("reset takes network or factory");
  const { hostname } = await client.call("status", {});
  if (!json) output.line(factoryResetWords);
  const confirmation =
    confirm ?? (await input.line(`Type the host name of this appliance, ${hostname}, to do it`));
  await client.call("factoryReset", { confirmation: confirmation.trim().slice(0, 63), by });
  if (json) output.json({ reset: "factory" });
  else output.line("The appliance restarts as it was delivered.");
  return exitCodes.done;
}

/** `outrider zero-touch show|read`. */
export async function zeroTouch(
  action: string,
  keep: boolean,
  why: string | undefined,
  context: NetworkContext,
): Promise<ExitCode> {
  const { client, output, json } = context;
  if (action === "show") {
    const status = await client.call("status", {});
    if (json) output.json(status.zeroTouch);
    else for (const line of zeroTouchLines(status.zeroTouch)) output.line(line);
    return exitCodes.done;
  }
  if (action !== "read") throw new UsageError(`zero-touch takes show or read, not '${action}'`);
  const reading = await client.call("readZeroTouch", { by: originOf(context, why) });
  if (!json) for (const line of zeroTouchLines(reading.zeroTouch)) output.line(line);
  if (reading.trial === null) {
    if (json) output.json(reading);
    else output.line("Nothing changes.");
    return exitCodes.done;
  }
  if (!json) for (const line of ["", ...changeLines(reading.trial.changes)]) output.line(line);
  return await followTrial(reading.trial.id, keep, context);
}
