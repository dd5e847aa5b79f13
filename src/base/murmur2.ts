const seed = 0x9747b28c | 0
const mix = 0x5bd1e995

/** MurmurHash2, 32 bits, the seed Kafka's partitioner uses; signed as in Java. */
export function murmur2(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let hash = seed ^ (end - start)
  let at = start
  for (; end - at >= 4; at += 4) {
    let word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)
    word = Math.imul(word, mix)
    word ^= word >>> 24
    hash = Math.imul(hash, mix) ^ Math.imul(word, mix)
  }
  const rest = end - at
  if (rest >= 3) hash ^= bytes[at + 2] << 16
  if (rest >= 2) hash ^= bytes[at + 1] << 8
  if (rest >= 1) hash = Math.imul(hash ^ bytes[at], mix)
  hash ^= hash >>> 13
  hash = Math.imul(hash, mix)
  return hash ^ (hash >>> 15)
}

/** Drops the sign the way Kafka does before it takes a remainder (not an absolute value). */
export function positiveHash(hash: number): number {
  return hash & 0x7fffffff
}
