import { readFile } from "node:fs/promises";
import { type Credential, readCredential } from "../../base/credential.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { quoted } from "../../base/messages/facts.ts";
import type { AgentConfiguration } from "../../settings/agent-configuration.ts";
import { validators } from "./validators.ts";

/** The configuration that configd rendered, and the credentials that systemd passed. */
export interface LoadedConfiguration {
  settings: AgentConfiguration;
  proxyPassword: Credential;
  activationCode: Credential;
}

/** Throws OutriderError "settings-unreadable". */
export async function loadConfiguration(
  path: string,
  credentialsFolder: string | undefined,
): Promise<LoadedConfiguration> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new OutriderError("settings-unreadable", { detail: quoted(path), cause: error });
  }
  const settings = validators.AgentConfiguration(parsed);
  if (!settings.valid)
    throw new OutriderError("settings-unreadable", {
      detail: quoted(`${path}: ${settings.violations[0]?.path} ${settings.violations[0]?.message}`),
    });
  return {
    settings: settings.value,
    proxyPassword: await readCredential(credentialsFolder, "proxy-password"),
    activationCode: await readCredential(credentialsFolder, "activation-code"),
  };
}
