/** One attribute (AV_PAIR) of a server (MS-NLMP section 2.2.2.1). */
export interface AttributeValue {
  id: number;
  value: Buffer;
}

export const attributeIds = {
  endOfList: 0,
  flags: 6,
  timestamp: 7,
  targetName: 9,
  channelBindings: 10,
} as const;
/** MsvAvFlags, bit 0x2: the AUTHENTICATE message carries a MIC. */
export const micPresent = 0x2;

const mostAttributes = 64;

/** Null when the list is cut off, endless or without MsvAvEOL. */
export function readAttributes(bytes: Buffer): AttributeValue[] | null {
  const attributes: AttributeValue[] = [];
  for (let offset = 0; offset + 4 <= bytes.length && attributes.length <= mostAttributes; ) {
    const id = bytes.readUInt16LE(offset);
    const length = bytes.readUInt16LE(offset + 2);
    if (id === attributeIds.endOfList) return attributes;
    const value = bytes.subarray(offset + 4, offset + 4 + length);
    if (value.length < length) return null;
    attributes.push({ id, value });
    offset += 4 + length;
  }
  return null;
}

export function writeAttributes(attributes: readonly AttributeValue[]): Buffer {
  const parts = [...attributes, { id: attributeIds.endOfList, value: Buffer.alloc(0) }].flatMap(
    ({ id, value }) => {
      const header = Buffer.alloc(4);
      header.writeUInt16LE(id, 0);
      header.writeUInt16LE(value.length, 2);
      return [header, value];
    },
  );
  return Buffer.concat(parts);
}

/**
 * MS-NLMP section 3.1.5.1.2: the server's attributes as the client returns them, with the flag that
 * a MIC follows, empty channel bindings, and the name of the service (MsvAvTargetName), so that the
 * answer is worthless at another service.
 */
export function clientAttributes(
  server: readonly AttributeValue[],
  serviceName: string,
): AttributeValue[] {
  const flags = Buffer.alloc(4);
  const known = server.find(({ id }) => id === attributeIds.flags);
  flags.writeUInt32LE(
    ((known && known.value.length === 4 ? known.value.readUInt32LE(0) : 0) | micPresent) >>> 0,
    0,
  );
  const replaced: readonly number[] = [
    attributeIds.flags,
    attributeIds.channelBindings,
    attributeIds.targetName,
  ];
  return [
    ...server.filter(({ id }) => !replaced.includes(id)),
    { id: attributeIds.flags, value: flags },
    { id: attributeIds.channelBindings, value: Buffer.alloc(16) },
    { id: attributeIds.targetName, value: Buffer.from(serviceName, "utf16le") },
  ];
}
