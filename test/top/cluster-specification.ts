import assert from 'node:assert/strict'
import { after, before, describe, it, mock } from 'node:test'
import { type Admin, BrokerLink, openAdmin, Producer } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { advance } from '../../src/top/model/model.ts'
import { noAttention, type Sample } from '../../src/top/sample.ts'
import { Sampler } from '../../src/top/sampler/sampler.ts'
import { run } from '../cli/run-command.ts'
import { type BrokerAt, eventually, freshName } from '../client/broker-at.ts'

const host = nodeHost({ journal: silentJournal })
const HOUR_MS = 3_600_000

/** What top knows of a cluster, whoever made it. */
export function describeTop(of: string, broker: BrokerAt): void {
  describe(`top of ${of}`, () => {
    const topic = freshName('orders')
    const group = freshName('billing')
    const writtenMs = Date.now() - HOUR_MS
    let admin: Admin
    let controller: Admin
    let sampler: Sampler

    before(async () => {
      const settings = { 'bootstrap.servers': broker.bootstrap }
      admin = openAdmin(host, settings)
      controller = openAdmin(host, settings)
      await admin.createTopics([{ name: topic, partitionCount: 3, replicationFactor: 1 }])
      await using producer = new Producer(host, settings)
      await producer.ready(topic)
      for (let index = 0; index < 300; index++)
        producer.send({ topic, partition: index % 3, value: Buffer.from(`record ${index}`), timestamp: writtenMs + index * 1000 })
      await producer.flush()
      const offsets = [0, 1].map((partition) => ({ topic, partition, offset: 10 + partition * 90 }))
      await eventually('the group to take offsets', async () => {
        const answers = await admin.alterGroupOffsets(group, offsets)
        return answers.every(({ error }) => error === null)
      })
      sampler = new Sampler(admin, controller, { everyMs: 2000 })
    })
    after(() => {
      admin?.close()
      controller?.close()
    })

    /** What one look does not find, because it changes slowly, the next finds. */
    const look = (): Promise<Sample> => sampler.take({ records: [{ group, topic, partition: 0 }], topic })
    const tkafka = (...argv: string[]) => run(argv, { env: { TKAFKA_BOOTSTRAP_SERVER: broker.bootstrap } })

    it('finds brokers, topics, offsets, groups, the quorum and storage', async () => {
      const sample = await look()
      assert.deepEqual(sample.failures, [])
      assert.equal(sample.brokers.length, 1)
      assert.equal(sample.brokers[0]!.fenced, false)
      assert.deepEqual(sample.ends[topic], [100, 100, 100])
      assert.deepEqual(sample.starts[topic], [0, 0, 0])
      assert.deepEqual(sample.commits[group], { [topic]: [0, 10, 1, 100] })
      const found = sample.groups!.find(({ id }) => id === group)!
      assert.deepEqual([found.state, found.type, found.members], ['Empty', 'classic', []])
      assert.equal(sample.quorum!.replicas.find(({ status }) => status === 'Leader')!.id, sample.quorum!.leaderId)
      assert.deepEqual(sample.moves, [])
      assert.ok(sample.storage!.directories[0]!.totalBytes! > 0)
      assert.equal(sample.topics.find(({ name }) => name === topic)!.minInsyncReplicas, 1)
    })

    it('dates the oldest unread record by the record itself', async () => {
      const sample = await look()
      // Records 0, 3, 6 … are in partition 0; its offset 10 is record 30.
      assert.deepEqual(sample.recordTimes, [{ topic, partition: 0, offset: 10, timestamp: writtenMs + 30_000 }])
      const { age, status, lag } = advance(undefined, sample).groups.get(group)!
      assert.equal(lag, 90)
      assert.equal(status, 'STOP')
      assert.equal(age!.isAtLeast, false)
      assert.ok(age!.ms > HOUR_MS - 60_000 && age!.ms < HOUR_MS + 600_000)
    })

    it('compares the replicas of the topic that is looked at', async () => {
      const { replicaEnds, brokers } = await look()
      assert.deepEqual(replicaEnds, { topic, byBroker: { [brokers[0]!.id]: [100, 100, 100] } })
    })

    it('asks each broker a handful of questions a look, however many topics and groups there are', async () => {
      await look()
      const requests = mock.method(BrokerLink.prototype, 'request')
      try {
        await sampler.take(noAttention)
        const names = requests.mock.calls.map(({ arguments: [call] }) => call.api.name).sort()
        assert.deepEqual(names, [
          'DescribeCluster',
          'DescribeGroups',
          'DescribeQuorum',
          'ListGroups',
          'ListOffsets',
          'ListPartitionReassignments',
          'Metadata',
          'OffsetFetch',
        ])
      } finally {
        requests.mock.restore()
      }
    })

    it('only groups and topics that match', async () => {
      const narrow = new Sampler(admin, controller, { everyMs: 2000, groups: /^nothing$/, topics: new RegExp(`^${topic}$`) })
      const sample = await narrow.take()
      assert.deepEqual(sample.groups, [])
      assert.deepEqual(
        sample.topics.map(({ name }) => name),
        [topic],
      )
    })

    it('agrees with groups describe and topics describe', async () => {
      const top = JSON.parse((await tkafka('top', 'groups', '--once', '-i', '500ms', '-g', group, '--output', 'json')).stdout)
      const groups = JSON.parse((await tkafka('groups', 'describe', group, '--output', 'json')).stdout)
      const topics = JSON.parse((await tkafka('topics', 'describe', topic, '--output', 'json')).stdout)
      const [shown] = top.items
      const [described] = groups.items
      assert.equal(top.kind, 'TopGroup')
      assert.equal(shown.lag, 90)
      assert.equal(described.lag, shown.lag)
      const lags = (list: { partition: number; lag: number | null }[]) => list.map(({ partition, lag }) => [partition, lag])
      assert.deepEqual(lags(shown.partitions), lags(described.partitions))
      const ends = (list: { endOffset: number }[]) => list.map(({ endOffset }) => endOffset)
      assert.deepEqual(ends(shown.partitions), ends(topics.items[0].partitions).slice(0, 2))
    })

    it('prints one frame without a terminal', async () => {
      const { code, stdout, stderr } = await tkafka('top', '--once', '-i', '500ms', '-g', group)
      assert.deepEqual([code, stderr], [0, ''])
      const lines = stdout.split('\n')
      assert.match(lines[0]!, /^tkafka top {2}\S+ .* every 0\.5s {2}\? help$/)
      assert.match(lines[1]!, /^Brokers 1\/1 ctl \d+ e\d+ │ URP 0/)
      assert.match(lines[4]!, new RegExp(`^▸ ${group} +Empty +90 .* STOP$`))
      assert.equal(lines.length, 6)
    })

    it('prints one in a terminal of a machine that runs tests as well, and says why', async () => {
      const env = { TKAFKA_BOOTSTRAP_SERVER: broker.bootstrap, CI: 'true' }
      const { code, stdout, stderr } = await run(['top', '-i', '500ms', '-g', group], { env, terminal: true })
      assert.equal(code, 0)
      assert.match(stdout, /^tkafka top /)
      assert.match(stderr, /^CI is set in the environment, so one frame is printed; env -u CI tkafka top /)
    })

    it('gives rows to programs: awk, csv, ndjson, with columns of one’s own', async () => {
      const flags = ['--once', '-i', '500ms', '-g', group]
      assert.equal(
        (await tkafka('top', 'groups', ...flags, '--output', 'awk', '--columns', 'group,lag,status')).stdout,
        `${group}\t90\tSTOP\n`,
      )
      assert.match(
        (await tkafka('top', 'groups', ...flags, '--output', 'csv', '--columns', 'group,state,lag')).stdout,
        /^GROUP,STATE,LAG\n\S+,Empty,90\n$/,
      )
      const [line] = (await tkafka('top', 'topics', '--once', '-i', '500ms', '-t', topic, '--output', 'ndjson')).stdout.split('\n')
      assert.equal(JSON.parse(line!).recordCount, 300)
    })

    it('gives rows again and again to a program, until it is told to stop', async () => {
      const stop = new AbortController()
      const lines: string[] = []
      const { code } = await run(['top', 'groups', '-i', '500ms', '-g', group, '--output', 'ndjson', '-b', broker.bootstrap], {
        stop: stop.signal,
        onOutput: (text) => {
          lines.push(text)
          if (lines.length === 2) stop.abort('interrupt')
        },
      })
      assert.equal(code, 0)
      assert.deepEqual(
        lines.map((line) => JSON.parse(line).lag),
        [90, 90],
      )
    })

    it('records what it sees; a replay shows the same', async () => {
      const path = `/tmp/${freshName('top')}.ndjson`
      try {
        const flags = ['groups', '--once', '-i', '500ms', '-g', group, '--output', 'json']
        const seen = JSON.parse((await tkafka('top', ...flags, '--record', path)).stdout)
        const again = JSON.parse((await tkafka('top', 'groups', '--once', '--output', 'json', '--replay', path)).stdout)
        assert.deepEqual(again.items, seen.items)
      } finally {
        await host.disk.remove(path)
      }
    })

    it('a reset that was said yes to is the command that was shown', async () => {
      const words = ['groups', 'reset', group, '--to=start', '--all-topics', '--execute', '-b', broker.bootstrap]
      const { code, stdout } = await tkafka(...words)
      assert.equal(code, 0, stdout)
      const { commits } = await sampler.take()
      assert.deepEqual(commits[group], { [topic]: [0, 0, 1, 0] })
    })
  })
}
