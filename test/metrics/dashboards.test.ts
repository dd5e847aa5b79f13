import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Consumer, openAdmin, Producer } from '../../src/client/index.ts'
import { alertRules, dashboards, expressionsOf } from '../../src/dashboards/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import type { Naming } from '../../src/metrics/index.ts'
import { type RunningBroker, runBroker } from '../broker/broker-fixture.ts'
import { scrape } from '../broker/scrape.ts'
import { until } from '../broker/until.ts'
import { groupingOf, seriesOf } from './expression.ts'
import { ofOthers } from './of-others.ts'
import * as published from './public-expressions.ts'

const host = { ...nodeHost(), journal: silentJournal }

/** A few records written and read again by a group that commits. */
const someTraffic = async ({ bootstrap }: RunningBroker): Promise<void> => {
  const client = { 'bootstrap.servers': bootstrap }
  using admin = openAdmin(host, client)
  await admin.createTopics([{ name: 'traffic', partitionCount: 1, replicationFactor: 1 }])
  await using producer = new Producer(host, client)
  await producer.sendAsync({ topic: 'traffic', partition: 0, value: Buffer.from('a record') })
  await using consumer = new Consumer(host, {
    ...client,
    'group.id': 'readers',
    'auto.offset.reset': 'earliest',
    'enable.auto.commit': 'false',
  })
  consumer.subscribe(['traffic'])
  await until(async () => {
    for (const chunk of await consumer.poll(100)) if (chunk.next()) return true
    return false
  }, 'the record is read')
  await consumer.commitSync([{ topic: 'traffic', partition: 0, offset: 1 }])
}

/** What the expressions ask for and the scrape does not have. */
const missing = (series: ReadonlyMap<string, number>, expressions: readonly string[], areGrouped: boolean): string[] => {
  const found = Map.groupBy(series.keys(), (key) => key.split('{')[0]!)
  const faults = new Set<string>()
  for (const expression of expressions) {
    for (const { name, labels } of seriesOf(expression)) {
      if (name in ofOthers) continue
      const wanted = [...labels, ...(areGrouped ? groupingOf(expression) : [])]
      const isThere = found.get(name)?.some((key) => wanted.every((label) => new RegExp(`[{,]${label}="[^"]`).test(key)))
      if (isThere !== true) faults.add([name, ...wanted].join(' '))
    }
  }
  return [...faults]
}

const own = (naming: Naming): string[] => {
  const options = { naming, clusterLabel: 'job' }
  return [
    ...Object.values(dashboards(options)).flatMap(expressionsOf),
    ...Object.values(alertRules(options)).flatMap((rules) => rules.map(({ expr }) => expr)),
  ]
}

describe('the expressions of dashboards and alerts find data in the scrape of a node', () => {
  test('under the names of jmx_exporter and kafka_exporter', async (t) => {
    await using running = await runBroker({ 'tkafka.status.listener': '127.0.0.1:0' }, { version: 'checkout' })
    await someTraffic(running)
    const series = await scrape(running.broker)
    const { strimziKafka, strimziKraft, strimziKafkaExporter, kafkaExporterOverview, strimziAlerts } = published
    for (const [dashboard, wanted] of Object.entries({
      strimziKafka,
      strimziKraft,
      strimziKafkaExporter,
      kafkaExporterOverview,
      strimziAlerts,
    }))
      await t.test(dashboard, () => assert.deepEqual(missing(series, wanted, true), []))
    await t.test('our own', () => assert.deepEqual(missing(series, own('jmx-exporter'), false), []))
    const shown = new Set([...series.keys()].map((key) => key.split('{')[0]!))
    assert.deepEqual(
      Object.keys(ofOthers).filter((name) => shown.has(name)),
      [],
    )
  })

  test('under those of the Strimzi metrics reporter', async (t) => {
    await using running = await runBroker(
      { 'tkafka.status.listener': '127.0.0.1:0', 'tkafka.metrics.naming': 'reporter' },
      { version: 'checkout' },
    )
    await someTraffic(running)
    const series = await scrape(running.broker)
    const { strimziReporterKafka, strimziReporterKraft, strimziKafkaExporter, kafkaExporterOverview, strimziAlerts } = published
    for (const [dashboard, wanted] of Object.entries({
      strimziReporterKafka,
      strimziReporterKraft,
      strimziKafkaExporter,
      kafkaExporterOverview,
      strimziAlerts,
    }))
      await t.test(dashboard, () => assert.deepEqual(missing(series, wanted, true), []))
    await t.test('our own', () => assert.deepEqual(missing(series, own('reporter'), false), []))
  })
})
