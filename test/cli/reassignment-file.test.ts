import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { movesJson, parseRate, readTargets, readTopicsToMove, rollbackPath } from '../../src/cli/reassignment-file.ts'
import { capturedShell } from './run-command.ts'

const read = (text: string) => readTargets(capturedShell({ stdin: Readable.from([Buffer.from(text)]) }).shell, '-')

describe('a file of reassignments', () => {
  it('is read as kafka-reassign-partitions writes it, log directories too', async () => {
    // The first is from the "Current partition replica assignment" of Apache Kafka 4.3.1, the second from a file made by hand.
    const text =
      '{"version":1,"partitions":[{"topic":"r1","partition":0,"replicas":[3,1],"log_dirs":["any","/n1/data"]},{"topic":"r1","partition":1,"replicas":[1]}]}'
    assert.deepEqual(await read(text), [
      { topic: 'r1', partition: 0, replicas: [3, 1], logDirs: [null, '/n1/data'] },
      { topic: 'r1', partition: 1, replicas: [1], logDirs: [null] },
    ])
  })

  it('that makes no sense is refused, with the shape that does', async () => {
    const entry = '{"topic":"t","partition":0,"replicas":[1]}'
    for (const [text, why] of [
      ['{', /is not \{"version":1/],
      ['[]', /is not/],
      ['{"partitions":[{"topic":"t","partition":-1,"replicas":[1]}]}', /is not/],
      ['{"partitions":[{"topic":"t","partition":0,"replicas":[]}]}', /is not/],
      ['{"partitions":[{"topic":"t","partition":0,"replicas":[1],"log_dirs":[]}]}', /is not/],
      ['{"partitions":[]}', /names no partition/],
      [`{"partitions":[${entry},${entry}]}`, /names t-0 twice/],
      ['{"partitions":[{"topic":"t","partition":0,"replicas":[1,1]}]}', /t-0 names a broker twice/],
    ] as const)
      await assert.rejects(read(text), why, text)
  })

  it('may name topics alone, to be planned for', async () => {
    const topics = (text: string) => readTopicsToMove(capturedShell({ stdin: Readable.from([Buffer.from(text)]) }).shell, '-')
    assert.deepEqual(await topics('{"version":1,"topics":[{"topic":"a"},{"topic":"b"},{"topic":"a"}]}'), ['a', 'b'])
    for (const text of ['{', '[]', 'null', '{"topics":["a"]}'])
      await assert.rejects(topics(text), /- is not \{"version":1,"topics":\[\{"topic":…\}\]\}/, text)
  })

  it('is written in both directions, and read again', async () => {
    const move = { topic: 'a"b', partition: 2, from: [1, 2], to: [3, 2], adding: [3], removing: [1], bytes: null }
    assert.deepEqual((await read(movesJson([move], 'to')))[0]!.replicas, [3, 2])
    const [back] = await read(movesJson([move], 'from'))
    assert.deepEqual([back!.topic, back!.replicas], ['a"b', [1, 2]])
    assert.equal(rollbackPath('plans/drain.json'), 'plans/drain.rollback.json')
  })

  it('moves at a rate in the units of people', () => {
    const rates = ['50MB/s', '1.5 MiB/s', '20000', '64k', '1Gi', '10 MBps'].map((text) => parseRate(text, '--throttle'))
    assert.deepEqual(rates, [50_000_000, 1_572_864, 20_000, 64_000, 1_073_741_824, 10_000_000])
    for (const text of ['', '0', '-1', '5 parsecs', 'MB/s']) assert.throws(() => parseRate(text, '--throttle'), /is no rate/, text)
  })
})
