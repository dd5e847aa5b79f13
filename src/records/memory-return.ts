/** Array buffers that hold one unpacked thing and room nobody uses. */
const owned = new WeakSet<ArrayBufferLike>()

/** Of bytes that lie alone in an array buffer larger than they are: their memory can be given back as well. */
export const lyingAlone = (bytes: Buffer): Buffer => {
  owned.add(bytes.buffer)
  return bytes
}

/**
 * Gives the memory of unpacked bytes back at once, when they lie in an array buffer of their own. Nobody may look at them any more.
 *
 * Left to the garbage collector, memory outside its heap sets it off again and again: unpacking 64 KiB blocks cost three times as much.
 */
export const giveBack = (bytes: Buffer): void => {
  const { buffer } = bytes
  if (!(buffer instanceof ArrayBuffer) || bytes.byteLength === 0) return
  if (bytes.byteLength === buffer.byteLength || owned.has(buffer)) buffer.transfer(0)
}
