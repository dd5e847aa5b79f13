import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type DeciderName,
  type DeciderRequest,
  deciders,
  describeClientQuotas,
  describeUserScramCredentials,
  listPartitionReassignments,
} from '../../src/controller/index.ts'
import { decodeRecord, encodeRecord, type MetadataRecord } from '../../src/metadata/index.ts'
import { encode, type Field, findMessage } from '../../src/protocol/index.ts'
import { Scene, uuid } from './scene.ts'

type FieldType = Field['type']
const names = [
  '',
  'a',
  'b',
  'a.b',
  '__proto__',
  'constructor',
  '1',
  '-1',
  'min.insync.replicas',
  'cleanup.policy',
  'user',
  'client-id',
  'ip',
  'metadata.version',
  'kraft.version',
  'group.version',
  'producer_byte_rate',
]
const scalars: Record<string, fc.Arbitrary<unknown>> = {
  bool: fc.boolean(),
  int8: fc.oneof(fc.nat({ max: 5 }), fc.integer({ min: -128, max: 127 })),
  int16: fc.oneof(fc.integer({ min: -2, max: 4 }), fc.integer({ min: -32768, max: 32767 })),
  uint16: fc.nat({ max: 65535 }),
  int32: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -2, max: 4 }) }, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  uint32: fc.nat(),
  int64: fc.oneof(fc.integer({ min: -2, max: 20 }), fc.maxSafeInteger()),
  float64: fc.double(),
  uuid: fc.nat({ max: 3 }).map(uuid),
  string: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...names) }, fc.string({ maxLength: 300 })),
  bytes: fc.uint8Array({ maxLength: 20 }).map((one) => Buffer.from(one)),
}
const arbitraryOf = (type: FieldType): fc.Arbitrary<unknown> => {
  if (typeof type === 'string') return scalars[type]
  if (Array.isArray(type)) return fc.array(arbitraryOf(type[0] as FieldType), { maxLength: 4 })
  return fc.record(Object.fromEntries(Object.entries(type as Record<string, Field>).map(([name, field]) => [name, fieldOf(field)])))
}
const fieldOf = (field: Field): fc.Arbitrary<unknown> =>
  field.nullable === undefined ? arbitraryOf(field.type) : fc.option(arbitraryOf(field.type), { freq: 6 })

const scene = new Scene({ metadataVersion: 29 }).join(1, 2)
scene.create('a', [
  [1, 2],
  [2, 1],
])
scene.create('b', { partitions: 2 })
scene.random.below(1)

const ask = async (api: string, answer: (request: never) => { records?: readonly MetadataRecord[]; answer?: unknown }): Promise<void> => {
  const request = (await findMessage(`${api}Request`))!
  const response = (await findMessage(`${api}Response`))!
  const latest = Number(response.versions.split('-').at(-1))
  fc.assert(
    fc.property(arbitraryOf(request.fields), (body) => {
      const decision = answer(body as never)
      const copy = scene.state.image.copy()
      for (const record of decision.records ?? []) copy.replay(decodeRecord(encodeRecord(record)), 1000)
      encode(response, latest, (decision.answer ?? decision) as never)
    }),
    { numRuns: 300 },
  )
}

for (const api of Object.keys(deciders) as DeciderName[])
  test(`${api} answers whatever it is asked`, () =>
    ask(api, (request) => scene.decide(api, request as DeciderRequest<typeof api>, { isForwarded: false })))

test('what only reads answers whatever it is asked', async () => {
  const { image } = scene.state
  await ask('DescribeClientQuotas', (request) => ({ answer: describeClientQuotas(image, request) }))
  await ask('DescribeUserScramCredentials', (request) => ({ answer: describeUserScramCredentials(image, request) }))
  await ask('ListPartitionReassignments', (request) => ({ answer: listPartitionReassignments(image, request) }))
  assert.equal(image.topicsByName.size, 2)
})
