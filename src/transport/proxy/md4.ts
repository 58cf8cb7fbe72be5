/**
 * MD4 (RFC 1320 section 3: pad, append the length, process blocks of 16 words). NTLM hashes
 * passwords with it, and OpenSSL 3 has it only in a provider that Node does not load. It is broken;
 * use it for nothing else.
 */
export function md4(message: Uint8Array): Buffer {
  const blocks = Math.ceil((message.length + 9) / 64);
  const padded = Buffer.alloc(blocks * 64);
  padded.set(message);
  padded[message.length] = 0x80;
  padded.writeBigUInt64LE(BigInt(message.length) * 8n, padded.length - 8);
  const state = new Uint32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]);
  for (let offset = 0; offset < padded.length; offset += 64)
    addBlock(state, padded.subarray(offset, offset + 64));
  const result = Buffer.alloc(16);
  for (const [index, word] of state.entries()) result.writeUInt32LE(word, index * 4);
  return result;
}

interface Round {
  mix(b: number, c: number, d: number): number;
  constant: number;
  /** The word of the block that each of the 16 steps takes. */
  order: readonly number[];
  shifts: readonly number[];
}

const rounds: readonly Round[] = [
  {
    mix: (b, c, d) => (b & c) | (~b & d),
    constant: 0,
    order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    shifts: [3, 7, 11, 19],
  },
  {
    mix: (b, c, d) => (b & c) | (b & d) | (c & d),
    constant: 0x5a827999,
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    shifts: [3, 5, 9, 13],
  },
  {
    mix: (b, c, d) => b ^ c ^ d,
    constant: 0x6ed9eba1,
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    shifts: [3, 9, 11, 15],
  },
];

function addBlock(state: Uint32Array, block: Buffer): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (const { mix, constant, order, shifts } of rounds) {
    for (const [step, word] of order.entries()) {
      const sum = (a + mix(b, c, d) + block.readUInt32LE(word * 4) + constant) >>> 0;
      const shift = shifts[step % 4] ?? 0;
      [a, b, c, d] = [d, ((sum << shift) | (sum >>> (32 - shift))) >>> 0, b, c];
    }
  }
  for (const [index, value] of [a, b, c, d].entries()) state[index] = (state[index] ?? 0) + value;
}
