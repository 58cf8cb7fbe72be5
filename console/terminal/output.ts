import { Writable } from "node:stream";

/** A terminal to write to, such as process.stdout. */
export interface RawTerminalOutput extends NodeJS.WritableStream {
  columns?: number;
  rows?: number;
}

/**
 * Wraps the output of blessed. A serial line reports a size of 0x0, of which blessed makes a screen
 * of one character: here it counts as 80x24, as every serial terminal has.
 */
export class SizedOutput extends Writable {
  readonly isTTY = true;
  readonly #target: RawTerminalOutput;
  readonly #passResize = () => this.emit("resize");

  constructor(target: RawTerminalOutput) {
    super({ decodeStrings: false });
    this.#target = target;
    target.on("resize", this.#passResize);
  }

  get columns(): number {
    return this.#target.columns && this.#target.rows ? this.#target.columns : 80;
  }

  get rows(): number {
    return this.#target.columns && this.#target.rows ? this.#target.rows : 24;
  }

  override _write(
    chunk: Buffer | string,
    _encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    if (this.#target.write(chunk)) callback();
    else this.#target.once("drain", () => callback());
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#target.removeListener("resize", this.#passResize);
    callback(error);
  }
}
