/**
 * The lines of a stream, without the one at its end that is not whole. Throws RangeError when one has
 * more than `mostBytes`.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  mostBytes: number,
): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end);
      if (length + end > mostBytes) throw tooLong(mostBytes);
      yield held.length === 0 ? line : Buffer.concat([...held, line]);
      held = [];
      length = 0;
      rest = rest.subarray(end + 1);
    }
    length += rest.length;
    if (length > mostBytes) throw tooLong(mostBytes);
    if (rest.length > 0) held.push(rest);
  }
}

function tooLong(mostBytes: number): RangeError {
  return new RangeError(`a line of more than ${mostBytes} bytes`);
}
