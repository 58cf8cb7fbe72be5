import type { ProxyLab } from "../proxies.ts";

/**
 * A container's clock is its host's, so agent and doctor are started with another one of their own:
 * each program of the appliance that starts from now on sees a Date that is off.
 */
export async function setClock({ appliance }: ProxyLab, offsetMs: number): Promise<void> {
  if (offsetMs === 0)
    return void (await appliance.exec(["systemctl", "unset-environment", "NODE_OPTIONS"]));
  const program = `const Real = Date;
globalThis.Date = class extends Real {
  constructor(...given) { if (given.length === 0) super(Real.now() + ${offsetMs}); else super(...given); }
  static now() { return Real.now() + ${offsetMs}; }
};`;
  await appliance.exec(
    ["sh", "-c", "cat >/run/other-clock.cjs && chmod 644 /run/other-clock.cjs"],
    { input: program },
  );
  await appliance.exec([
    "systemctl",
    "set-environment",
    "NODE_OPTIONS=--require=/run/other-clock.cjs",
  ]);
}
