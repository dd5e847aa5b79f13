import { randomBytes, randomInt } from 'node:crypto'
import { assert } from '../../base/index.ts'
import type { Random } from '../random.ts'

export const nodeRandom: Random = {
  bytes: (count) => randomBytes(count),
  below: (below) => {
    assert(below >= 1 && below <= 2 ** 32, 'below is in [1, 2^32]')
    return randomInt(below)
  },
  fraction: () => {
    const bytes = randomBytes(8)
    // 53 bits, as many as a double's fraction holds.
    return (bytes.readUInt32BE(0) * 2 ** 21 + (bytes.readUInt32BE(4) >>> 11)) / 2 ** 53
  },
}
