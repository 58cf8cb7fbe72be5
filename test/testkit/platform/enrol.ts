import { type EnrolOptions, enrolAppliance, type TestAppliance } from "./appliance.ts";
import type { TestPlatform } from "./platform.ts";

export interface EnrolAtOptions extends Pick<EnrolOptions, "hostname" | "keys"> {
  /** The name that a new activation code is made for. */
  name?: string;
  /** An activation code that was made before. */
  code?: string;
}

/** Enrols an appliance at a platform, with a new activation code unless one is given. */
export async function enrolAt(
  platform: TestPlatform,
  { name = "", code, ...options }: EnrolAtOptions = {},
): Promise<TestAppliance> {
  return enrolAppliance({
    platformUrl: platform.url,
    dispatcher: platform.dispatcher,
    code: code ?? (await platform.api.makeCode(name)).code,
    ...options,
  });
}
