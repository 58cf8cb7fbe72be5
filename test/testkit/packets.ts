/** Packets as they are on the wire, for what reads captures. */

const word = (value: number) => Buffer.from([(value >> 8) & 0xff, value & 0xff]);

/** A frame, in these VLANs. */
export function ethernet(type: number, contents: Buffer, vlans: readonly number[] = []): Buffer {
  const tags = vlans.flatMap((vlan) => [word(0x8100), word(vlan)]);
  return Buffer.concat([Buffer.alloc(12, 2), ...tags, word(type), contents]);
}

export function ipv4(
  protocol: number,
  contents: Buffer,
  { fragment = 0 }: { fragment?: number } = {},
): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + contents.length, 2);
  header.writeUInt16BE(fragment, 6);
  header[8] = 64;
  header[9] = protocol;
  header.set([192, 0, 2, 50, 198, 51, 100, 20], 12);
  return Buffer.concat([header, contents]);
}

export function ipv6(next: number, contents: Buffer): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(contents.length, 4);
  header[6] = next;
  header[7] = 64;
  return Buffer.concat([header, contents]);
}

/** A fragment that is not the first. */
export function fragment6(next: number, contents: Buffer, offset: number): Buffer {
  const header = Buffer.concat([Buffer.from([next, 0]), word(offset), Buffer.alloc(4)]);
  return ipv6(44, Buffer.concat([header, contents]));
}

export function tcp(from: number, to: number, contents: Buffer, flags = 0x18): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(from, 0);
  header.writeUInt16BE(to, 2);
  header[12] = 0x50;
  header[13] = flags;
  return Buffer.concat([header, contents]);
}

export function udp(from: number, to: number, contents: Buffer): Buffer {
  const length = word(8 + contents.length);
  return Buffer.concat([word(from), word(to), length, word(0), contents]);
}

export function icmpQuote(type: number, quoted: Buffer): Buffer {
  return ipv4(1, Buffer.concat([Buffer.from([type, 13, 0, 0, 0, 0, 0, 0]), quoted]));
}

export function icmpQuote6(type: number, quoted: Buffer): Buffer {
  return ipv6(58, Buffer.concat([Buffer.from([type, 1, 0, 0, 0, 0, 0, 0]), quoted]));
}

export const arpPacket = Buffer.concat([
  Buffer.from([0, 1, 8, 0, 6, 4, 0, 1]),
  Buffer.alloc(20, 3),
]);

/** A file of pcap-savefile(5) for Ethernet. */
export function pcapFile(packets: readonly Buffer[], order: "LE" | "BE"): Buffer {
  const header = Buffer.alloc(24);
  if (order === "LE") {
    header.writeUInt32LE(0xa1b2c3d4, 0);
    header.writeUInt32LE(1, 20);
  } else {
    header.writeUInt32BE(0xa1b2c3d4, 0);
    header.writeUInt32BE(1, 20);
  }
  return Buffer.concat([header, ...packets.map((packet) => pcapRecord(packet, order))]);
}

export function pcapRecord(packet: Buffer, order: "LE" | "BE", length = packet.length): Buffer {
  const header = Buffer.alloc(16);
  if (order === "LE") {
    header.writeUInt32LE(length, 8);
    header.writeUInt32LE(length, 12);
  } else {
    header.writeUInt32BE(length, 8);
    header.writeUInt32BE(length, 12);
  }
  return Buffer.concat([header, packet]);
}
