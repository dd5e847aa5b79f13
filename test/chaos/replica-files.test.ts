import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { BASE_OFFSET_AT, BatchBuilder, Codec, writeInt64 } from '../../src/records/index.ts'
import { readReplica } from './replica-files.ts'
import { encodeValue } from './workload.ts'

const KEY = 4

const batch = (baseOffset: number, baseSequence: number, values: readonly Buffer[]): Buffer => {
  const builder = new BatchBuilder({ codec: Codec.none, initialBytes: 1024, producerId: 7, producerEpoch: 1, baseSequence })
  for (const value of values) builder.append(1_700_000_000_000, null, value, undefined)
  const bytes = builder.close()
  writeInt64(bytes, BASE_OFFSET_AT, baseOffset)
  return bytes
}

test('the log of a partition is what its segments hold up to the first batch that is not whole', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-replica-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const value = (n: number): Buffer => encodeValue(KEY, n)
  const torn = batch(6, 5, [value(14)])
  writeFileSync(join(folder, '00000000000000000000.log'), Buffer.concat([batch(0, 0, [value(10), value(11)]), batch(2, 2, [value(12)])]))
  writeFileSync(
    join(folder, '00000000000000000004.log'),
    Buffer.concat([batch(4, 3, [encodeValue(KEY + 1, 13), Buffer.from('nothing')]), torn.subarray(0, -1)]),
  )
  writeFileSync(join(folder, '00000000000000000004.index'), '')
  const { values, batches, startOffset, batchSums } = readReplica(folder, 1, KEY)
  assert.deepEqual([...values], [10, 11, 12, -2, -1, -1])
  assert.equal(startOffset, 0)
  assert.deepEqual(
    batches.map(({ baseSequence, baseOffset, count }) => [baseSequence, baseOffset, count]),
    [
      [0, 0, 2],
      [2, 2, 1],
      [3, 4, 2],
    ],
  )
  assert.deepEqual([batchSums[0] === batchSums[1], batchSums[1] === batchSums[2]], [true, false])
})
