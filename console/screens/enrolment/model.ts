import { isDeepStrictEqual } from "node:util";
import { normalizeActivationCode, parseActivationCode } from "../../../src/base/activation-code.ts";
import type { Settings } from "../../../src/settings/model/schema.ts";
import { problemAt } from "../../../src/settings/values/field-value.ts";
import { parsePlatformUrl } from "../../../src/settings/values/names.ts";
import {
  type Context,
  failureText,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";
import {
  type FieldDefinition,
  type FormState,
  formTexts,
  onButton,
  showAllErrors,
  startForm,
  updateForm,
  withText,
} from "../../fields/form.ts";
import { activationCodeRules, textRules } from "../../fields/rules.ts";
import type { Words } from "../../words/words.ts";
import { problemText } from "../shared/form-problems.ts";
import { testTyped } from "../shared/test-typed.ts";

type Name = "url" | "code";

export interface EnrolmentState {
  readonly form: FormState<Name>;
  readonly opened: Record<Name, string>;
  readonly phase: "typing" | "sending" | "sent";
}

export function startEnrolment(settings: Settings): EnrolmentState {
  const opened = { url: settings.platform.url ?? "", code: "" };
  const form = startForm<Name>(opened);
  // With a known address, only the code remains to be typed.
  return { opened, form: opened.url === "" ? form : { ...form, focus: 1 }, phase: "typing" };
}

export function enrolmentFields(state: EnrolmentState, context: Context): FieldDefinition<Name>[] {
  const { words } = context;
  const typed = normalizeActivationCode(state.form.fields.code.text).length;
  const good = parseActivationCode(state.form.fields.code.text).ok;
  const progress =
    typed === 0
      ? ""
      : `${good ? words.say("platform.codeGood") : words.say("platform.codeTyped", { typed })} `;
  return [
    {
      kind: "text",
      name: "url",
      label: "label.platform.url",
      hint: words.say("hint.platform.url"),
      help: "help.platform.url",
      rules: textRules,
      width: 44,
    },
    {
      kind: "text",
      name: "code",
      label: "platform.code",
      hint: `${progress}${words.say("platform.hint.code")}`,
      help: "help.platform.code",
      rules: activationCodeRules,
      width: 24,
      note: typed === 0 && isCodeKept(context) ? words.say("platform.codeKept") : undefined,
    },
  ];
}

export function enrolmentErrors(
  state: EnrolmentState,
  context: Context,
): Partial<Record<Name, string>> {
  const { words } = context;
  const { url, code } = formTexts(state.form);
  const errors: Partial<Record<Name, string>> = {};
  const address = parsePlatformUrl(url);
  if (!address.ok) errors.url = problemText(problemAt("platform.url", address), words);
  const codeError = usesKeptCode(code, context) ? null : activationCodeError(code, words);
  if (codeError !== null) errors.code = codeError;
  return errors;
}

/** Answers of the platform after which a code is of no use any more. */
const spent: readonly string[] = ["code-unknown", "code-expired", "code-used"];

/** configd has a code that the platform has not judged yet, as after a wrong address. */
function isCodeKept({ status }: Context): boolean {
  return (
    status?.secrets.activationCode === true && !spent.includes(status.agent?.failure?.code ?? "")
  );
}

function usesKeptCode(typed: string, context: Context): boolean {
  return typed.trim() === "" && isCodeKept(context);
}

function activationCodeError(typed: string, words: Words): string | null {
  if (typed.trim() === "") return problemText({ field: "", code: "required" }, words);
  const parsed = parseActivationCode(typed);
  if (parsed.ok) return null;
  const { problem } = parsed;
  switch (problem.kind) {
    case "length":
      return problem.length < 20
        ? words.say("platform.codeShort", { length: problem.length })
        : words.say("platform.codeLong", { length: problem.length });
    case "character":
      return words.say("platform.codeCharacter", {
        position: problem.position,
        character: problem.character,
      });
    case "check": {
      if (problem.likelyPosition === null) return words.say("platform.codeWrong");
      const character = normalizeActivationCode(typed)[problem.likelyPosition - 1] ?? "";
      return words.say("platform.codeLikely", {
        position: problem.likelyPosition,
        character,
        group: Math.ceil(problem.likelyPosition / 5),
      });
    }
  }
}

export const enrolmentModel: ScreenModel<EnrolmentState> = {
  name: "enrolment",
  title: "platform.title",
  update(state: EnrolmentState, event: ScreenEvent, context: Context): Step<EnrolmentState> {
    const { words } = context;
    switch (event.type) {
      case "key": {
        if (event.key.name === "f4")
          return { state, effects: [{ type: "open", screen: { name: "firewall" } }] };
        if (event.key.name === "f6") return testAddress(state, context);
        if (event.key.name === "f7")
          return { state, effects: [{ type: "open", screen: { name: "egress" } }] };
        const fields = enrolmentFields(state, context);
        const step = updateForm(state.form, event.key, fields);
        const next: EnrolmentState = {
          ...state,
          form: step.form,
          phase: step.handled && state.phase === "sent" ? "typing" : state.phase,
        };
        return step.submitted ? submit(next, context) : { state: next, handled: step.handled };
      }
      case "reply": {
        if (event.verb !== "enrol") return { state };
        const form = withText(state.form, "code", "");
        const opened = formTexts(form);
        return {
          state: { form: { ...form, left: [] }, opened, phase: "sent" },
          effects: [{ type: "message", text: words.say("platform.saved"), style: "good" }],
        };
      }
      case "failed":
        return {
          state: { ...state, phase: "typing" },
          effects: [{ type: "message", text: failureText(event.failure, words), style: "bad" }],
        };
      default:
        return { state };
    }
  },
  unsaved: (state) =>
    state.phase !== "sending" && !isDeepStrictEqual(formTexts(state.form), state.opened),
  help(state, context) {
    const fields = enrolmentFields(state, context);
    const field = onButton(state.form, fields) ? undefined : fields[state.form.focus];
    return field ? [field.help, "help.platform"] : ["help.platform"];
  },
};

/** Tests the typed address. The code is not needed for it. */
function testAddress(state: EnrolmentState, context: Context): Step<EnrolmentState> {
  const { status, words } = context;
  if (status === null)
    return {
      state,
      effects: [{ type: "message", text: words.say("banner.noConfigd"), style: "warning" }],
    };
  const address = parsePlatformUrl(state.form.fields.url.text);
  if (!address.ok) {
    const { url } = enrolmentErrors(state, context);
    const form = showAllErrors(
      state.form,
      url === undefined ? {} : { url },
      enrolmentFields(state, context),
    );
    return {
      state: { ...state, form: { ...form, left: ["url"] } },
      effects: [{ type: "message", text: words.say("form.errors"), style: "bad" }],
    };
  }
  const { settings } = status;
  const change = { settings: { ...settings, platform: { url: address.value } } };
  const touched = address.value !== settings.platform.url;
  return { state, effects: testTyped("enrolment", change, touched, context) };
}

function submit(state: EnrolmentState, context: Context): Step<EnrolmentState> {
  const { words } = context;
  if (state.phase === "sending") return { state };
  const { url, code } = formTexts(state.form);
  const address = parsePlatformUrl(url);
  const parsed = usesKeptCode(code, context) ? null : parseActivationCode(code);
  if (!address.ok || parsed?.ok === false) {
    const form = showAllErrors(
      state.form,
      enrolmentErrors(state, context),
      enrolmentFields(state, context),
    );
    return {
      state: { ...state, form },
      effects: [{ type: "message", text: words.say("form.errors"), style: "bad" }],
    };
  }
  return {
    state: { ...state, phase: "sending" },
    effects: [
      { type: "message", text: words.say("platform.sending"), style: "normal" },
      {
        type: "ask",
        verb: "enrol",
        request: parsed ? { url: address.value, code: parsed.code.text } : { url: address.value },
      },
    ],
  };
}
