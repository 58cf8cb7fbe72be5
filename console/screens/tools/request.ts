import { captureKinds, captureSeconds, recordTypes } from "../../../src/configd/api/tool-names.ts";
import type { ToolRequest } from "../../../src/configd/api/tool-shapes.ts";
import type { FieldValue } from "../../../src/settings/values/field-value.ts";
import { parsePort } from "../../../src/settings/values/names.ts";
import {
  parseToolAddress,
  parseToolHost,
  parseToolSeconds,
} from "../../../src/settings/values/tool-inputs.ts";
import type { Context } from "../../contract/contract.ts";
import { type FormState, formTexts } from "../../fields/form.ts";
import { type Name, toolFields, toolOf } from "./fields.ts";

/** What the form asks for; its texts have no errors. */
export function requestOf(form: FormState<Name>, context: Context): ToolRequest {
  const texts = formTexts(form);
  const shown = toolFields(form, context).map(({ name }) => name);
  const role = shown.includes("role") && texts.role === "wan" ? "wan" : "lan";
  const target = rightOr(parseToolHost(texts.target), "");
  const port = rightOr(parsePort(texts.port), 443);
  switch (toolOf(form)) {
    case "ping":
      return { tool: "ping", role, target };
    case "trace":
      return { tool: "trace", role, target, port };
    case "look-up": {
      const type = recordTypes.find((each) => each === texts.type) ?? "address";
      const server = rightOr(parseToolAddress(texts.server), "");
      return { tool: "look-up", role, target, type, ...(server === "" ? {} : { server }) };
    }
    case "tls":
      return {
        tool: "tls",
        role,
        target,
        port,
        direct: !shown.includes("way") || texts.way === "direct",
      };
    case "capture": {
      const host = rightOr(parseToolAddress(texts.host), "");
      return {
        tool: "capture",
        role,
        kind: captureKinds.find((each) => each === texts.kind) ?? "all",
        ...(host === "" ? {} : { host }),
        seconds: rightOr(
          parseToolSeconds(texts.seconds, captureSeconds.least, captureSeconds.most),
          captureSeconds.usual,
        ),
      };
    }
  }
}

function rightOr<T>(parsed: FieldValue<T>, otherwise: T): T {
  return parsed.ok ? parsed.value : otherwise;
}
