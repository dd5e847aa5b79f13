import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runBroker } from '../broker/broker-fixture.ts'
import { run } from '../cli/run-command.ts'

/** Lines as Kafka's tool printed them: `0	134.397573`, `Avg latency: 57.8030 ms`, `Percentiles: 50th = 51, 99th = 224, 99.9th = 224`. */
const results = /^0\t\d+\.\d+\nAvg latency: \d+\.\d{4} ms\nPercentiles: 50th = \d+, 99th = \d+, 99\.9th = \d+\n$/

it('kafka-e2e-latency tells how long records take to come back', async () => {
  await using broker = await runBroker()
  const measure = (words: string) => run(['compat', 'kafka-e2e-latency', ...words.split(' ')])
  const sizes = '--num-records 20 --producer-acks all --record-size 100'
  const first = await measure(`--bootstrap-server ${broker.bootstrap} --topic echo ${sizes}`)
  const made = 'Topic "echo" does not exist. Will create topic with 1 partition(s) and replication factor = 1\n'
  assert.equal(first.code, 0, first.stderr)
  assert.equal(first.stdout.slice(0, made.length), made)
  assert.match(first.stdout.slice(made.length), results)
  const headers = '--record-key-size 8 --num-headers 2 --record-header-key-size 3 --record-header-size -1'
  const second = await measure(`--bootstrap-server ${broker.bootstrap} --topic echo ${sizes} ${headers}`)
  assert.deepEqual([second.code, second.stderr], [0, ''])
  assert.match(second.stdout, results)
  const old = await measure(`${broker.bootstrap} echo 5 1 10`)
  assert.match(old.stdout, /^WARNING: Positional argument usage is deprecated/)
  assert.match(old.stdout.slice(old.stdout.indexOf('\n') + 1), results)
})
