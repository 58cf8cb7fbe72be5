import { OutriderError } from "../../base/messages/error.ts";
import { quoted } from "../../base/messages/facts.ts";
import type { Tools, Volume } from "../machine/tools.ts";
import { firewallText } from "./firewall-text.ts";
import type { HandlerParts, Handlers } from "./parts.ts";
import { makeSupportBundle } from "./support-bundle.ts";

/** In characters: certificates are small. */
const longestFile = 64 * 1024;

/** The verbs that read and write USB sticks, discs and images for the console. */
export function volumeHandlers(parts: HandlerParts) {
  const { clock, log } = parts;
  const { tools } = parts.system;
  return {
    volumes: async () => ({ volumes: await tools.volumes() }),
    certificateFiles: async ({ volume: id }) => {
      await findVolume(tools, id);
      return { files: await tools.certificateFiles(id) };
    },
    readVolume: async ({ volume: id, file }) => {
      await findVolume(tools, id);
      const content = Buffer.from(await tools.readVolume(id, file));
      return { text: content.toString("utf8").slice(0, longestFile) };
    },
    saveFirewallText: async ({ volume: id }) => {
      await requireWritable(tools, id);
      const file = `outrider-firewall-${minuteOf(clock.nowMs())}.txt`;
      // Whoever runs the firewall may open it on Windows.
      const text = Buffer.from((await firewallText(parts)).replaceAll("\n", "\r\n"));
      await tools.writeVolume(id, file, text);
      log.info("firewall text written", { volume: id, file });
      return { file, bytes: text.length };
    },
    supportBundle: async ({ volume: id }, signal) => {
      await requireWritable(tools, id);
      const bundle = await makeSupportBundle(parts, signal);
      const file = `outrider-support-${minuteOf(clock.nowMs())}.tar.gz`;
      await tools.writeVolume(id, file, bundle);
      log.info("support bundle written", { volume: id, file, bytes: bundle.length });
      return { file, bytes: bundle.length };
    },
  } satisfies Partial<Handlers>;
}

function minuteOf(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 16).replace(/[-:]/g, "");
}

/** Throws OutriderError "volume-missing" or "volume-read-only". */
async function requireWritable(tools: Tools, id: string): Promise<void> {
  const { writable } = await findVolume(tools, id);
  if (!writable) throw new OutriderError("volume-read-only", { detail: quoted(id) });
}

/** Throws OutriderError "volume-missing". */
async function findVolume(tools: Tools, id: string): Promise<Volume> {
  const found = (await tools.volumes()).find((volume) => volume.id === id);
  if (found === undefined) throw new OutriderError("volume-missing", { detail: quoted(id) });
  return found;
}
