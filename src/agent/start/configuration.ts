import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { OutriderError } from "../../base/messages/error.ts";
import { quoted } from "../../base/messages/facts.ts";
import { ignoring } from "../../base/missing-file.ts";
import type { AgentConfiguration } from "../../settings/agent-configuration.ts";
import { validators } from "./validators.ts";

/** The configuration that configd rendered, and the credentials that systemd passed. */
export interface LoadedConfiguration {
  settings: AgentConfiguration;
  proxyPassword: string | null;
  activationCode: string | null;
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

async function readCredential(folder: string | undefined, name: string): Promise<string | null> {
  if (folder === undefined || folder === "") return null;
  const text = await readFile(join(folder, name), "utf8").catch(
    ignoring("systemd passes no file for a credential that is not set"),
  );
  const secret = text?.replace(/\r?\n$/, "") ?? "";
  return secret === "" ? null : secret;
}
