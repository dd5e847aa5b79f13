import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  DeltaRecorder,
  decodeRecord,
  encodeRecord,
  imageToRecords,
  type MetadataDelta,
  MetadataImage,
  type MetadataRecord,
  quotaEntityKey,
} from '../../src/metadata/index.ts'
import { History, recordNames } from './any-history.ts'

/** What a node knows must not depend on how it came to know it: record by record, or by a snapshot after it was away for long. */

const replay = (image: MetadataImage, records: readonly MetadataRecord[], from: number, to: number): MetadataImage => {
  for (let offset = from; offset < to; offset++) image.replay(records[offset]!, offset)
  return image
}
/** As it goes over the wire and to the disk. */
const snapshotOf = (image: MetadataImage): MetadataRecord[] =>
  [...imageToRecords(image)].map((record) => decodeRecord(encodeRecord(record)))

/** Everything that the image holds, found by walking it: what is added to the image is compared from then on without a word here. */
const contents = (image: MetadataImage): unknown => {
  // Where the image stands in the log, and who looks on, is not what it says.
  const { provenance, pending, transactionStartOffset, observers, ...said } = image as unknown as Record<string, unknown>
  return plain(said)
}
const plain = (value: unknown): unknown => {
  if (Buffer.isBuffer(value)) return value.toString('hex')
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map)
    return (
      [...value]
        // The last setting of a kind of resource leaves an empty map behind.
        .filter(([, one]) => !(one instanceof Map && one.size === 0))
        .map(([key, one]) => [key, plain(one)])
        .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
    )
  if (typeof value !== 'object' || value === null) return value
  // A broker that is read from a snapshot is registered at its end.
  return Object.fromEntries(Object.entries(value).flatMap(([key, one]) => (key === 'recordOffset' ? [] : [[key, plain(one)]])))
}

/** What an image holds by key, and of which keys a delta says that they changed. */
interface Section {
  readonly held: (image: MetadataImage) => Iterable<readonly [unknown, unknown]>
  readonly told: (delta: MetadataDelta) => Iterable<unknown>
}
const partitionsOf = (image: MetadataImage) =>
  [...image.topicsById.values()].flatMap(({ id, partitions }) => [...partitions].map(([at, one]) => [`${id}:${at}`, one] as const))
const sections: Record<Exclude<keyof MetadataDelta, 'isEmpty' | 'topicsDeleted'>, Section> = {
  topicsCreated: {
    held: ({ topicsById }) => [...topicsById].map(([id, { name }]) => [id, name]),
    told: ({ topicsCreated, topicsDeleted }) => [...topicsCreated.keys(), ...topicsDeleted.keys()],
  },
  partitionsByTopic: {
    held: partitionsOf,
    told: ({ partitionsByTopic }) =>
      [...partitionsByTopic].flatMap(([id, { partitions }]) => [...partitions.keys()].map((at) => `${id}:${at}`)),
  },
  brokers: { held: ({ brokers }) => brokers, told: ({ brokers }) => brokers.keys() },
  controllers: { held: ({ controllers }) => controllers, told: ({ controllers }) => controllers.keys() },
  features: { held: ({ features }) => features, told: ({ features }) => features.keys() },
  configs: {
    held: ({ configs }) => [...configs.entries()].map(([{ type, name }, set]) => [`${type}:${name}`, set]),
    told: ({ configs }) => configs.map(({ type, name }) => `${type}:${name}`),
  },
  clientQuotas: {
    held: ({ clientQuotas }) => [...clientQuotas.values()].map(({ entity, quotas }) => [quotaEntityKey(entity), quotas]),
    told: ({ clientQuotas }) => clientQuotas.map(quotaEntityKey),
  },
  scramUsers: {
    held: ({ scram }) =>
      [...scram.byMechanism].flatMap(([mechanism, users]) => [...users].map(([user, one]) => [`${mechanism}:${user}`, one])),
    told: ({ scramUsers }) => scramUsers.map(({ mechanism, user }) => `${mechanism}:${user}`),
  },
  acls: { held: ({ acls }) => acls, told: ({ acls }) => acls.keys() },
  delegationTokens: { held: ({ delegationTokens }) => delegationTokens, told: ({ delegationTokens }) => delegationTokens },
  producerIds: { held: ({ nextProducerId }) => [['next', nextProducerId]], told: ({ producerIds }) => (producerIds ? ['next'] : []) },
}
const changedWithoutAWord = (before: MetadataImage, after: MetadataImage, delta: MetadataDelta): string[] =>
  Object.entries(sections).flatMap(([section, { held, told }]) => {
    const textOf = (image: MetadataImage) => new Map([...held(image)].map(([key, one]) => [key, JSON.stringify(plain(one))]))
    const [was, is, heard] = [textOf(before), textOf(after), new Set(told(delta))]
    const keys = [...new Set([...was.keys(), ...is.keys()])]
    return keys.filter((key) => was.get(key) !== is.get(key) && !heard.has(key)).map((key) => `${section} ${key}`)
  })

const choices = fc.array(fc.nat(), { size: 'max', maxLength: 150 })

describe('whoever loads a snapshot', () => {
  test('knows what they know who replayed the history, and goes on like them', () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(choices, fc.nat({ max: 100 }), fc.nat({ max: 100 }), (drawn, share, later) => {
        const { records } = new History(drawn)
        for (const { name } of records) seen.set(name, (seen.get(name) ?? 0) + 1)
        const left = Math.floor((records.length * share) / 100)
        let back = left + Math.floor(((records.length - left) * later) / 100)
        const whole = replay(new MetadataImage(), records, 0, back)
        // A snapshot waits for the end of a transaction.
        while (whole.transactionStartOffset >= 0 && back < records.length) whole.replay(records[back]!, back++)
        if (whole.transactionStartOffset >= 0) return
        const behind = replay(new MetadataImage(), records, 0, left)
        const before = behind.copy()
        const recorder = new DeltaRecorder(behind)
        behind.loadSnapshot(snapshotOf(whole), { offset: back - 1, epoch: 1, timestampMs: 0 })
        assert.deepEqual(contents(behind), contents(whole))
        assert.deepEqual(changedWithoutAWord(before, behind, recorder.take()), [], 'observers hear of every difference')
        for (const image of [behind, whole]) replay(image, records, back, records.length)
        assert.deepEqual(contents(behind), contents(whole))
      }),
      { numRuns: 500 },
    )
    assert.deepEqual(
      recordNames.filter((name) => (seen.get(name) ?? 0) < 100),
      [],
      'kinds of records that histories hardly hold',
    )
  })
})
