import { type ActivationCodeProblem, parseActivationCode } from "../../base/activation-code.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import { problemAt } from "../../settings/values/field-value.ts";
import { parsePlatformUrl } from "../../settings/values/names.ts";
import { SettingsRefused } from "../api/settings-refused.ts";
import { keptBecause } from "../kept/change-reason.ts";
import { originOf } from "../trial/proposal.ts";
import type { HandlerParts, Handlers } from "./parts.ts";

/** The verbs that bring an activation code to the agent, and remove it after use. */
export function enrolmentHandlers(parts: HandlerParts) {
  const { kept, live, trials, transaction, onSettingsChanged } = parts;
  return {
    enrol: async ({ url, code, by }) => {
      trials.requireNone();
      const parsedUrl = parsePlatformUrl(url);
      if (!parsedUrl.ok) throw new SettingsRefused([problemAt("platform.url", parsedUrl)]);
      const parsedCode = parseActivationCode(
        code ?? (await kept.secrets.read("activation-code")) ?? "",
      );
      if (!parsedCode.ok)
        throw new OutriderError("code-malformed", { detail: codeFact(parsedCode.problem) });
      const { settings } = await kept.load();
      await kept.save(
        { ...settings, platform: { url: parsedUrl.value } },
        { "activation-code": parsedCode.code.text },
        { ...originOf(by), ...keptBecause(fact("kept-enrolment")) },
      );
      await onSettingsChanged();
      await transaction.refreshAgent(null, "restart");
      await live.refresh();
      return {};
    },
    enrolled: async () => {
      await kept.secrets.write("activation-code", null);
      // The running agent needs no restart; only its next start must not find the code.
      await transaction.refreshAgent(trials.active, "leave");
      await onSettingsChanged();
      return {};
    },
  } satisfies Partial<Handlers>;
}

function codeFact(problem: ActivationCodeProblem): Fact {
  if (problem.kind === "length") return fact("code-length", { length: problem.length });
  if (problem.kind === "character") return fact("code-character", { position: problem.position });
  return problem.likelyPosition === null
    ? fact("code-characters-wrong")
    : fact("code-character-wrong", { position: problem.likelyPosition });
}
