import { isDeepStrictEqual } from "node:util";
import { withTexts } from "../../../src/settings/form.ts";
import type { Settings } from "../../../src/settings/model/schema.ts";
import { parseCertificate } from "../../../src/settings/values/certificates.ts";
import {
  type Context,
  failureText,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";
import type { Key } from "../../page/key.ts";
import { moveInList } from "../shared/choosing.ts";
import { problemText } from "../shared/form-problems.ts";
import type { VolumeFacts } from "../support/model.ts";
import { certificatesIn, readCertificates } from "./pem.ts";

export interface Pasting {
  from: "paste";
  text: string;
  /** More was pasted than fits: the text is not what was pasted, until it is emptied. */
  overfull?: true | undefined;
  /** How many were added since: after one, the next may follow in the same paste. */
  added: number;
}

export type Adding =
  | Pasting
  | { from: "volumes"; volumes: readonly VolumeFacts[] | null; selected: number }
  | { from: "files"; volume: string; files: readonly string[] | null; selected: number }
  /** What Diagnostics has shown: exactly these are added, nothing is fetched again. */
  | { from: "way"; seen: readonly string[]; selected: number };

export interface CertificatesState {
  /** The certificates in PEM, as they would be saved. */
  readonly certificates: readonly string[];
  readonly opened: readonly string[];
  readonly selected: number;
  readonly adding: Adding | null;
}

export function startCertificates(
  settings: Settings,
  seen: readonly string[] = [],
): CertificatesState {
  const { certificates } = settings.trust;
  // Only authorities: what the settings would not take is not offered either.
  const authorities = seen.filter((pem) => parseCertificate(pem).ok);
  const adding: Adding | null =
    authorities.length === 0 ? null : { from: "way", seen: authorities, selected: 0 };
  return { certificates, opened: certificates, selected: 0, adding };
}

const longestPaste = 60_000;

export const certificatesModel: ScreenModel<CertificatesState> = {
  name: "certificates",
  title: "certificates.title",
  update(state: CertificatesState, event: ScreenEvent, context: Context): Step<CertificatesState> {
    const { words } = context;
    switch (event.type) {
      case "key":
        if (state.adding?.from === "paste") return paste(state, state.adding, event.key, context);
        return state.adding === null
          ? press(state, event.key, context)
          : choose(state, state.adding, event.key.name, context);
      case "reply":
        if (event.verb === "volumes" && state.adding?.from === "volumes")
          return { state: { ...state, adding: { ...state.adding, volumes: event.reply.volumes } } };
        if (event.verb === "certificateFiles" && state.adding?.from === "files")
          return { state: { ...state, adding: { ...state.adding, files: event.reply.files } } };
        return event.verb === "readVolume" ? add(state, event.reply.text, context) : { state };
      case "failed":
        return {
          state: { ...state, adding: null },
          effects: [{ type: "message", text: failureText(event.failure, words), style: "bad" }],
        };
      default:
        return { state };
    }
  },
  unsaved: ({ certificates, opened, adding }) =>
    !isDeepStrictEqual(certificates, opened) || (adding?.from === "paste" && adding.text !== ""),
  help: () => ["help.certificates"],
};

function press(state: CertificatesState, key: Key, context: Context): Step<CertificatesState> {
  const moved = moveInList(state.selected, key.name, state.certificates.length);
  if (moved !== null) return { state: { ...state, selected: moved } };
  switch (key.name) {
    case "f3":
      return { state: { ...state, adding: { from: "paste", text: "", added: 0 } } };
    case "f4":
      return {
        state: { ...state, adding: { from: "volumes", volumes: null, selected: 0 } },
        effects: [{ type: "ask", verb: "volumes", request: {} }],
      };
    case "delete":
    case "f8": {
      const certificates = state.certificates.filter((_, index) => index !== state.selected);
      return {
        state: {
          ...state,
          certificates,
          selected: Math.max(0, Math.min(state.selected, certificates.length - 1)),
        },
      };
    }
    case "f2":
    case "enter":
      return review(state, context);
    case "character":
      // A paste without F3: were it not taken, its Enters would open Review and apply a change.
      return key.text === "?"
        ? { state, handled: false }
        : paste(state, { from: "paste", text: "", added: 0 }, key, context);
    default:
      return { state, handled: false };
  }
}

/**
 * A terminal without bracketed paste types the lines of a certificate, with Enter between them, and
 * those of the next one after it: so Enter never leads to a screen where they would be commands.
 */
function paste(
  state: CertificatesState,
  pasting: Pasting,
  key: Key,
  context: Context,
): Step<CertificatesState> {
  const { text } = pasting;
  switch (key.name) {
    case "character":
      return { state: { ...state, adding: withMore(pasting, key.text) } };
    case "enter":
      return certificatesIn(text).length > 0 && /-----END CERTIFICATE-----\s*$/.test(text)
        ? addAndGoOn(state, pasting, context)
        : { state: { ...state, adding: withMore(pasting, "\n") } };
    case "f2":
      return text.trim() === "" && pasting.added > 0
        ? { state: { ...state, adding: null } }
        : addPasted(state, pasting, context);
    case "backspace":
      return { state: { ...state, adding: shortened(pasting, [...text].slice(0, -1).join("")) } };
    case "ctrl-u":
      return { state: { ...state, adding: shortened(pasting, "") } };
    case "escape":
      return { state: { ...state, adding: null } };
    default:
      return { state, handled: key.name !== "f10" };
  }
}

function withMore(pasting: Pasting, more: string): Pasting {
  const text = pasting.text + more;
  return text.length > longestPaste ? { ...pasting, overfull: true } : { ...pasting, text };
}

/** What is left of a text that was too long is still not what was pasted, unless nothing is left. */
function shortened(pasting: Pasting, text: string): Pasting {
  return text === "" ? { from: "paste", text, added: pasting.added } : { ...pasting, text };
}

function addPasted(
  state: CertificatesState,
  { text, overfull }: Pasting,
  context: Context,
): Step<CertificatesState> {
  if (!overfull) return add(state, text, context);
  const told = context.words.say("form.overfull", { limit: longestPaste });
  return { state, effects: [{ type: "message", text: told, style: "bad" }] };
}

/** Adds what is whole, and waits for what may follow. */
function addAndGoOn(
  state: CertificatesState,
  pasting: Pasting,
  context: Context,
): Step<CertificatesState> {
  const step = addPasted(state, pasting, context);
  if (step.state.adding !== null)
    return { ...step, state: { ...state, adding: withMore(pasting, "\n") } };
  const added = pasting.added + step.state.certificates.length - state.certificates.length;
  return { ...step, state: { ...step.state, adding: { from: "paste", text: "", added } } };
}

function choose(
  state: CertificatesState,
  adding: Exclude<Adding, Pasting>,
  key: string,
  context: Context,
): Step<CertificatesState> {
  if (key === "escape") return { state: { ...state, adding: null } };
  const list = listOf(adding);
  const moved = moveInList(adding.selected, key, list.length);
  if (moved !== null) return { state: { ...state, adding: { ...adding, selected: moved } } };
  if (key !== "enter" && key !== "f2") return { state, handled: key !== "f10" };
  if (adding.from === "way") {
    const pem = adding.seen[adding.selected];
    return pem === undefined ? { state } : add(state, pem, context);
  }
  if (adding.from === "files") {
    const file = adding.files?.[adding.selected];
    return {
      state,
      effects:
        file === undefined
          ? []
          : [{ type: "ask", verb: "readVolume", request: { volume: adding.volume, file } }],
    };
  }
  const volume = adding.volumes?.[adding.selected];
  if (volume === undefined) return { state };
  return {
    state: { ...state, adding: { from: "files", volume: volume.id, files: null, selected: 0 } },
    effects: [{ type: "ask", verb: "certificateFiles", request: { volume: volume.id } }],
  };
}

function listOf(adding: Exclude<Adding, Pasting>): readonly unknown[] {
  if (adding.from === "way") return adding.seen;
  return (adding.from === "volumes" ? adding.volumes : adding.files) ?? [];
}

function add(state: CertificatesState, text: string, { words }: Context): Step<CertificatesState> {
  const { good, problem } = readCertificates(text);
  if (good.length === 0) {
    const nothing = text.trim() === "" || problem === null;
    const told = nothing ? words.say("certificates.noneFound") : problemText(problem, words);
    return { state, effects: [{ type: "message", text: told, style: "bad" }] };
  }
  const fresh = good.filter((pem) => !state.certificates.includes(pem));
  const certificates = [...state.certificates, ...fresh];
  const message =
    fresh.length === 0
      ? words.say("certificates.known")
      : words.say("certificates.added", { count: fresh.length });
  const added: CertificatesState = {
    ...state,
    certificates,
    adding: null,
    selected: certificates.length - 1,
  };
  if (problem === null)
    return {
      state: added,
      effects: [{ type: "message", text: message, style: fresh.length === 0 ? "warning" : "good" }],
    };
  const both = words.say("certificates.addedSome", {
    message,
    problem: problemText(problem, words),
  });
  return { state: added, effects: [{ type: "message", text: both, style: "warning" }] };
}

function review(state: CertificatesState, { status, words }: Context): Step<CertificatesState> {
  if (status === null)
    return {
      state,
      effects: [{ type: "message", text: words.say("banner.noConfigd"), style: "warning" }],
    };
  const validation = withTexts(status.settings, {
    "trust.certificates": state.certificates.join(""),
  });
  if (!validation.ok) {
    const [problem] = validation.problems;
    return {
      state,
      effects: problem
        ? [{ type: "message", text: problemText(problem, words), style: "bad" }]
        : [],
    };
  }
  if (isDeepStrictEqual(validation.settings, status.settings))
    return {
      state,
      effects: [{ type: "message", text: words.say("form.noChange"), style: "warning" }],
    };
  return {
    state,
    effects: [
      { type: "open", screen: { name: "review", change: { settings: validation.settings } } },
    ],
  };
}
