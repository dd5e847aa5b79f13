import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { compressFrameSync } from 'lz4-napi'
import { compressSync as rawSnappy } from 'snappy'
import { Errors, KafkaError } from '../../src/protocol/index.ts'
import { Codec, type CodecName, compress, compressionLevels, decompress } from '../../src/records/index.ts'
import { giveBack } from '../../src/records/memory-return.ts'
import { xxhash32 } from '../../src/records/xxhash32.ts'

const packed = (Object.keys(Codec) as CodecName[]).filter((name) => name !== 'none')
const unpack = (name: CodecName, bytes: Buffer, limitBytes?: number): Buffer => decompress(Codec[name], bytes, 0, bytes.length, limitBytes)
const refuses = (error: number, work: () => unknown): void =>
  void assert.throws(work, (thrown) => thrown instanceof KafkaError && thrown.code === error)

const text = Buffer.from('a record, and another record, and one more; '.repeat(5000))
const noise = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (Math.imul(index + 1, 2654435761) >>> 13) & 255))

test('xxHash32 has the sums of its specification', () => {
  const sum = (text: string) => xxhash32(Buffer.from(text), 0, text.length)
  assert.equal(sum(''), 0x02cc5d05)
  assert.equal(sum('a'), 0x550d7456)
  assert.equal(sum('Nobody inspects the spammish repetition'), 0xe2293b2f)
})

for (const name of packed) {
  test(`${name} gives back what it took`, () => {
    for (const source of [Buffer.alloc(0), Buffer.from('x'), text, noise, Buffer.alloc(65536, 7), Buffer.alloc(65537, 7)]) {
      const bytes = compress(Codec[name], source)
      assert.ok(unpack(name, bytes).equals(source))
      // Lying between other bytes it reads the same.
      const framed = Buffer.concat([Buffer.alloc(9, 255), bytes, Buffer.alloc(9, 255)])
      assert.ok(decompress(Codec[name], framed, 9, 9 + bytes.length).equals(source))
    }
  })

  test(`${name} leaves what its memory can be given back without a neighbour losing any`, () => {
    for (const source of [Buffer.from('x'), text.subarray(0, 900), text, noise]) {
      const before = Buffer.from('a neighbour in the pool')
      const bytes = compress(Codec[name], source)
      const framed = Buffer.concat([Buffer.alloc(9, 255), bytes])
      const copy = Buffer.from(framed)
      const unpacked = decompress(Codec[name], framed, 9, framed.length)
      const after = Buffer.from('another')
      giveBack(unpacked)
      if (source === text) assert.equal(unpacked.byteLength, 0, 'nothing is kept of a large one')
      assert.ok(framed.equals(copy))
      assert.equal(`${before} and ${after}`, 'a neighbour in the pool and another')
    }
  })

  test(`${name} stops at the limit and at the first missing byte`, () => {
    const bytes = compress(Codec[name], text)
    assert.equal(unpack(name, bytes, text.length).length, text.length)
    refuses(Errors.MESSAGE_TOO_LARGE, () => unpack(name, bytes, text.length - 1))
    refuses(Errors.MESSAGE_TOO_LARGE, () => unpack(name, bytes, 10))
    for (const length of [1, 3, 6, 20, bytes.length >> 1, bytes.length - 5]) {
      refuses(Errors.CORRUPT_MESSAGE, () => unpack(name, bytes.subarray(0, length)))
    }
  })

  test(`${name} survives any bytes`, () => {
    const bytes = compress(Codec[name], text.subarray(0, 3000))
    const attempt = (mutated: Buffer) => {
      try {
        assert.ok(unpack(name, mutated, 100_000).length <= 100_000)
      } catch (error) {
        assert.ok(error instanceof KafkaError, String(error))
      }
    }
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (where, value) => {
        const mutated = Buffer.from(bytes)
        mutated[where] = value
        attempt(mutated)
      }),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => attempt(Buffer.concat([bytes.subarray(0, 16), tail]))),
      { numRuns: 300 },
    )
  })
}

test('levels are those of the configs', () => {
  for (const [name, { min, max }] of Object.entries(compressionLevels)) {
    const codec = Codec[name as CodecName]
    for (const level of [min, max]) assert.ok(unpack(name as CodecName, compress(codec, text, level)).equals(text))
  }
  assert.ok(compress(Codec.zstd, noise, 22).length <= compress(Codec.zstd, noise, -131072).length)
  assert.ok(compress(Codec.gzip, text, 9).length < compress(Codec.gzip, text, 1).length)
})

test('an LZ4 frame may carry checksums; those of header and blocks are checked, that of the content has to be there', () => {
  const frame = compressFrameSync(text, { contentChecksum: true, blockChecksums: true })
  assert.ok(unpack('lz4', frame).equals(text))
  for (const where of [5, 6, 40, frame.length - 9]) {
    const broken = Buffer.from(frame)
    broken[where]! ^= 1
    refuses(Errors.CORRUPT_MESSAGE, () => unpack('lz4', broken))
  }
  refuses(Errors.CORRUPT_MESSAGE, () => unpack('lz4', frame.subarray(0, -1)))
})

test('an LZ4 frame with blocks of MiB that unpack to many times their size is read', () => {
  const zeros = Buffer.alloc(9_000_000)
  assert.ok(unpack('lz4', compressFrameSync(zeros)).equals(zeros))
})

test('an LZ4 frame with linked blocks is refused, as by Kafka', () => {
  const frame = compress(Codec.lz4, text)
  frame[4] = 0x40
  frame[6] = (xxhash32(frame, 4, 6) >>> 8) & 255
  refuses(Errors.CORRUPT_MESSAGE, () => unpack('lz4', frame))
})

test('magic 0 has the LZ4 header checksum that early Kafka wrote, and does not look at it', () => {
  const old = compress(Codec.lz4, text, undefined, 0)
  refuses(Errors.CORRUPT_MESSAGE, () => unpack('lz4', old))
  assert.ok(decompress(Codec.lz4, old, 0, old.length, undefined, 0).equals(text))
})

test('snappy without framing and snappy streams end to end are read', () => {
  assert.ok(unpack('snappy', rawSnappy(text)).equals(text))
  const stream = compress(Codec.snappy, text)
  assert.ok(unpack('snappy', Buffer.concat([stream, stream])).equals(Buffer.concat([text, text])))
})

test('a snappy block that declares more than it can hold is refused before anything is allocated', () => {
  const lie = Buffer.from([0xff, 0xff, 0xff, 0x7f, 0, 0, 0])
  refuses(Errors.MESSAGE_TOO_LARGE, () => unpack('snappy', lie))
  refuses(Errors.CORRUPT_MESSAGE, () => unpack('snappy', Buffer.from([0x80, 0x80, 0x04, 0, 0])))
})

test('gzip members and zstd frames end to end are read', () => {
  const twice = Buffer.concat([text, text])
  assert.ok(unpack('gzip', Buffer.concat([gzipSync(text), gzipSync(text)])).equals(twice))
  assert.ok(unpack('zstd', Buffer.concat([zstdCompressSync(text), zstdCompressSync(text)])).equals(twice))
})
