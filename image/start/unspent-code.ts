import type { Operator } from "../lab/operator.ts";

/** One activation code that nobody has used yet: a reset appliance needs another one. */
export class UnspentCode {
  readonly #operator: Operator;
  readonly #name: string;
  #last: { id: string; code: string } | null = null;

  constructor(operator: Operator, name: string) {
    this.#operator = operator;
    this.#name = name;
  }

  async get(): Promise<string> {
    const last = this.#last;
    const codes = last === null ? [] : await this.#operator.activationCodes();
    const waits = codes.some(({ id, state }) => id === last?.id && state === "waiting");
    if (last !== null && waits) return last.code;
    this.#last = await this.#operator.makeActivationCode(this.#name);
    return this.#last.code;
  }
}
