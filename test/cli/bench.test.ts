import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { BenchReport, BenchRound } from '../../src/bench/index.ts'
import { eventually } from '../client/broker-at.ts'
import { openCluster, type TestCluster, uniqueName } from './cluster-fixture.ts'

let cluster: TestCluster
before(async () => {
  cluster = await openCluster()
})
after(() => cluster.close())

const file = (name: string): string => join(cluster.folder, name)
const report = async (...argv: string[]): Promise<BenchReport> => {
  const { code, stdout, stderr } = await cluster.tkafka([...argv, '--interval', '200ms', '--json'])
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout).items[0]
}
const count = async (topic: string): Promise<number> =>
  (await cluster.items(['topics', 'offsets', topic])).reduce((sum, { endOffset }) => sum + Number(endOffset), 0)

/** A topic that is there: brokers tell of it a moment after it was made. */
const made = async (...flags: string[]): Promise<string> => {
  const topic = uniqueName('bench')
  await cluster.tkafka(['topics', 'create', topic, ...flags])
  await eventually('the topic is known', async () => (await cluster.tkafka(['topics', 'describe', topic])).code === 0)
  return topic
}

describe('tkafka bench producer', () => {
  it('sends as many records as it is told, after those that warm up, and every one of them can be read', async () => {
    const topic = await made('-p', '3')
    const shape = ['--record-size', '20-200', '-z', 'lz4', '--keys', '40', '-X', 'batch.size=4096', '--producers', '2']
    const { rounds, settings } = await report('bench', 'producer', topic, '-n', '5000', '--warmup-records', '700', ...shape)
    const [round] = rounds as [BenchRound]
    assert.deepEqual([round.records, round.failed, round.latency?.count, round.ackLatency?.count], [5000, 0, 5000, 5000])
    assert.deepEqual([settings.acks, settings['compression.type'], settings['batch.size'], settings.keys], ['all', 'lz4', '4096', 40])
    assert.equal(await count(topic), 5700)
    const { stdout } = await cluster.tkafka(['consume', topic, '-o', ':end', '-f', '%k %V\\n'])
    assert.equal(stdout.split('\n').filter((line) => /^key-\d+ \d+$/.test(line)).length, 5700)
  })

  for (const acks of ['0', '1', 'all'])
    it(`keeps the pace of an open loop: acks=${acks}`, async () => {
      const { rounds } = await report('bench', 'producer', '--throughput', '2000', '-d', '500ms', '--warmup', '100ms', '--acks', acks)
      assert.equal(rounds[0]!.records, 1000)
      assert.ok(rounds[0]!.latency!.p50Ms >= rounds[0]!.ackLatency!.p50Ms)
      assert.ok(rounds[0]!.histogram !== null && rounds[0]!.rows.length > 0)
    })

  it('tells rows, a total and plots, and keeps a report and a page', async () => {
    const argv = ['bench', 'producer', '-n', '3000', '--throughput', '10000', '--interval', '100ms', '--rounds', '2']
    const { code, stdout, stderr } = await cluster.tkafka([...argv, '--save', file('two.json'), '--report', file('two.html')])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^round 1 of 2\n +T +RECORDS +REC\/S +MIB\/S +P50 +P99 +P99\.9 +MAX +ERR\n/)
    assert.match(stdout, /\n2 rounds: [\d,]+ to [\d,]+ rec\/s, p99 .* to .*; the one in the middle:\n/)
    assert.match(stdout, /\nTOTAL 3,000 in \d+\.\ds .* latency from intended send time: avg .* p50 .* p95 .* p99 .* p99\.9 .* max .* ms\n/)
    assert.match(stdout, /\nack-only p99 .* · batches .* rec avg · retries 0 · .*acks=all none\n/)
    assert.match(stderr, /saved .*two\.json \(HDR inside\) {3}→ tkafka bench compare\n/)
    const page = readFileSync(file('two.html'), 'utf8')
    assert.equal(page.match(/<svg/g)?.length, 3)
    assert.doesNotMatch(page, /NaN|undefined|https?:/)
    assert.equal((JSON.parse(readFileSync(file('two.json'), 'utf8')) as BenchReport).rounds.length, 2)
  })

  it('leaves no topic behind that it made', async () => {
    const topics = await cluster.items(['topics', 'list'])
    assert.deepEqual(
      topics.filter(({ name }) => String(name).startsWith('tkafka-bench-')),
      [],
    )
  })

  it('prints a line for each row with --output ndjson, and rows alone as csv', async () => {
    const argv = ['bench', 'producer', '-n', '500', '--throughput', '1000', '--interval', '100ms']
    const { stdout } = await cluster.tkafka([...argv, '--output', 'ndjson'])
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).event)
    assert.deepEqual([...new Set(events)], ['row', 'round', 'report'])
    const csv = await cluster.tkafka([...argv, '--output', 'csv'])
    assert.match(csv.stdout, /^T,RECORDS,REC\/S,MIB\/S,P50,P99,P99\.9,MAX,ERR,NOTE\n\d+,\d+,/)
  })

  it('takes values from a file', async () => {
    writeFileSync(file('values.txt'), 'one\ntwo\nthree\n')
    const topic = await made()
    await report('bench', 'producer', topic, '-n', '300', '--payload-file', file('values.txt'))
    const { stdout } = await cluster.tkafka(['consume', topic, '-o', ':end'])
    assert.deepEqual([...new Set(stdout.trimEnd().split('\n'))].sort(), ['one', 'three', 'two'])
  })

  it('says what is wrong before anything is sent', async () => {
    const refused = async (...argv: string[]): Promise<string> => {
      const { code, stderr } = await cluster.tkafka(['bench', 'producer', ...argv])
      assert.notEqual(code, 0)
      return stderr
    }
    assert.match(await refused('--throughput', 'fast'), /--throughput: fast is no rate/)
    assert.match(await refused('--record-size', 'big'), /--record-size: big is no size/)
    assert.match(await refused('no-such-topic'), /does not exist \[UNKNOWN_TOPIC_OR_PARTITION 3\]\n.*one is made/)
    assert.match(await refused('-X', 'acks=2'), /acks=2 is not legal/)
  })
})

describe('tkafka bench consumer', () => {
  it('fills a topic and reads it, by batches and record by record', async () => {
    for (const decode of [[], ['--decode']]) {
      const { rounds } = await report('bench', 'consumer', '-n', '4000', '-s', '50', '--consumers', '2', '--rounds', '2', ...decode)
      for (const { records, failed } of rounds) assert.deepEqual([records >= 4000, failed], [true, 0])
      if (decode.length > 0) assert.equal(rounds[0]!.bytes, rounds[0]!.records * 50)
    }
  })

  it('measures nothing where the topic could not be filled', async () => {
    const { code, stdout, stderr } = await cluster.tkafka([
      'bench',
      'consumer',
      '-n',
      '3',
      '-s',
      '2000000',
      '-X',
      'max.request.size=4000000',
    ])
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, /of 3 records to read 3 could not be written: /)
  })

  it('reads a topic to where it ended, or as members of a group', async () => {
    const topic = await made('-p', '2')
    await report('bench', 'producer', topic, '-n', '1500')
    assert.equal((await report('bench', 'consumer', topic)).rounds[0]!.records, 1500)
    const group = ['-g', uniqueName('group'), '-n', '1500', '-X', 'auto.commit.interval.ms=100']
    const [asGroup] = (await report('bench', 'consumer', topic, ...group)).rounds
    assert.equal(asGroup!.records, 1500)
    // A broker waits for more members of a new group: no time of reading.
    assert.ok(asGroup!.joinMs! > 0, `met after ${asGroup!.joinMs} ms`)
    const again = await cluster.tkafka(['bench', 'consumer', topic, ...group])
    assert.equal(again.code, 2)
    assert.match(again.stderr, /group .* has committed offsets of .*, which will be moved\n.*--yes/s)
  })
})

describe('tkafka bench txn', () => {
  it('says at once that a cluster has no transactions, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await cluster.tkafka(['bench', 'txn', '--producers', '3'])
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(
      stderr,
      /no transactions can be measured: this broker does not serve transactions \[TRANSACTIONAL_ID_AUTHORIZATION_FAILED 53\]/,
    )
    assert.deepEqual(
      (await cluster.items(['topics', 'list'])).filter(({ name }) => String(name).startsWith('tkafka-bench-')),
      [],
    )
  })

  it('says what is wrong before anything is sent', async () => {
    for (const [flags, words] of [
      [['--abort-share', '7'], /--abort-share: 7 is no part/],
      [['--num-transactions', '0'], /--num-transactions/],
      [['--transaction-records', 'x'], /--transaction-records/],
    ] as const) {
      const { code, stderr } = await cluster.tkafka(['bench', 'txn', ...flags])
      assert.equal(code, 2)
      assert.match(stderr, words)
    }
    const other = await cluster.tkafka(['bench', 'producer', '-n', '5', '-X', 'transactional.id=x'])
    assert.match(other.stderr, /transactional.id is for loads of transactions: tkafka bench txn/)
  })
})

describe('tkafka bench e2e and mixed', () => {
  it('measure the whole way of each record', async () => {
    const { rounds } = await report('bench', 'e2e', '--throughput', '500', '-d', '600ms', '--warmup', '100ms', '--consumers', '2')
    assert.deepEqual([rounds[0]!.records, rounds[0]!.latency?.count, rounds[0]!.failed], [300, 300, 0])
  })

  it('send and read at once', async () => {
    const { rounds } = await report('bench', 'mixed', '--throughput', '2000', '-n', '1000', '--keys', '10')
    assert.equal(rounds[0]!.records, 1000)
    assert.ok(rounds[0]!.read!.records >= 900, `${rounds[0]!.read!.records} read`)
  })
})

describe('tkafka bench compare', () => {
  const saved = (name: string, rate: number): string => {
    const one = JSON.parse(readFileSync(file('two.json'), 'utf8')) as BenchReport
    writeFileSync(file(name), JSON.stringify({ ...one, rounds: one.rounds.map((round) => ({ ...round, recordsPerSecond: rate })) }))
    return file(name)
  }

  it('answers no when the second is worse, and tells by how much', async () => {
    const [fast, slow] = [saved('fast.json', 1000), saved('slow.json', 500)]
    const worse = await cluster.tkafka(['bench', 'compare', fast, slow])
    assert.equal(worse.code, 3)
    assert.match(worse.stdout, /^METRIC +A +B +RATIO +LOW +HIGH +VERDICT\nrecords\/s +1,000 +500 +0\.50 +0\.50 +0\.50 +worse\n/)
    assert.equal((await cluster.tkafka(['bench', 'compare', fast, slow, '--threshold', '60%'])).code, 0)
    assert.equal((await cluster.tkafka(['bench', 'compare', slow, fast, '--json'])).code, 0)
  })

  it('compares no loads that were not the same, and none that was stopped', async () => {
    const other = JSON.parse(readFileSync(file('two.json'), 'utf8')) as BenchReport
    writeFileSync(file('other.json'), JSON.stringify({ ...other, settings: { ...other.settings, acks: '1' } }))
    const refused = await cluster.tkafka(['bench', 'compare', file('two.json'), file('other.json')])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /they differ in acks\n.*--force/)
    assert.equal((await cluster.tkafka(['bench', 'compare', file('two.json'), file('other.json'), '--force'])).code, 0)
    const stop = AbortSignal.timeout(500)
    const cut = await cluster.tkafka(['bench', 'producer', '-d', '60s', '--warmup', '0', '--save', file('cut.json')], { stop })
    assert.match(cut.stdout, /TOTAL/)
    const { code, stderr } = await cluster.tkafka(['bench', 'compare', file('cut.json'), file('two.json')])
    assert.equal(code, 1)
    assert.match(stderr, /cut\.json: it was stopped before its round was whole/)
  })

  it('says which file is no report', async () => {
    writeFileSync(file('other.json'), '{}')
    const { code, stderr } = await cluster.tkafka(['bench', 'compare', file('other.json'), file('two.json')])
    assert.equal(code, 1)
    assert.match(stderr, /other\.json: it is no report of a benchmark/)
  })
})

describe('tkafka bench suite', () => {
  it('runs the rows of a file against two clusters, and tells ratios', async () => {
    writeFileSync(
      file('rows.yaml'),
      'rows:\n- name: small\n  recordSize: 100\n  partitions: 1\n  config: { acks: 1, buffer.memory: 1000000 }\n- { name: read, kind: consumer }\n- { name: way, kind: e2e, throughput: 200 }\n',
    )
    const quick = ['--rounds', '2', '-d', '200ms', '--warmup', '0', '--fill', '1']
    const items = await cluster.items(['bench', 'suite', file('rows.yaml'), ...quick, '--against', cluster.server])
    assert.deepEqual(
      items.map(({ row, metric }) => `${row}: ${metric}`),
      ['small: records/s', 'read: records/s', 'way: p50 ms'],
    )
    for (const { a, b, ratio, low, high } of items as { [key: string]: number }[]) {
      assert.ok(Math.abs(ratio! - b! / a!) < 1e-9 && low! <= ratio! && ratio! <= high!)
    }
  })

  it('goes on with other rows when one fails, tells of it, and exits with 1', async () => {
    writeFileSync(
      file('broken.yaml'),
      '- { name: wrong, config: { acks: 7 } }\n- { name: large, recordSize: 2000000, throughput: 20, config: { max.request.size: 4000000 } }\n- { name: unread, kind: consumer, recordSize: 2000000, config: { max.request.size: 4000000 } }\n- { name: right, recordSize: 100 }\n',
    )
    const quick = ['--rounds', '1', '-d', '200ms', '--warmup', '0', '--fill', '4']
    const { code, stdout, stderr } = await cluster.tkafka(['bench', 'suite', file('broken.yaml'), ...quick, '--json'])
    assert.equal(code, 1)
    assert.deepEqual(
      (JSON.parse(stdout).items as { row: string; failedA: number }[]).map(({ row, failedA }) => [row, failedA > 0]),
      [
        ['large', true],
        ['right', false],
      ],
    )
    assert.match(stderr, /round 1 A wrong: .*acks=7 is not legal/)
    assert.match(stderr, /round 1 A unread: of 2 records to read 2 could not be written/)
    assert.match(stderr, /2 loads came to no end/)
  })

  it('lists the standard rows, and says what is wrong with others', async () => {
    assert.ok((await cluster.items(['bench', 'suite', '--list'])).length >= 15)
    writeFileSync(file('wrong.yaml'), '- { kind: producer, size: 5 }\n')
    const { code, stderr } = await cluster.tkafka(['bench', 'suite', file('wrong.yaml')])
    assert.equal(code, 1)
    assert.match(stderr, /wrong\.yaml: row 1: there is no size; known are name, kind/)
  })
})

describe('tkafka bench disk and network', () => {
  it('measure a directory and leave nothing in it', async () => {
    const [figures] = await cluster.items(['bench', 'disk', cluster.folder, '--size', '1', '--syncs', '3'])
    assert.ok(Number(figures!.mibPerSecond) > 0)
    assert.equal((figures!.syncLatency as { count: number }).count, 3)
    assert.deepEqual(
      readdirSync(cluster.folder).filter((name) => name.endsWith('.tmp')),
      [],
    )
  })

  it('measure the way to each broker, and make no topic', async () => {
    const [trip] = await cluster.items(['bench', 'network', '--trips', '20', '--size', '1'])
    assert.equal((trip!.roundTrip as { count: number }).count, 20)
    assert.ok(Number(trip!.mibPerSecond) > 0)
    assert.deepEqual(
      (await cluster.items(['topics', 'list'])).filter(({ name }) => String(name).includes('no-topic')),
      [],
    )
  })
})
