import { OutriderError } from "../../base/messages/error.ts";
import { quoted } from "../../base/messages/facts.ts";
import { parseToolAddress, parseToolHost } from "../../settings/values/tool-inputs.ts";
import type { EgressContact } from "../api/egress.ts";
import { SettingsRefused } from "../api/settings-refused.ts";
import type { ToolRequest } from "../api/tool-shapes.ts";
import type { ToolTask } from "../api/tool-task.ts";
import { reachedContacts, toolContacts } from "../egress/tool-contacts.ts";
import { Captures, capturesNote } from "../kept/captures.ts";
import { interfaceOf } from "./interface-of.ts";
import type { HandlerParts, Handlers } from "./parts.ts";

/** The verbs of the operator's tools, and of the captures that they leave. */
export function toolHandlers({ system, paths, store, ledger, clock, log }: HandlerParts) {
  const { tools } = system;
  const captures = new Captures(paths.captures);
  let isRunning = false;
  const record = (contacts: readonly EgressContact[]) =>
    contacts.length === 0
      ? Promise.resolve()
      : ledger
          .record([...contacts])
          .catch((error: unknown) =>
            log.warning("the egress ledger cannot be written", { error: String(error) }),
          );
  const run = async (request: ToolRequest, signal: AbortSignal) => {
    const { name: device, dns } = interfaceOf(store, request.role);
    const { settings } = store.stored;
    const contacts = toolContacts(request, dns, clock.nowMs());
    await record(contacts);
    const task: ToolTask = {
      request,
      device,
      servers: dns.slice(0, 32),
      callsHome: settings.network.mode === "single" || request.role === "wan",
      platformUrl: settings.platform.url,
      proxy: settings.proxy,
      trustedCertificates: settings.trust.certificates,
    };
    const { answer, capture } = await tools.runTool(task, signal);
    await record(reachedContacts(request, contacts, answer.contacted));
    if (capture !== null)
      await captures.keep(request.role, clock.nowMs(), Buffer.from(capture, "base64"));
    return answer;
  };
  return {
    runTool: async (typed, signal) => {
      const request = judged(typed);
      if (isRunning) throw new OutriderError("tool-busy");
      isRunning = true;
      try {
        return await run(request, signal);
      } finally {
        isRunning = false;
      }
    },
    stopTool: async () => {
      await tools.stopTool();
      return {};
    },
    captures: async () => ({ names: await captures.names(), note: capturesNote }),
    capture: async ({ name }) => {
      if (!(await captures.names()).includes(name))
        throw new OutriderError("request-invalid", { detail: quoted(name) });
      return { content: (await captures.read(name)).toString("base64") };
    },
  } satisfies Partial<Handlers>;
}

/** The request with its hosts as they are used. Throws SettingsRefused, for the field. */
function judged(request: ToolRequest): ToolRequest {
  const host = (field: string, text: string, parse: typeof parseToolHost) => {
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    const { ok: _, ...problem } = parsed;
    throw new SettingsRefused([{ field, ...problem }]);
  };
  if (request.tool === "capture")
    return request.host === undefined
      ? request
      : { ...request, host: host("host", request.host, parseToolAddress) };
  const target = host("target", request.target, parseToolHost);
  if (request.tool !== "look-up" || request.server === undefined) return { ...request, target };
  return { ...request, target, server: host("server", request.server, parseToolAddress) };
}
