/**
 * Gives a buffer's memory back at once; nobody may look at it afterwards. V8 counts buffers against
 * the limit of the heap, and this program's heap is so small that each few megabytes of them would
 * cost a walk through all of it: half of the time that parts took on their way out of the spool.
 */
export function release(bytes: Uint8Array): void {
  const { buffer } = bytes;
  // What is cut from something larger, as small buffers are from Node's pool, is not this one's to
  // give.
  if (buffer instanceof ArrayBuffer && bytes.byteLength === buffer.byteLength) buffer.transfer(0);
}
