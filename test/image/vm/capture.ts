import { readFile } from "node:fs/promises";

/** An Ethernet frame as it was on the wire. */
export interface Frame {
  from: string;
  to: string;
  /** The VLAN of its IEEE 802.1Q tag; null without one. */
  tag: number | null;
  /** EtherType: 0x0800 is IPv4, 0x0806 ARP. */
  type: number;
  /** Bytes of the packet inside, as IP counts them against the MTU. */
  packetBytes: number;
  /** It holds a fragment of an IPv4 packet. */
  fragment: boolean;
}

const fileHeaderBytes = 24;
const recordHeaderBytes = 16;

/**
 * The frames of a capture, without a last one that is still being written (pcap, little-endian,
 * Ethernet: what QEMU's filter-dump writes).
 */
export async function readCapture(path: string): Promise<Frame[]> {
  const bytes = await readFile(path);
  if (bytes.length < fileHeaderBytes || bytes.readUInt32LE(0) !== 0xa1b2c3d4)
    throw new SyntaxError(`${path} is no capture`);
  const frames: Frame[] = [];
  for (let offset = fileHeaderBytes; offset + recordHeaderBytes <= bytes.length; ) {
    const length = bytes.readUInt32LE(offset + 8);
    const start = offset + recordHeaderBytes;
    offset = start + length;
    if (offset <= bytes.length) frames.push(parseFrame(bytes.subarray(start, offset)));
  }
  return frames;
}

function parseFrame(bytes: Buffer): Frame {
  const tagged = bytes.readUInt16BE(12) === 0x8100;
  const headerBytes = tagged ? 18 : 14;
  const type = bytes.readUInt16BE(headerBytes - 2);
  return {
    from: macText(bytes.subarray(6, 12)),
    to: macText(bytes.subarray(0, 6)),
    tag: tagged ? bytes.readUInt16BE(14) & 0xfff : null,
    type,
    packetBytes: bytes.length - headerBytes,
    // RFC 791: "more fragments", or an offset other than 0.
    fragment: type === 0x0800 && (bytes.readUInt16BE(headerBytes + 6) & 0x3fff) !== 0,
  };
}

function macText(bytes: Buffer): string {
  return bytes.toString("hex").replace(/..(?!$)/g, "$&:");
}
