import { crc32c } from '../../src/base/index.ts'
import {
  ATTRIBUTES_AT,
  BASE_OFFSET_AT,
  BATCH_LENGTH_AT,
  BatchBuilder,
  Codec,
  CRC_AT,
  LAST_OFFSET_DELTA_AT,
  MAGIC_AT,
  RECORD_COUNT_AT,
  RECORDS_AT,
} from '../../src/records/index.ts'
import { plainBatch, sampleBatch } from '../log/sample-batches.ts'

export interface BadBatch {
  readonly records: Buffer | null
  /** Names of the errors it may be refused with, Kafka's first. */
  readonly errors: readonly string[]
  readonly topic?: string
}

const sealed = (bytes: Buffer): Buffer => {
  bytes.writeUInt32BE(crc32c(bytes, ATTRIBUTES_AT, bytes.length), CRC_AT)
  return bytes
}

const changed = (change: (bytes: Buffer) => void, batch = plainBatch(3, 10)): Buffer => {
  change(batch)
  return sealed(batch)
}

const compressed = (codec: number, damage: (bytes: Buffer) => void): Buffer => {
  const builder = new BatchBuilder({ codec })
  for (let n = 0; n < 50; n++) builder.append(Date.now(), null, Buffer.from(`value ${n} `.repeat(20)))
  const bytes = builder.close()!
  damage(bytes)
  return sealed(bytes)
}

/** Batches that a broker must not take, as LogValidator of Apache Kafka 4.3.1 and ProduceRequest judge them. */
export const badBatches = (): Record<string, BadBatch> => ({
  'no records at all': { records: null, errors: ['INVALID_RECORD'] },
  'records of no bytes': { records: Buffer.alloc(0), errors: ['INVALID_RECORD'] },
  'a wrong checksum': { records: plainBatch(3, 10).fill(0xee, RECORDS_AT + 5, RECORDS_AT + 6), errors: ['CORRUPT_MESSAGE'] },
  'magic 0': { records: changed((bytes) => (bytes[MAGIC_AT] = 0)), errors: ['INVALID_RECORD', 'CORRUPT_MESSAGE'] },
  'magic 1': { records: changed((bytes) => (bytes[MAGIC_AT] = 1)), errors: ['INVALID_RECORD', 'CORRUPT_MESSAGE'] },
  'magic 3': { records: changed((bytes) => (bytes[MAGIC_AT] = 3)), errors: ['INVALID_RECORD', 'CORRUPT_MESSAGE'] },
  'a length that is too long': {
    records: changed((bytes) => bytes.writeInt32BE(9999, BATCH_LENGTH_AT)),
    errors: ['INVALID_RECORD', 'CORRUPT_MESSAGE'],
  },
  'a length that is too short': {
    records: changed((bytes) => bytes.writeInt32BE(10, BATCH_LENGTH_AT)),
    errors: ['CORRUPT_MESSAGE', 'INVALID_RECORD'],
  },
  'a negative length': {
    records: changed((bytes) => bytes.writeInt32BE(-5, BATCH_LENGTH_AT)),
    errors: ['CORRUPT_MESSAGE', 'INVALID_RECORD'],
  },
  'a base offset that is not 0': { records: changed((bytes) => bytes.writeInt32BE(7, BASE_OFFSET_AT + 4)), errors: ['INVALID_RECORD'] },
  'a count that is too high': { records: changed((bytes) => bytes.writeInt32BE(4, RECORD_COUNT_AT)), errors: ['INVALID_RECORD'] },
  'a count of 2^31-1': { records: changed((bytes) => bytes.writeInt32BE(0x7fffffff, RECORD_COUNT_AT)), errors: ['INVALID_RECORD'] },
  'a negative count': { records: changed((bytes) => bytes.writeInt32BE(-1, RECORD_COUNT_AT)), errors: ['INVALID_RECORD'] },
  'a count of 0': { records: changed((bytes) => bytes.writeInt32BE(0, RECORD_COUNT_AT)), errors: ['INVALID_RECORD'] },
  'a last offset that does not match': {
    records: changed((bytes) => bytes.writeInt32BE(9, LAST_OFFSET_DELTA_AT)),
    errors: ['INVALID_RECORD'],
  },
  'a control batch of a client': { records: plainBatch(1, 10, { control: true }), errors: ['INVALID_RECORD'] },
  'a producer id with a negative sequence': {
    records: plainBatch(1, 10, { producerId: 5, producerEpoch: 0, baseSequence: -2 }),
    errors: ['INVALID_RECORD'],
  },
  'a codec that does not exist': {
    records: changed((bytes) => bytes.writeInt16BE(6, ATTRIBUTES_AT)),
    errors: ['CORRUPT_MESSAGE', 'UNSUPPORTED_COMPRESSION_TYPE', 'INVALID_RECORD'],
  },
  'a timestamp far in the future': { records: plainBatch(1, 10, { timestamp: Date.now() + 7_200_000 }), errors: ['INVALID_TIMESTAMP'] },
  'two batches': { records: Buffer.concat([plainBatch(), plainBatch()]), errors: ['INVALID_RECORD'] },
  'a record whose length lies': { records: changed((bytes) => (bytes[RECORDS_AT] = 0x7e)), errors: ['INVALID_RECORD', 'CORRUPT_MESSAGE'] },
  'a record with more headers than bytes': {
    records: changed((bytes) => (bytes[bytes.length - 1] = 0x7e)),
    errors: ['INVALID_RECORD', 'CORRUPT_MESSAGE'],
  },
  'a record without a key, in a compacted topic': {
    records: sampleBatch({ records: [{ value: 'v' }], timestamp: Date.now() }),
    errors: ['INVALID_RECORD'],
    topic: 'compacted',
  },
  'more than max.message.bytes': { records: plainBatch(1, 1_100_000), errors: ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'] },
  ...Object.fromEntries(
    (['gzip', 'snappy', 'lz4', 'zstd'] as const).flatMap((codec) => [
      [
        `${codec} that is noise`,
        { records: compressed(Codec[codec], (bytes) => bytes.fill(0xa5, RECORDS_AT)), errors: ['CORRUPT_MESSAGE', 'INVALID_RECORD'] },
      ],
      [
        `${codec} cut in the middle`,
        {
          records: compressed(Codec[codec], (bytes) => bytes.fill(0, RECORDS_AT + ((bytes.length - RECORDS_AT) >> 1))),
          errors: ['CORRUPT_MESSAGE', 'INVALID_RECORD'],
        },
      ],
    ]),
  ),
})
