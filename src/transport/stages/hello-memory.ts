/** One connection of this time may find out again, at the price of one silent try. */
const rememberedMs = 60 * 60_000;

/** The routes on which only a ClientHello of classical groups gets through. */
export class HelloMemory {
  readonly #untilMs = new Map<string, number>();
  readonly #nowMs: () => number;

  /** @param nowMs monotonic */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  needsClassical(route: string): boolean {
    return (this.#untilMs.get(route) ?? 0) > this.#nowMs();
  }

  remember(route: string): void {
    this.#untilMs.set(route, this.#nowMs() + rememberedMs);
  }

  forget(route: string): void {
    this.#untilMs.delete(route);
  }
}
