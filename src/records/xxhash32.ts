const PRIME_1 = 0x9e3779b1 | 0
const PRIME_2 = 0x85ebca77 | 0
const PRIME_3 = 0xc2b2ae3d | 0
const PRIME_4 = 0x27d4eb2f | 0
const PRIME_5 = 0x165667b1 | 0

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))
const round = (lane: number, word: number): number => Math.imul(rotate((lane + Math.imul(word, PRIME_2)) | 0, 13), PRIME_1)

/** xxHash32 with seed 0 of bytes[start, end): the checksums of LZ4 frames. */
export const xxhash32 = (bytes: Buffer, start: number, end: number): number => {
  let at = start
  let hash: number
  if (end - start >= 16) {
    let a = (PRIME_1 + PRIME_2) | 0
    let b = PRIME_2
    let c = 0
    let d = -PRIME_1 | 0
    for (; at <= end - 16; at += 16) {
      a = round(a, bytes.readInt32LE(at))
      b = round(b, bytes.readInt32LE(at + 4))
      c = round(c, bytes.readInt32LE(at + 8))
      d = round(d, bytes.readInt32LE(at + 12))
    }
    hash = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)
  } else hash = PRIME_5
  hash = (hash + (end - start)) | 0
  for (; at <= end - 4; at += 4) hash = Math.imul(rotate((hash + Math.imul(bytes.readInt32LE(at), PRIME_3)) | 0, 17), PRIME_4)
  for (; at < end; at++) hash = Math.imul(rotate((hash + Math.imul(bytes[at]!, PRIME_5)) | 0, 11), PRIME_1)
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2)
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3)
  return (hash ^ (hash >>> 16)) >>> 0
}
