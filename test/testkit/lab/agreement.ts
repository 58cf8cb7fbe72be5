import {
  defaultInterface,
  type InterfaceSettings,
  type Settings,
} from "../../../src/settings/model/schema.ts";
import { callConfigd, type SplitLab, until } from "./split-lab.ts";

/** IPv6 alone, by router advertisement. */
export const only6: InterfaceSettings = {
  ...defaultInterface,
  ipv4: { method: "off" },
  ipv6: { method: "automatic" },
};

/** The results that are neither ok nor skipped. */
export async function complaints({ appliance }: SplitLab): Promise<string[]> {
  const { stdout } = await appliance.exec(["outrider", "doctor", "--json"], {
    mayFail: true,
    timeoutMs: 60_000,
  });
  const { results } = JSON.parse(stdout);
  const lines: string[] = results.map(
    ({ id, outcome, code, detail }: Record<string, string>) =>
      `${id} ${outcome} ${code ?? ""} ${detail}`,
  );
  return lines.filter((line) => !/^\S+ (?:ok|skipped) /.test(line) || /beyond/.test(line));
}

/** null while configd does not answer yet. */
export async function statusOf({ appliance }: SplitLab) {
  const { exitCode, stdout } = await appliance.exec(["outrider", "status", "--json"], {
    mayFail: true,
  });
  return exitCode === 0 ? JSON.parse(stdout) : null;
}

export async function interfaceOf(lab: SplitLab, wanted = "eth0") {
  const status = await statusOf(lab);
  return status?.interfaces.find(({ name }: { name: string }) => name === wanted);
}

/** Tries the settings, and keeps them when the checks are made. Returns what they advised. */
export async function adviceOn(lab: SplitLab, settings: Settings): Promise<unknown> {
  await callConfigd(lab, "try", { settings });
  await until(
    "the trial is checked",
    async () => (await statusOf(lab))?.trial?.phase === "waiting",
    90_000,
  );
  const { id, advice } = (await statusOf(lab)).trial;
  await callConfigd(lab, "keep", { id });
  return advice;
}
