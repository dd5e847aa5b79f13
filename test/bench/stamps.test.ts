import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { STAMP_BYTES, Stamps } from '../../src/bench/stamps.ts'
import type { RecordChunk } from '../../src/client/index.ts'

/** These values as a consumer has them. */
function chunkOf(values: readonly Buffer[]): Pick<RecordChunk, 'next' | 'cursor'> {
  let index = -1
  return {
    next: () => ++index < values.length,
    get cursor() {
      return { bytes: values[index]!, valueAt: 0, valueLength: values[index]!.length } as RecordChunk['cursor']
    },
  }
}

describe('stamps in values', () => {
  const stamps = new Stamps(0xfedcba98)
  const values = Array.from({ length: 20_000 }, (_, index) => {
    const value = Buffer.alloc(STAMP_BYTES + 4)
    stamps.write(value, 0, 5000 + index / 8)
    return value
  })
  const read = (of: readonly Buffer[]): number[] => {
    const times: number[] = []
    const count = stamps.read(chunkOf(of), (sentMs, bytes) => {
      assert.equal(bytes, STAMP_BYTES + 4)
      times.push(sentMs)
    })
    assert.equal(count, times.length)
    return times
  }

  it('tell when each record was to be sent, once, however often it lies in the log', () => {
    assert.deepEqual(read([values[3]!, values[0]!, values[3]!]), [5000.375, 5000])
    assert.deepEqual(read([values[0]!, values[1]!]), [5000.125])
    assert.equal(read(values.toReversed()).length, 20_000 - 3)
    assert.deepEqual(read(values), [])
  })

  it('are not those of another load, nor of values that are too short', () => {
    const foreign = Buffer.alloc(STAMP_BYTES)
    new Stamps(1).write(foreign, 0, 1)
    const early = Buffer.alloc(STAMP_BYTES)
    const other = new Stamps(0xfedcba98)
    for (let count = 0; count <= values.length; count++) other.write(early, 0, 1)
    assert.deepEqual(read([foreign, early, Buffer.alloc(3)]), [])
  })
})
