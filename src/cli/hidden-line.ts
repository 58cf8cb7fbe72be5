/** Longer than any secret; what is longer is refused as a whole, and need not be kept. */
const mostKept = 1000;

/**
 * A line that is typed unseen, with the keys that a terminal's own line has: Backspace, Ctrl-U for
 * all of it, Ctrl-W for a word (termios(3): ERASE, KILL, WERASE). Other keys, as arrows, are no part
 * of the text, nor are the sequences of characters by which they come.
 */
export class HiddenLine {
  #characters: string[] = [];
  #sequence = "";

  get text(): string {
    return this.#characters.join("");
  }

  /** Takes one character. `end` for Enter, `stop` for Ctrl-C and Ctrl-D. */
  take(character: string): "end" | "stop" | "more" {
    if (this.#isOfSequence(character)) return "more";
    switch (character) {
      case "\r":
      case "\n":
        return "end";
      case "\u0003":
      case "\u0004":
        return "stop";
      case "\u007f":
      case "\b":
        this.#characters.pop();
        return "more";
      case "\u0015":
        this.#characters = [];
        return "more";
      case "\u0017":
        this.#characters = [...this.text.replace(/\S*\s*$/, "")];
        return "more";
      case "\u001b":
        this.#sequence = character;
        return "more";
    }
    const isControl = character < " " || (character >= "\u0080" && character < "\u00a0");
    if (!isControl && this.#characters.length < mostKept) this.#characters.push(character);
    return "more";
  }

  /** ESC [ parameters final, and ESC O final (ECMA-48 section 5.4). */
  #isOfSequence(character: string): boolean {
    if (this.#sequence === "") return false;
    const begun = this.#sequence;
    this.#sequence = "";
    if (begun === "\u001b") {
      const isSequence = character === "[" || character === "O";
      if (isSequence) this.#sequence = begun + character;
      return isSequence;
    }
    const isParameter = character >= " " && character <= "?";
    if (isParameter) this.#sequence = begun + character;
    return isParameter || (character >= "@" && character <= "~");
  }
}
