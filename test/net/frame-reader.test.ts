import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SharedFrameMemory } from '../../src/net/frame-memory.ts'
import { FramePool } from '../../src/net/frame-pool.ts'
import { FrameReader } from '../../src/net/index.ts'
import { framed } from './stages.ts'

const drain = (reader: FrameReader): Buffer[] => {
  const frames: Buffer[] = []
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(Buffer.from(frame))
  return frames
}

test('frames come out as they went in, wherever the stream is cut', () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 12 })
  fc.assert(
    fc.property(bodies, fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 50 }), (frames, cuts) => {
      const stream = Buffer.concat(frames.map((body) => framed(Buffer.from(body))))
      const memory = new SharedFrameMemory(1e9)
      const reader = new FrameReader(
        5000,
        memory.share(() => {}),
      )
      const got: Buffer[] = []
      let cut = 0
      for (let at = 0; at < stream.length; ) {
        const count = cuts[cut++ % cuts.length]
        const lent = Buffer.from(stream.subarray(at, at + count))
        reader.push(lent)
        at += count
        // Now and then the frames are fetched only later.
        if (cut % 3 !== 0) got.push(...drain(reader))
        reader.keep()
        lent.fill(0xdd)
      }
      got.push(...drain(reader))
      assert.deepEqual(
        got,
        frames.map((body) => Buffer.from(body)),
      )
      assert.equal(reader.refusal, undefined)
      assert.equal(reader.halfBytes, 0)
      assert.equal(memory.usedBytes, 0, 'all memory was given back')
    }),
  )
})

test('memory comes back with the frames and is used again, and no frame that is still held changes', () => {
  const bodies = fc.array(fc.oneof(fc.nat(3000), fc.nat(12_000), fc.integer({ min: 20_000, max: 200_000 })), { maxLength: 20 })
  const reads = fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(bodies, reads, fc.integer({ min: 1, max: 4 }), (sizes, counts, patience) => {
      const frames = sizes.map((size, index) => Buffer.alloc(size, index + 1))
      const stream = Buffer.concat(frames.map(framed))
      const memory = new SharedFrameMemory(1e9)
      const reader = new FrameReader(
        200_000,
        memory.share(() => {}),
        new FramePool(),
      )
      const got: Buffer[] = []
      const take = (): void => {
        for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
          // Every third is held, the others are let go as soon as they were looked at.
          const isHeld = got.length % 3 === 0
          got.push(isHeld ? frame : Buffer.from(frame))
          if (!isHeld) reader.lease?.release()
        }
      }
      let turn = 0
      for (let at = 0; at < stream.length; ) {
        const room = reader.room()
        const count = Math.min(counts[turn++ % counts.length], room?.length ?? Number.POSITIVE_INFINITY, stream.length - at)
        const chunk = room?.subarray(0, count) ?? Buffer.alloc(count)
        stream.copy(chunk, 0, at, at + count)
        at += count
        reader.push(chunk)
        if (turn % patience === 0) take()
        reader.keep()
        if (room === undefined) chunk.fill(0xdd)
      }
      take()
      assert.deepEqual(got, frames)
      assert.equal(memory.usedBytes, 0, 'all memory was given back')
    }),
    { numRuns: 200 },
  )
})

test('a frame does not change when the chunk it came in is used again', () => {
  const chunk = Buffer.concat([framed('first'), framed('second')])
  const reader = new FrameReader(100)
  reader.push(chunk)
  const first = reader.next()
  reader.keep()
  chunk.fill(0)
  assert.equal(first?.toString(), 'first')
  assert.equal(reader.next()?.toString(), 'second')
})

test('any bytes at all give frames or a refusal, never an exception', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (chunks) => {
      const reader = new FrameReader(1000)
      for (const chunk of chunks) {
        reader.push(Buffer.from(chunk))
        for (const frame of drain(reader)) assert.ok(frame.length <= 1000)
      }
    }),
  )
})

test('a size out of bounds is refused before anything is held, and named for what it probably is', () => {
  const cases: [Buffer, RegExp][] = [
    [Buffer.from([0xff, 0xff, 0xff, 0xff]), /size -1 is negative$/],
    [Buffer.from([0x80, 0, 0, 0]), /size -2147483648 is negative/],
    [Buffer.from([0x7f, 0xff, 0xff, 0xff]), /size 2147483647 is larger than 104857600$/],
    [Buffer.from('POST / HTTP/1.1\r\n'), /"POST", an HTTP request/],
    [Buffer.from('GET /metrics'), /"GET", an HTTP request/],
    [Buffer.from('HTTP/1.1 400'), /no Kafka broker/],
    [Buffer.from('EHLO me'), /the text "EHLO"/],
    [Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]), /TLS ClientHello/],
    [Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02]), /TLS alert/],
  ]
  for (const [bytes, text] of cases) {
    for (const step of [1, 4, bytes.length]) {
      const reader = new FrameReader(104_857_600, { take: () => assert.fail('no memory for a refused frame'), give: () => {} })
      for (let at = 0; at < bytes.length; at += step) {
        reader.push(bytes.subarray(at, at + step))
        assert.equal(reader.next(), undefined)
      }
      assert.match(reader.refusal?.text ?? '', text)
    }
  }
})

test('fifty frames that announce 100 MiB and bring 1 kB hold kilobytes', () => {
  const memory = new SharedFrameMemory(1e9)
  const readers = Array.from(
    { length: 50 },
    () =>
      new FrameReader(
        104_857_600,
        memory.share(() => {}),
      ),
  )
  const start = Buffer.alloc(1004)
  start.writeInt32BE(104_857_600)
  for (const reader of readers) {
    reader.push(start)
    assert.equal(reader.next(), undefined)
    assert.equal(reader.halfBytes, 1004)
  }
  assert.ok(memory.usedBytes <= 50 * 4096, `${memory.usedBytes} bytes`)
  for (const reader of readers) reader.close()
  assert.equal(memory.usedBytes, 0)
})

test('half frames together stay within their bound but one, and each becomes whole in the end', () => {
  const memory = new SharedFrameMemory(20_000)
  const done = new Set<number>()
  const pumps: (() => void)[] = []
  const readers = Array.from({ length: 10 }, (_, index) => {
    const pump = (): void => {
      if (readers[index].next()) done.add(index)
    }
    pumps.push(pump)
    return new FrameReader(50_000, memory.share(pump))
  })
  const frame = framed(Buffer.alloc(9000, 'f'))
  for (let at = 0; at < frame.length; at += 500) {
    for (const [index, reader] of readers.entries()) {
      reader.push(frame.subarray(at, at + 500))
      pumps[index]()
      assert.ok(memory.usedBytes <= 20_000 + 9000)
    }
  }
  assert.equal(done.size, 10)
  assert.equal(memory.usedBytes, 0)
  assert.equal(memory.waitingCount, 0)
})
