import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { exposed, exposition, Histogram, kafkaMetrics, MetricRegistry, prometheusName } from '../../src/metrics/index.ts'

describe('a histogram', () => {
  test('finds every quantile within a sixteenth of the exact one', () => {
    const value = fc.oneof(fc.nat(40), fc.nat(100_000), fc.nat(2 ** 31 - 1))
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), fc.constantFrom(0.5, 0.75, 0.95, 0.99, 0.999), (values, q) => {
        const histogram = new Histogram()
        for (const each of values) histogram.record(each)
        const exact = values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(q * values.length)) - 1]!
        const found = histogram.quantile(q)
        assert.ok(Math.abs(found - exact) <= exact / 16, `${found} instead of ${exact}`)
        assert.equal(histogram.count, values.length)
      }),
    )
  })

  test('keeps decimals by its scale and survives values that make no sense', () => {
    const histogram = new Histogram(1000)
    for (const value of [0.004, 0.004, 0.004]) histogram.record(value)
    assert.equal(histogram.quantile(0.5), 0.004)
    for (const value of [-1, Number.NaN, 1e12, Number.POSITIVE_INFINITY]) histogram.record(value)
    assert.equal(histogram.count, 7)
  })

  test('forgets what is older than two windows, but not how many there were', () => {
    const histogram = new Histogram()
    histogram.turn(0)
    histogram.record(10)
    histogram.turn(150_000)
    assert.equal(histogram.quantile(0.99), 10)
    histogram.record(5)
    histogram.turn(300_000)
    assert.equal(histogram.quantile(0.99), 5)
    histogram.turn(900_000)
    assert.equal(histogram.quantile(0.99), 0)
    assert.equal(histogram.count, 2)
  })
})

describe('the registry', () => {
  test('gives the same counter for the same name and labels, whatever their order', () => {
    const registry = new MetricRegistry()
    const counter = registry.counter(kafkaMetrics.requests, { request: 'Produce', version: '12' })
    counter.value += 3
    assert.equal(registry.counter(kafkaMetrics.requests, { version: '12', request: 'Produce' }).value, 3)
    assert.equal(registry.counter(kafkaMetrics.requests, { version: '13', request: 'Produce' }).value, 0)
  })

  test('forgets a topic with all its series', () => {
    const registry = new MetricRegistry()
    registry.counter(kafkaMetrics.bytesIn, { topic: 'a' }).value = 1
    registry.counter(kafkaMetrics.bytesIn, { topic: 'b' }).value = 2
    registry.forget({ topic: 'a' })
    assert.deepEqual(
      exposed(registry, 'jmx-exporter', 0)[0]?.values.map(({ labels }) => labels),
      [{ topic: 'b' }],
    )
  })
})

describe('the names that dashboards ask for', () => {
  for (const [metric, isCounter, name, reporterName] of [
    ['bytesIn', true, 'kafka_server_brokertopicmetrics_bytesin_total', 'kafka_server_brokertopicmetrics_bytesinpersec_total'],
    [
      'uncleanLeaderElections',
      true,
      'kafka_controller_controllerstats_uncleanleaderelections_total',
      'kafka_controller_controllerstats_uncleanleaderelectionspersec_total',
    ],
    [
      'underReplicatedPartitions',
      false,
      'kafka_server_replicamanager_underreplicatedpartitions',
      'kafka_server_replicamanager_underreplicatedpartitions',
    ],
    [
      'networkIdle',
      false,
      'kafka_network_socketserver_networkprocessoravgidle_percent',
      'kafka_network_socketserver_networkprocessoravgidlepercent',
    ],
    [
      'connectionCount',
      false,
      'kafka_server_socket_server_metrics_connection_count',
      'kafka_server_socket_server_metrics_connection_count',
    ],
    ['logSize', false, 'kafka_log_log_size', 'kafka_log_log_size'],
    ['raftEpoch', false, 'kafka_server_raftmetrics_current_epoch', 'kafka_server_raft_metrics_current_epoch'],
    ['raftState', false, 'kafka_server_raftmetrics_current_state', 'kafka_server_raft_metrics_current_state_info'],
    ['raftBytesIn', true, 'kafka_server_raftchannelmetrics_incoming_byte_total', 'kafka_server_raft_channel_metrics_incoming_byte'],
    [
      'brokerAppliedOffset',
      false,
      'kafka_server_brokermetadatametrics_last_applied_record_offset',
      'kafka_server_broker_metadata_metrics_last_applied_record_offset',
    ],
  ] as const) {
    test(name, () => {
      assert.equal(prometheusName(kafkaMetrics[metric], 'jmx-exporter', isCounter), name)
      assert.equal(prometheusName(kafkaMetrics[metric], 'reporter', isCounter), reporterName)
    })
  }
})

const written = async (registry: MetricRegistry, rest?: () => Promise<void>): Promise<{ contentType: string; text: string }> => {
  const { contentType, chunks } = await exposition(registry, 0, 'jmx-exporter', rest)
  return { contentType, text: Buffer.concat(chunks).toString() }
}

test('an exposition holds counters, gauges, families and quantiles', async () => {
  const registry = new MetricRegistry()
  registry.counter(kafkaMetrics.messagesIn, { topic: 'quote " and \\' }).value = 7
  registry.gauge(kafkaMetrics.leaderCount, () => 4)
  registry.gauge(kafkaMetrics.partitionCount, () => Number.NaN)
  const stop = registry.gauges(kafkaMetrics.logSize, () => [
    [{ topic: 'a', partition: '0' }, 100],
    [{ topic: 'a', partition: '1' }, 200],
  ])
  registry.histogram(kafkaMetrics.requestTotalTimeMs, { request: 'Fetch' }).record(9)
  const { contentType, text } = await written(registry)
  assert.match(contentType, /^text\/plain/)
  const lines = text.split('\n')
  for (const line of [
    'kafka_server_brokertopicmetrics_messagesin_total{topic="quote \\" and \\\\"} 7',
    'kafka_server_replicamanager_leadercount 4',
    'kafka_log_log_size{topic="a",partition="1"} 200',
    'kafka_network_requestmetrics_totaltimems_count{request="Fetch"} 1',
    'kafka_network_requestmetrics_totaltimems{request="Fetch",quantile="0.50"} 9',
    'kafka_network_requestmetrics_totaltimems{request="Fetch",quantile="0.999"} 9',
    '# TYPE kafka_server_brokertopicmetrics_messagesin_total counter',
    '# TYPE kafka_network_requestmetrics_totaltimems gauge',
  ])
    assert.ok(lines.includes(line), `${line}\n${text}`)
  assert.doesNotMatch(text, /partitioncount/)
  stop()
  assert.doesNotMatch((await written(registry)).text, /kafka_log_log_size/)
})

test('a long exposition is written in turns, each name with its head once', async () => {
  const registry = new MetricRegistry()
  const partitions = Array.from({ length: 10_000 }, (_, index) => [{ topic: 'wide', partition: String(index) }, index] as const)
  let read = 0
  const readAtTurns: number[] = []
  registry.gauges(kafkaMetrics.logSize, function* () {
    for (const each of partitions) {
      read++
      yield each
    }
  })
  const { text } = await written(registry, async () => void readAtTurns.push(read))
  const lines = text.trimEnd().split('\n')
  assert.equal(lines.length, 10_002)
  assert.equal(lines.filter((line) => line.startsWith('#')).length, 2)
  assert.equal(lines.at(-1), 'kafka_log_log_size{topic="wide",partition="9999"} 9999')
  // Nothing is read before it is written: that would be one long turn.
  assert.ok(readAtTurns.length >= 10 && readAtTurns.every((count, turn) => count - (readAtTurns[turn - 1] ?? 0) <= 1000), `${readAtTurns}`)
})
