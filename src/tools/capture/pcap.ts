import { keptLength } from "./kept-length.ts";
import { Tally } from "./tally.ts";

const fileHeader = 24;
const recordHeader = 16;
const ethernet = 1;
/** What tcpdump is told to take of a packet, and a little more than any Ethernet frame. */
export const longestPacket = 1600;

/** The output of tcpdump is not what was asked for. */
export class NotPcap extends Error {}

/**
 * Passes a capture on without the contents of its packets, in the format of pcap-savefile(5). It is
 * fed with what tcpdump writes, in any pieces; nothing that is cut off is kept anywhere.
 */
export class CaptureFilter {
  readonly tally = new Tally();
  readonly #mostBytes: number;
  readonly #pieces: Buffer[] = [];
  #length = 0;
  #waiting: Buffer = Buffer.alloc(0);
  #isLittleEndian: boolean | null = null;
  #isFull = false;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** No further packet has room. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Throws NotPcap. */
  write(chunk: Buffer): void {
    if (this.#isFull) return;
    this.#waiting = Buffer.concat([this.#waiting, chunk]);
    let at = 0;
    if (this.#isLittleEndian === null) {
      if (this.#waiting.length < fileHeader) return;
      this.#isLittleEndian = orderOf(this.#waiting);
      at = fileHeader;
      this.#keep(this.#waiting.subarray(0, fileHeader));
    }
    while (!this.#isFull) {
      const taken = this.#takePacket(at);
      if (taken === 0) break;
      at += taken;
    }
    this.#waiting = this.#isFull ? Buffer.alloc(0) : this.#waiting.subarray(at);
  }

  /** The whole file as far as it goes. */
  content(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  /** The length of the packet's record, or 0 while it is not complete. */
  #takePacket(at: number): number {
    const waiting = this.#waiting;
    if (waiting.length < at + recordHeader) return 0;
    const length = this.#number(waiting, at + 8);
    if (length > longestPacket) throw new NotPcap(`a packet has ${length} bytes`);
    const end = at + recordHeader + length;
    if (waiting.length < end) return 0;
    const packet = waiting.subarray(at + recordHeader, end);
    const kept = packet.subarray(0, keptLength(packet, this.tally));
    if (this.#length + recordHeader + kept.length > this.#mostBytes) {
      this.#isFull = true;
      return 0;
    }
    const header = Buffer.from(waiting.subarray(at, at + recordHeader));
    if (this.#isLittleEndian) header.writeUInt32LE(kept.length, 8);
    else header.writeUInt32BE(kept.length, 8);
    this.#keep(header);
    this.#keep(kept);
    this.tally.packets++;
    return recordHeader + length;
  }

  #number(bytes: Buffer, at: number): number {
    return this.#isLittleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  }

  #keep(bytes: Buffer): void {
    // A copy: the rest of the chunk must not stay in memory behind it.
    this.#pieces.push(Buffer.from(bytes));
    this.#length += bytes.length;
  }
}

/** Whether the file is little-endian. Throws NotPcap for another format, or no Ethernet. */
function orderOf(bytes: Buffer): boolean {
  const magics = [0xa1b2c3d4, 0xa1b23c4d];
  const isLittleEndian = magics.includes(bytes.readUInt32LE(0));
  if (!isLittleEndian && !magics.includes(bytes.readUInt32BE(0))) throw new NotPcap("no pcap file");
  const link = isLittleEndian ? bytes.readUInt32LE(20) : bytes.readUInt32BE(20);
  if ((link & 0xffff) !== ethernet) throw new NotPcap(`link type ${link}`);
  return isLittleEndian;
}
