import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FramePool } from '../../src/net/frame-pool.ts'
import { FrameReader } from '../../src/net/frame-reader.ts'

const framed = (bytes: Buffer): Buffer => {
  const size = Buffer.alloc(4)
  size.writeInt32BE(bytes.length)
  return Buffer.concat([size, bytes])
}

describe('memory of frames', () => {
  it('holds what was asked for, wastes at most a quarter, and is used again for any size of its class', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4096, max: 16 << 20 }), (bytes) => {
        const pool = new FramePool()
        const first = pool.take(bytes)!
        assert.ok(first.bytes.length >= bytes && first.bytes.length <= bytes * 1.25)
        first.release()
        assert.equal(pool.take(first.bytes.length), first)
      }),
    )
  })

  it('comes back when the last holder lets go, and is let go once by each', () => {
    const pool = new FramePool()
    const buffer = pool.take(10_000)!
    buffer.retain()
    buffer.release()
    assert.equal(pool.keptBytes, 0)
    buffer.release()
    assert.equal(pool.keptBytes, buffer.bytes.length)
    assert.throws(() => buffer.release(), /let go once/)
    assert.throws(() => buffer.retain(), /not retained/)
  })

  it('is not kept beyond a bound, nor for very small or very large frames', () => {
    const pool = new FramePool(64 * 1024)
    const taken = [pool.take(32_768)!, pool.take(32_768)!, pool.take(32_768)!]
    for (const buffer of taken) buffer.release()
    assert.equal(pool.keptBytes, 64 * 1024)
    assert.equal(pool.take(100), undefined)
    assert.equal(pool.take(100 << 20), undefined)
  })

  it('never shows through: frames that are held keep their bytes whatever else is read and let go', () => {
    const sizes = fc.array(fc.record({ bytes: fc.integer({ min: 0, max: 40_000 }), held: fc.boolean() }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 30_000 }), fc.boolean(), (frames, chunkBytes, lent) => {
        const reader = new FrameReader(1 << 20, undefined, new FramePool())
        const stream = Buffer.concat(frames.map(({ bytes }, n) => framed(Buffer.alloc(bytes, n + 1))))
        const held: [Buffer, number][] = []
        let count = 0
        for (let at = 0; at < stream.length; at += chunkBytes) {
          const chunk = Buffer.from(stream.subarray(at, at + chunkBytes))
          reader.push(chunk)
          if (!lent) reader.keep()
          for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
            assert.deepEqual(frame, Buffer.alloc(frames[count]!.bytes, count + 1))
            if (frames[count]!.held) held.push([frame, count + 1])
            else reader.lease?.release()
            count++
          }
          if (lent) reader.keep()
          chunk.fill(0xff)
        }
        assert.equal(count, frames.length)
        for (const [frame, letter] of held) assert.deepEqual(frame, Buffer.alloc(frame.length, letter))
      }),
    )
  })
})
