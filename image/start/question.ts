import { askKey, ctrlC } from "./relay.ts";

const yes = ["\r", "\n"];
const no = [askKey, ctrlC, 0x04].map((byte) => String.fromCharCode(byte));

/** Waits for Enter. False on Ctrl-C, Ctrl-], Ctrl-D, or when the terminal is gone. */
export async function enterPressed(question: string): Promise<boolean> {
  const { stdin, stdout } = process;
  stdout.write(question);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const onKeys = (data: Buffer) => {
    const first = data.toString("latin1")[0] ?? "";
    if (yes.includes(first)) resolve(true);
    if (no.includes(first)) resolve(false);
  };
  const onEnd = () => resolve(false);
  // In raw mode Ctrl-C is a key, not a signal, and what is typed is not echoed.
  stdin.setRawMode(true);
  stdin.resume();
  stdin.on("data", onKeys);
  stdin.on("end", onEnd);
  try {
    return await promise;
  } finally {
    stdin.off("data", onKeys);
    stdin.off("end", onEnd);
    stdin.setRawMode(false);
    stdin.pause();
    stdout.write("\n");
  }
}
