import { createEngine, type Engine, type EngineOptions } from "../app/engine.ts";
import { pageOf, surroundings } from "../app/view.ts";
import { character, type Key } from "../page/key.ts";
import type { FieldBlock, PastedText, Surroundings } from "../page/page.ts";
import { drawable } from "../terminal/glyphs.ts";
import type { LineInput } from "./lines.ts";
import { type NumberedPart, Numberings } from "./numbering.ts";
import { entersRows, hasFocus, type Part, partsOf } from "./parts.ts";
import { pastedText } from "./paste.ts";
import { choiceLines, folded, renderPlain } from "./render.ts";
import { keyNamed, keysTo, keysTyping, keyTyped } from "./steer.ts";

export interface PlainOptions extends Omit<EngineOptions, "size"> {
  input: LineInput;
  /** Writes whole lines, or a prompt without a line end. */
  write(text: string): void;
}

/**
 * So large that the layout leaves out and cuts off nothing; lines are wrapped when they are
 * written.
 */
const firstStatusMs = 5000;
const size = { columns: 132, rows: 400 };

/**
 * Runs line mode: the same screens as numbered lines, for screen readers, dumb terminals and
 * scripts. A number chooses, fills in or does a part; the model gets the keys that a person would
 * press.
 */
export async function runPlain(options: PlainOptions): Promise<void> {
  const { input } = options;
  const words = options.words.byLine();
  const numberings = new Numberings();
  let said = { moment: "", whole: "" };
  let begin: () => void = () => undefined;
  const started = new Promise<void>((resolve) => {
    begin = resolve;
    setTimeout(resolve, firstStatusMs).unref();
  });
  let asking = true;
  const write = (lines: readonly string[]) =>
    options.write(
      `${folded(lines)
        .map((line) => drawable(line, "ascii-and-lines").replaceAll("─", "-"))
        .join("\n")}\n`,
    );
  const over = new AbortController();
  const engine = createEngine(
    {
      ...options,
      words,
      byLine: true,
      size,
      signal: AbortSignal.any([options.signal, over.signal]),
    },
    {
      changed: (_state, { type }) => {
        if (type === "status") begin();
        if (type === "answer" || type === "status" || type === "disconnected")
          announce(type === "answer");
      },
      repaint: () => undefined,
    },
  );
  /** Changes to write without a question: another screen, a message, a banner. */
  const moment = () => {
    const around = surroundings(engine.state);
    return JSON.stringify([
      pageOf(engine.state).title,
      around.message?.text,
      withoutNumbers(around.banner?.text ?? ""),
      engine.state.status === null,
    ]);
  };
  const openScreens = () => engine.state.pile.map(({ number }) => String(number));
  const visibleScreen = () => {
    const { overlay, lock } = engine.state;
    const above = [overlay?.kind, lock === null ? undefined : "lock"].filter(Boolean).join();
    return above === "" ? (openScreens().at(-1) ?? "") : above;
  };
  const numbered = () => numberings.on(visibleScreen()).of(pageOf(engine.state));
  const lines = (around: Partial<Surroundings> = {}) => {
    const { state } = engine;
    return renderPlain(pageOf(state), { ...surroundings(state), ...around }, words, numbered());
  };
  /** The whole screen without figures that change every second. */
  const whole = () => withoutNumbers(lines({ clock: "" }).join("\n"));
  const show = () => {
    said = { moment: moment(), whole: whole() };
    write(["", ...lines()]);
  };
  const prompt = () => {
    numberings.keep(visibleScreen(), openScreens()).of(pageOf(engine.state));
    options.write(`${words.say("plain.prompt")} `);
  };
  /** Writes news when it comes, but not while an answer is being read. */
  const announce = (answered: boolean) => {
    if (asking || (moment() === said.moment && (!answered || whole() === said.whole))) return;
    show();
    prompt();
  };

  const dialogue = async () => {
    const press = (keys: readonly Key[]) => {
      for (const key of keys) engine.dispatch({ type: "key", key });
    };
    write([words.say("plain.welcome")]);
    await started;
    show();
    while (!engine.end.aborted) {
      asking = false;
      prompt();
      const line = await input.line(engine.end);
      if (line === null) break;
      asking = true;
      await obey(line.trim(), engine, { words, input, write, press, numbered });
      if (engine.end.aborted) break;
      show();
      // Wait for configd's answer before the next prompt, so that a script need not wait.
      await engine.settled();
      asking = false;
      if (whole() !== said.whole) show();
    }
  };
  await Promise.race([engine.run(), dialogue()]);
  // Afterwards, a configd that goes away is no news any more.
  over.abort();
}

const withoutNumbers = (text: string) => text.replace(/[0-9:]+/g, "");

interface Tools {
  words: PlainOptions["words"];
  input: LineInput;
  write(lines: readonly string[]): void;
  press(keys: readonly Key[]): void;
  /** The parts of the page as it is now. */
  numbered(): readonly NumberedPart[];
}

async function obey(line: string, engine: Engine, tools: Tools): Promise<void> {
  const { words, write, press } = tools;
  // Any input closes help, and is then handled by the screen below.
  if (engine.state.overlay !== null && engine.state.overlay.kind !== "unsaved") {
    press([{ name: "escape" }]);
    if (line === "0" || line === words.say("plain.command.back")) return;
  }
  const page = pageOf(engine.state);
  if (page.pasted?.first.test(line)) return paste(line, page.pasted, engine, tools);
  if (line === "") return;
  const [, question, digits] = /^([?h]?)\s*([0-9]{1,4})$/.exec(line) ?? [];
  if (digits !== undefined && digits !== "0") {
    const part = tools.numbered().find(({ number }) => number === Number(digits))?.part;
    if (part === undefined) return write([words.say("plain.noNumber", { number: digits })]);
    if (question !== "") return help(part, engine, tools);
    return act(part, engine, tools);
  }
  const key = keyTyped(line, page);
  if (key !== null) return press([key]);
  switch (line.toLowerCase()) {
    case "0":
    case words.say("plain.command.back"):
      return engine.state.pile.length <= 1 && engine.state.overlay === null && engine.state.canLeave
        ? press([{ name: "ctrl-q" }])
        : press([{ name: "escape" }]);
    case words.say("plain.command.home"):
      return press([{ name: "f10" }]);
    case "?":
    case words.say("plain.command.help"):
      return press([{ name: "f1" }]);
    case words.say("plain.command.trial"):
      return press([{ name: "f9" }]);
    case words.say("plain.command.leave"):
      return press([{ name: "ctrl-q" }]);
    default:
      write([
        words.say("plain.notUnderstood", { typed: line.slice(0, 20) }),
        words.say("plain.commands"),
      ]);
  }
}

function help(part: Part, engine: Engine, { press }: Tools): void {
  const keys = keysTo(engine.state, part);
  press([...(keys ?? []), { name: "f1" }]);
}

async function act(part: Part, engine: Engine, tools: Tools): Promise<void> {
  const { words, write, press } = tools;
  if (part.kind === "key") {
    const key = keyNamed(part.key);
    return key === null ? undefined : press([key]);
  }
  const keys = keysTo(engine.state, part);
  if (keys === null) return write([words.say("plain.noWay")]);
  press(keys);
  if (part.kind === "field") return fill(part, engine, tools);
  // Most rows are only chosen: the page shows facts about the chosen row, and the screen's keys act
  // on it.
  if (part.kind !== "row" || entersRows(pageOf(engine.state))) press([{ name: "enter" }]);
}

async function paste(
  first: string,
  pasted: PastedText,
  engine: Engine,
  { words, input, write, press }: Tools,
): Promise<void> {
  const text = await pastedText(first, pasted, input, engine.end);
  if (text === null) return write([words.say("plain.pasteStopped")]);
  press([{ name: pasted.before }, character(text), { name: pasted.after }]);
}

async function fill(
  part: Part & { kind: "field" },
  engine: Engine,
  { words, input, write, press }: Tools,
): Promise<void> {
  const field = currentField(part, engine) ?? part.field;
  const { value } = field;
  if (field.hint) write([field.hint]);
  if (value.type === "choice") {
    write([...choiceLines(field), words.say("plain.choose", { label: field.label })]);
    const answer = Number((await input.line(engine.end)) ?? "");
    if (!Number.isInteger(answer) || answer < 1 || answer > value.options.length) return;
    for (let tries = 0; tries < value.options.length; tries++) {
      const now = currentField(part, engine)?.value;
      if (now?.type !== "choice" || now.selected === answer - 1) break;
      press([{ name: "right" }]);
    }
  } else {
    write([words.say(field.secret ? "plain.typeSecret" : "plain.type", { label: field.label })]);
    const typed = field.secret ? await input.secret(engine.end) : await input.line(engine.end);
    if (typed === null || typed === "") return;
    press(keysTyping(typed === "-" ? "" : typed));
    const now = currentField(part, engine);
    if (now?.error !== undefined) write([`! ${now.error}`]);
    // The field's new hint, as that the check digits of a code are right.
    else if (now?.hint !== undefined && now.hint !== field.hint) write([now.hint]);
  }
  // Leaving the field makes the form show its errors.
  const { blocks } = pageOf(engine.state);
  if (blocks[part.block]?.kind !== "field") return;
  // On a page without a button, Enter takes the typed text.
  press([{ name: blocks.some((block) => block.kind === "buttons") ? "tab" : "enter" }]);
}

function currentField(part: Part & { kind: "field" }, engine: Engine): FieldBlock | null {
  const page = pageOf(engine.state);
  const now = partsOf(page).find((each) => hasFocus(page, each));
  return now?.kind === "field" && now.field.label === part.field.label ? now.field : null;
}
