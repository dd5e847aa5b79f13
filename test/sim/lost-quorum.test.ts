import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { RecordingJournal } from '../broker/recording-journal.ts'
import { Cluster, type ClusterShape, nameOf } from './cluster.ts'
import { pageOf, statusPort } from './page-of.ts'

const settings = { 'tkafka.status.listener': `0.0.0.0:${statusPort}`, 'request.timeout.ms': '3000' }
const combined: ClusterShape = { brokers: [1, 2, 3], controllers: [1, 2, 3], settings }
const apart: ClusterShape = { brokers: [1, 2], controllers: [11, 12, 13], settings }

const news = /active controller (is known|does not answer)/
const told = (journal: RecordingJournal, pattern: RegExp): string[] =>
  journal.entries.filter(({ message }) => pattern.test(message)).map(({ level, message }) => `${level} ${message}`)

const lifeOf = async (
  shape: ClusterShape,
  watched: number,
  life: (cluster: Cluster, journal: RecordingJournal) => Promise<void>,
): Promise<void> => {
  const journal = new RecordingJournal()
  const cluster = new Cluster({ seed: 1, journal: (host) => (host === nameOf(watched) ? journal : silentJournal) }, shape)
  await cluster.world.run(() => life(cluster, journal), 3_600_000)
}

for (const [name, shape, watched] of [
  ['a broker and controller', combined, 1],
  ['a broker', apart, 1],
  ['a controller', apart, 11],
] as const) {
  test(`${name} that loses the quorum is degraded and says why, once, until it has one again`, async () => {
    await lifeOf(shape, watched, async (cluster, journal) => {
      await cluster.startAll()
      await cluster.pause(10_000)
      const page = (path: string) => pageOf(cluster.clients, nameOf(watched), path)
      const whole = await page('/health')
      assert.deepEqual([whole.status, whole.body.status, whole.body.problems], [200, 'healthy', []])
      const { quorum } = (await page('/status')).body
      assert.deepEqual([quorum.voters, quorum.problem], [shape.controllers, null])
      assert.ok(shape.controllers.includes(quorum.leaderId!))

      const others = shape.controllers.filter((id) => id !== watched).slice(0, 2)
      for (const id of others) cluster.crash(id)
      await cluster.pause(31_000)
      const { status, body } = await page('/health')
      assert.deepEqual([status, body.status, body.problems.length], [200, 'degraded', 1])
      assert.match(
        body.problems[0]!,
        /^(no active controller is known|the active controller does not answer this broker) since \d\d s: voters [\d, ]+, last leader \d+$/,
      )
      const lost = (await page('/status')).body.quorum
      assert.match(lost.problem!, /^(no|the) active controller/)
      assert.equal(told(journal, news).length, 1)
      assert.match(told(journal, news)[0]!, /^warn (no|the) active controller .* since [56] s/)

      await Promise.all(others.map((id) => cluster.start(id)))
      await cluster.pause(10_000)
      assert.equal((await page('/health')).body.status, 'healthy')
      assert.deepEqual(told(journal, news).slice(1), ['info the active controller is known again'])
    })
  })
}

test('a node that starts before its quorum tells what it waits for', async () => {
  await lifeOf(combined, 1, async (cluster) => {
    const started = cluster.start(1)
    await cluster.pause(8000)
    const { status, body } = await pageOf(cluster.clients, nameOf(1), '/health')
    assert.deepEqual([status, body.status], [200, 'starting'])
    assert.match(body.problems[0]!, /^no active controller is known since 8 s: voters 1, 2, 3, none led before$/)
    const report = (await pageOf(cluster.clients, nameOf(1), '/status')).body
    assert.deepEqual([report.state, report.quorum.leaderId, report.quorum.problem], ['starting', null, body.problems[0]])
    await Promise.all([started, cluster.start(2), cluster.start(3)])
  })
})

test('what becomes of brokers and of the health of partitions is told by the active controller, summed up', async () => {
  const journals = new Map<string, RecordingJournal>()
  const journal = (host: string): RecordingJournal => {
    const known = journals.get(host) ?? new RecordingJournal()
    journals.set(host, known)
    return known
  }
  const cluster = new Cluster({ seed: 1, journal }, apart)
  const told = (): string[] =>
    [...journals].flatMap(([host, { entries }]) =>
      entries
        .filter(({ message }) => /^a broker is|^partitions are|^partitions have/.test(message))
        .map(({ level, message, fields: { broker, count, examples } }) => {
          assert.match(host, /node-1\d/, 'controllers tell of brokers')
          return [level, message, broker, count, examples].filter((each) => each !== undefined).join(' ')
        }),
    )
  const news = async (count: number, what: string): Promise<string[]> => {
    await cluster.until(() => told().length >= count, what)
    await cluster.pause(5000)
    return told().splice(0)
  }
  const forget = (): void => {
    for (const { entries } of journals.values()) entries.length = 0
  }
  await cluster.world.run(async () => {
    await cluster.startAll()
    const start = await news(4, 'both brokers are there')
    assert.deepEqual(start.toSorted(), [
      'info a broker is registered 1',
      'info a broker is registered 2',
      'info a broker is unfenced 1',
      'info a broker is unfenced 2',
    ])
    const admin = openAdmin(cluster.clients, cluster.bootstrap)
    await admin.createTopics([{ name: 'orders', partitionCount: 4, replicationFactor: 2 }])
    await admin.createTopics([{ name: 'single', assignments: [[2]] }])
    admin.close()
    await cluster.pause(5000)
    forget()
    cluster.crash(2)
    assert.deepEqual((await news(3, 'the broker is missed')).toSorted(), [
      'warn a broker is fenced: it leads nothing until it is unfenced 2',
      'warn partitions are under-replicated 4 orders-0, orders-1, orders-2, …',
      'warn partitions are without a leader 1 single-0',
    ])
    forget()
    await cluster.start(2)
    const back = await news(4, 'the broker is back')
    assert.deepEqual(back.slice(0, 3), [
      'info a broker is registered 2',
      'info a broker is unfenced 2',
      'info partitions have a leader again 1 single-0',
    ])
    assert.ok(back.slice(3).every((line) => line.startsWith('info partitions are fully replicated again')))
    forget()
    await cluster.stop(2)
    const stop = await news(3, 'the broker has left')
    assert.equal(stop[0], 'info a broker is in controlled shutdown 2')
    assert.ok(stop.includes('info a broker is fenced: it may stop 2'))
  }, 3_600_000)
})
