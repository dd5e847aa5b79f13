import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { runBroker } from '../broker/broker-fixture.ts'
import { run } from '../cli/run-command.ts'

/** Lines as Kafka's tools printed them, e.g. `2000 records sent, 685.635927 records/sec (0.07 MB/sec), 293.36 ms avg latency, …`. */
const total = (count: number, what = '') =>
  `${count}${what} records sent, \\d+\\.\\d{6} records/sec \\(\\d+\\.\\d\\d MB/sec\\), \\d+\\.\\d\\d ms avg latency, \\d+\\.\\d\\d ms max latency, \\d+ ms 50th, \\d+ ms 95th, \\d+ ms 99th, \\d+ ms 99\\.9th\\.\n`
const window =
  '\\d+ records sent, \\d+\\.\\d records/sec \\(\\d+\\.\\d\\d MB/sec\\), \\d+\\.\\d ms avg latency, \\d+\\.\\d ms max latency\\.\n'
const time = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d:\\d{3}'
const four = '\\d+\\.\\d{4}'
const readLine = (count: number | string) => `${time}, ${time}, ${four}, ${four}, ${count}, ${four}, \\d+, -?\\d+, -?${four}, -?${four}\n`
const heads = {
  whole:
    'start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n',
  detailed:
    'time, threadId, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n',
}

it('kafka-producer-perf-test and kafka-consumer-perf-test tell what they measure as Kafka does', async () => {
  await using broker = await runBroker()
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-perf-'))
  const at = ['--bootstrap-server', broker.bootstrap, '--topic', 'perf']
  const told = async (tool: string, words: string): Promise<string> => {
    const { code, stdout, stderr } = await run(['compat', tool, ...at, ...words.split(' ')])
    assert.deepEqual([code, stderr], [0, ''])
    return stdout
  }
  const matches = (text: string, ...parts: readonly string[]): void => assert.match(text, new RegExp(`^${parts.join('')}$`))
  const produce = (words: string): Promise<string> => told('kafka-producer-perf-test', words)
  const consume = (words: string): Promise<string> => told('kafka-consumer-perf-test', words)
  try {
    matches(await produce('--num-records 2000 --record-size 100 --throughput -1'), total(2000))
    const paced = await produce('--num-records 300 --record-size 10 --throughput 1000 --reporting-interval 100 --warmup-records 100')
    const warmUp = 'Warmup first 100 records\\. Steady state results will print after the complete test summary\\.\n'
    matches(paced, warmUp, `(?:${window})*`, '(?:In steady state\\.\n)?', `(?:${window})*`, total(300), total(200, ' steady state'))
    const old = 'Option --producer-props has been deprecated and will be removed in a future version. Use --command-property instead.\n'
    matches(
      await produce('--num-records 5 --payload-monotonic --throughput 1000 --producer-props acks=1 enable.idempotence=false'),
      old,
      total(5),
    )
    writeFileSync(join(folder, 'values.txt'), 'a|bc|def')
    const fromFile = `--payload-file ${folder}/values.txt --payload-delimiter \\| --num-records 6 --throughput -1`
    matches(await produce(fromFile), `Reading payloads from: ${folder}/values.txt\nNumber of records read: 3\n`, total(6))
    const metrics = await produce('--num-records 5 --record-size 1 --throughput -1 --print-metrics')
    matches(
      metrics,
      total(5),
      '\nMetric Name +Value\n',
      '(?:producer-metrics:[\\w-]+:\\{client-id=perf-producer-client\\} +: \\d+\\.\\d{3}\n)+',
    )
    const figure = (text: string, name: string): number => Number(new RegExp(`:${name}:.* : (.*)`).exec(text)![1])
    assert.deepEqual([figure(metrics, 'record-send-total'), figure(metrics, 'record-error-total')], [5, 0])
    await run(['topics', 'create', 'tight', '-c', 'max.message.bytes=100', '-b', broker.bootstrap])
    const words = '--topic tight --num-records 3 --record-size 500 --throughput -1 --print-metrics'
    const refused = await run(['compat', 'kafka-producer-perf-test', '--bootstrap-server', broker.bootstrap, ...words.split(' ')])
    assert.deepEqual([figure(refused.stdout, 'record-send-total'), figure(refused.stdout, 'record-error-total')], [0, 3])

    const sent = 2000 + 300 + 5 + 6 + 5
    matches(await consume(`--num-records ${sent}`), heads.whole, readLine(sent))
    matches(
      await consume('--messages 10 --hide-header'),
      'Warning: --messages is deprecated\\. Use --num-records instead\\.\n',
      readLine('500'),
    )
    const detailed = `${time}, 0, ${four}, ${four}, \\d+, ${four}, \\d+, -?\\d+, ${four}, ${four}\n`
    matches(await consume(`--num-records ${sent} --show-detailed-stats --reporting-interval 1`), heads.detailed, `(?:${detailed})+`)
    const late =
      'WARNING: Exiting before consuming the expected number of records: timeout \\(300 ms\\) exceeded\\. You can use the --timeout option to increase the timeout\\.\n'
    matches(await consume('--num-records 100000 --timeout 300'), heads.whole, late, readLine(sent))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('kafka-producer-perf-test tells each record that is not sent in a line, and goes on, as Kafka does', async () => {
  await using broker = await runBroker()
  const produce = async (server: string, ...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> => {
    const tool = ['compat', 'kafka-producer-perf-test', '--topic', 'perf', '--throughput', '-1', '--num-records', '2']
    const { code, stdout, stderr } = await run([...tool, ...words, '--command-property', `bootstrap.servers=${server}`, 'max.block.ms=200'])
    return { code, stdout, stderr }
  }
  const nothing = /^0 records sent, 0\.000000 records\/sec \(0\.00 MB\/sec\), NaN ms avg latency, /
  const errors = 'org.apache.kafka.common.errors.'
  const gone = await produce('127.0.0.1:1', '--record-size', '10')
  assert.equal(gone.stderr, `${errors}TimeoutException: Topic perf not present in metadata after 200 ms.\n`.repeat(2))
  assert.match(gone.stdout, nothing)
  const large = await produce(broker.bootstrap, '--record-size', '2000000')
  const tooLarge = `${errors}RecordTooLargeException: The message is 2000088 bytes when serialized which is larger than 1048576, which is the value of the max.request.size configuration.\n`
  assert.equal(large.stderr, tooLarge.repeat(2))
  assert.match(large.stdout, nothing)
  assert.deepEqual([gone.code, large.code], [0, 0])
  const untaken = await produce(broker.bootstrap, '--record-size', '10', '--transactional-id', 'x')
  assert.equal(untaken.code, 1)
  assert.equal(
    untaken.stderr,
    `Exception in thread "main" ${errors}TransactionalIdAuthorizationException: Transactional Id authorization failed.\n`,
  )
})
