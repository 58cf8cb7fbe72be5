import { createConnection, type Socket } from "node:net";
import { createInterface } from "node:readline";

/**
 * QEMU's machine protocol: one JSON object a line,
 * https://www.qemu.org/docs/master/interop/qmp-spec.html
 */
export class Qmp {
  readonly #socket: Socket;
  readonly #waiting = new Map<
    string,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #counter = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async connect(path: string): Promise<Qmp> {
    const socket = createConnection(path);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    const qmp = new Qmp(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => qmp.#giveUp());
    // The connection breaks off when the machine ends; readline passes that on as an error of its
    // own.
    createInterface({ input: socket })
      .on("error", () => undefined)
      .on("line", (line) => qmp.#read(line));
    await qmp.execute("qmp_capabilities");
    return qmp;
  }

  execute(command: string, parameters: Record<string, unknown> = {}): Promise<unknown> {
    this.#counter += 1;
    const id = String(this.#counter);
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new Error("QEMU has ended"));
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: parameters, id })}\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(line: string): void {
    const message: unknown = JSON.parse(line);
    if (
      typeof message !== "object" ||
      message === null ||
      !("id" in message) ||
      typeof message.id !== "string"
    )
      return;
    const waiter = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ("error" in message) waiter?.reject(new Error(`QEMU: ${JSON.stringify(message.error)}`));
    else waiter?.resolve("return" in message ? message.return : undefined);
  }

  #giveUp(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error("QEMU has ended"));
    this.#waiting.clear();
  }
}
