import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { crc32c, crc32cShift, joinCrc32c } from '../../src/base/index.ts'

test('the sums of two pieces join to that of both', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.uint8Array({ maxLength: 600 }), (first, second) => {
      const joined = joinCrc32c(crc32c(Buffer.from(first)), crc32c(Buffer.from(second)), crc32cShift(second.length))
      assert.equal(joined, crc32c(Buffer.concat([first, second])))
    }),
  )
})

test('a long second piece is no different', () => {
  const second = Buffer.alloc(1_000_003, 'long')
  const first = Buffer.from('short')
  assert.equal(joinCrc32c(crc32c(first), crc32c(second), crc32cShift(second.length)), crc32c(Buffer.concat([first, second])))
})
