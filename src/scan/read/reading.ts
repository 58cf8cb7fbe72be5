import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { type Engine, engineNamed } from "../engine.ts";
import type { ReadAnswer, ReadOrder } from "./schemas.ts";
import { validators } from "./validators.ts";

const longestOrder = 1000;

/**
 * Reads what an engine left, in a process of its own: the order and the bytes come from `input`, a
 * line of JSON for each host and one for the run go to `output`. Rejects for an order that is none.
 */
export async function readForAgent(
  engines: readonly Engine[],
  input: Readable,
  output: Writable,
): Promise<void> {
  const chunks = input.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]();
  const { order, rest } = await readOrder(chunks);
  const engine = engineNamed(engines, order.engine);
  const say = async (answer: ReadAnswer) => {
    if (!output.write(`${JSON.stringify(answer)}\n`)) await once(output, "drain");
  };
  const bytes = withRest(rest, chunks);
  if (order.what === "progress") {
    for (const host of await engine.readProgress(bytes)) await say({ host });
    await say({ run: null });
  } else {
    const reading = engine.read(bytes);
    let next = await reading.next();
    for (; !next.done; next = await reading.next()) await say({ host: next.value });
    await say({ run: next.value });
  }
  // Who closes a socket in which something waits to be read makes the other side lose what was said.
  while (!(await chunks.next()).done);
}

async function readOrder(
  chunks: AsyncIterator<Uint8Array>,
): Promise<{ order: ReadOrder; rest: Buffer }> {
  let read: Buffer = Buffer.alloc(0);
  for (;;) {
    const end = read.indexOf("\n");
    if (end >= 0) {
      const order = validators.ReadOrder(JSON.parse(read.toString("utf8", 0, end)));
      if (order.valid) return { order: order.value, rest: read.subarray(end + 1) };
      break;
    }
    const next = read.length > longestOrder ? null : await chunks.next();
    if (next === null || next.done) break;
    read = Buffer.concat([read, next.value]);
  }
  throw new TypeError("what came first is no order to read");
}

async function* withRest(
  rest: Uint8Array,
  chunks: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield rest;
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
}
