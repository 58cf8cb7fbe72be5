/**
 * Frees a buffer's memory at once; the buffer must not be read afterwards. V8 counts buffers against
 * the heap limit, and the agent's heap is so small that every few megabytes of buffers started a
 * full garbage collection: measured, half of the time that uploading parts took.
 */
export function release(bytes: Uint8Array): void {
  const { buffer } = bytes;
  // A view of a larger buffer does not own its memory, as small buffers from Node's pool.
  if (buffer instanceof ArrayBuffer && bytes.byteLength === buffer.byteLength) buffer.transfer(0);
}
