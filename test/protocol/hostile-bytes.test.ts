import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { codecOf } from '../../src/protocol/codec.ts'
import {
  Apis,
  DecodeError,
  decode,
  EncodeError,
  encode,
  findMessage,
  messageNames,
  parseVersions,
  Reader,
  readClientId,
  type Schema,
} from '../../src/protocol/index.ts'
import { FetchRequest, FetchResponse } from '../../src/protocol/messages/fetch.ts'
import { MetadataRequest } from '../../src/protocol/messages/metadata.ts'
import { ProduceRequest } from '../../src/protocol/messages/produce.ts'

const everySchema: Schema[] = await Promise.all(messageNames().map(async (name) => (await findMessage(name))!))

const onlyDecodeErrors = (schema: Schema, version: number, bytes: Buffer): void => {
  try {
    codecOf(schema, version).read(new Reader(bytes))
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
  }
}

test('random bytes give a message or a DecodeError, in every message and version', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (random) => {
      const bytes = Buffer.from(random)
      for (const schema of everySchema) {
        const { lowest, highest } = parseVersions(schema.versions)
        for (let version = lowest; version <= highest; version++) onlyDecodeErrors(schema, version, bytes)
      }
    }),
    { numRuns: 30 },
  )
})

test('a message cut off at any byte is a DecodeError, never a shorter message', () => {
  const whole = encode(FetchRequest, 17, {
    maxWaitMs: 500,
    topics: [{ topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partitions: [{ partition: 3, fetchOffset: 9 }] }],
    rackId: 'r1',
  })
  for (let end = 0; end < whole.length; end++) assert.throws(() => decode(FetchRequest, 17, whole.subarray(0, end)), DecodeError)
})

test('an array length that the bytes cannot hold is refused before anything is allocated', () => {
  const lie = Buffer.from('7fffffff', 'hex')
  assert.throws(() => decode(MetadataRequest, 1, lie), /array of 2147483647 elements at byte 4, but only 0 bytes remain/)
})

test('a megabyte of claimed elements with one byte each stops at the bound on elements', () => {
  const bytes = Buffer.alloc(3_000_000)
  bytes.writeInt32BE(2_900_000, 0) // topics of a FetchResponse cost more than a byte, tagged sections of records one
  assert.throws(() => decode(MetadataRequest, 1, bytes), DecodeError)
})

test('null where the schema allows none is refused', () => {
  // transactional id null, acks 1, timeout 0, topics null
  assert.throws(() => decode(ProduceRequest, 3, Buffer.from('ffff000100000000ffffffff', 'hex')), /null for an array/)
})

test('a varint longer than 32 bits is refused', () => {
  assert.throws(() => new Reader(Buffer.from('ffffffffff01', 'hex')).uvarint(), DecodeError)
  assert.equal(new Reader(Buffer.from('ffffffff0f', 'hex')).uvarint(), 0xffffffff)
})

test('a tagged field whose size lies about its content is refused', () => {
  const honest = encode(FetchRequest, 12, { clusterId: 'c' })
  const lying = Buffer.from(honest)
  lying[honest.length - 3] = 3 // size of the tagged cluster id: was 2
  assert.throws(() => decode(FetchRequest, 12, lying), DecodeError)
})

test('invalid UTF-8 is replaced, as Kafka does, and the legal-name checks see the result', () => {
  const reader = new Reader(Buffer.from('0002c328', 'hex'))
  assert.equal(reader.string(), '\ufffd(')
})

test('int64 beyond 2^53 is never rounded on its way out', () => {
  assert.throws(() => encode(FetchResponse, 4, { responses: [{ partitions: [{ highWatermark: 2 ** 53 }] }] }), EncodeError)
  assert.equal(
    encode(FetchRequest, 18, { topics: [{ partitions: [{ highWatermark: 5 }] }] }).includes(Buffer.from('0000000000000005', 'hex')),
    true,
  )
})

test('a value set on a field that the version lacks is refused unless the field may be ignored', () => {
  assert.throws(
    () => encode(FetchRequest, 4, { forgottenTopicsData: [{ topic: 't', partitions: [1] }] }),
    /has no field forgottenTopicsData/,
  )
  assert.doesNotThrow(() => encode(FetchRequest, 4, { rackId: 'r' }))
})

test('what is encoded decodes to the same message, whatever its texts and numbers', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }).map((text) => text.toWellFormed()),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.array(fc.integer(), { maxLength: 40 }),
      fc.integer({ min: 12, max: 18 }),
      (rackId, maxWaitMs, fetchOffset, partitions, version) => {
        const sent = { rackId, maxWaitMs, topics: [{ partitions: [{ fetchOffset }] }], forgottenTopicsData: [{ partitions }] }
        const got = decode(FetchRequest, version, encode(FetchRequest, version, sent))
        assert.equal(got.rackId, rackId)
        assert.equal(got.maxWaitMs, maxWaitMs)
        assert.equal(got.topics[0]!.partitions[0]!.fetchOffset, fetchOffset)
        assert.deepEqual(got.forgottenTopicsData[0]!.partitions, partitions)
      },
    ),
  )
})

test('tagged fields that nobody knows count as elements: two bytes each on the wire, they would fill the heap', () => {
  const honest = encode(FetchRequest, 12, {})
  const count = 2_500_000
  const tags = Buffer.alloc(count * 2, Buffer.from([9, 0]))
  const flood = Buffer.concat([
    honest.subarray(0, -1),
    Buffer.from([(count & 0x7f) | 0x80, ((count >> 7) & 0x7f) | 0x80, ((count >> 14) & 0x7f) | 0x80, count >> 21]),
    tags,
  ])
  assert.throws(() => decode(FetchRequest, 12, flood), /more than 2000000 array elements/)
  const header = Buffer.concat([Buffer.from('ffff', 'hex'), flood.subarray(honest.length - 1)])
  assert.throws(() => readClientId(new Reader(header), Apis.Fetch, 12), /more than 2000000 array elements/)
})
