import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Consumer, openAdmin, Producer } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { type RunningBroker, runBroker } from '../broker/broker-fixture.ts'
import { scrape } from '../broker/scrape.ts'
import { until } from '../broker/until.ts'

const host = { ...nodeHost(), journal: silentJournal }

/** A name, and the labels by which the expressions of the dashboard select and group it. */
type Wanted = readonly [name: string, ...labels: string[]]

/** strimzi-kafka.json of Strimzi's examples for jmx_exporter. */
const strimziKafka: readonly Wanted[] = [
  ['kafka_server_replicamanager_leadercount'],
  ['kafka_controller_kafkacontroller_activecontrollercount'],
  ['kafka_controller_controllerstats_uncleanleaderelections_total'],
  ['kafka_server_replicamanager_partitioncount'],
  ['kafka_server_replicamanager_underreplicatedpartitions'],
  ['kafka_cluster_partition_atminisr'],
  ['kafka_cluster_partition_underminisr'],
  ['kafka_controller_kafkacontroller_offlinepartitionscount'],
  ['process_open_fds'],
  ['kafka_server_brokertopicmetrics_bytesin_total', 'topic'],
  ['kafka_server_brokertopicmetrics_bytesout_total', 'topic'],
  ['kafka_server_brokertopicmetrics_messagesin_total', 'topic'],
  ['kafka_server_brokertopicmetrics_totalproducerequests_total', 'topic'],
  ['kafka_server_brokertopicmetrics_failedproducerequests_total', 'topic'],
  ['kafka_server_brokertopicmetrics_totalfetchrequests_total', 'topic'],
  ['kafka_server_brokertopicmetrics_failedfetchrequests_total', 'topic'],
  ['kafka_network_socketserver_networkprocessoravgidle_percent'],
  ['kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent'],
  ['kafka_server_kafkaserver_linux_disk_write_bytes'],
  ['kafka_server_kafkaserver_linux_disk_read_bytes'],
  ['kafka_server_socket_server_metrics_connection_count', 'listener'],
  ['kafka_log_log_size', 'topic', 'partition'],
  ['kafka_cluster_partition_replicascount', 'topic', 'partition'],
]

/** strimzi-kraft.json, likewise. */
const strimziKraft: readonly Wanted[] = [
  ['kafka_server_raftmetrics_append_records_rate'],
  ['kafka_server_raftmetrics_fetch_records_rate'],
  ['kafka_server_raftmetrics_commit_latency_avg'],
  ['kafka_server_raftmetrics_current_state', 'current_state'],
  ['kafka_server_raftmetrics_current_leader'],
  ['kafka_server_raftmetrics_current_vote'],
  ['kafka_server_raftmetrics_current_epoch'],
  ['kafka_server_raftmetrics_high_watermark'],
  ['kafka_server_raftmetrics_log_end_offset'],
  ['kafka_server_raftchannelmetrics_incoming_byte_total'],
  ['kafka_server_raftchannelmetrics_outgoing_byte_total'],
  ['kafka_server_raftchannelmetrics_request_total'],
  ['kafka_server_raftchannelmetrics_response_total'],
]

/** strimzi-kafka-exporter.json and the overview dashboard of kafka_exporter. */
const kafkaExporter: readonly Wanted[] = [
  ['kafka_broker_info', 'id', 'address'],
  ['kafka_topic_partitions', 'topic'],
  ['kafka_topic_partition_replicas', 'topic', 'partition'],
  ['kafka_topic_partition_in_sync_replica', 'topic', 'partition'],
  ['kafka_topic_partition_under_replicated_partition', 'topic', 'partition'],
  ['kafka_topic_partition_leader_is_preferred', 'topic', 'partition'],
  ['kafka_topic_partition_current_offset', 'topic', 'partition'],
  ['kafka_topic_partition_oldest_offset', 'topic', 'partition'],
  ['kafka_consumergroup_current_offset', 'consumergroup', 'topic', 'partition'],
  ['kafka_consumergroup_lag', 'consumergroup', 'topic', 'partition'],
  ['kafka_cluster_partition_atminisr', 'topic'],
  ['kafka_cluster_partition_underminisr', 'topic'],
]

/** The alerts of Strimzi's prometheus-kafka-rules.yaml and of its rules for kafka_exporter. */
const alerts: readonly Wanted[] = [
  ['kafka_server_replicamanager_underreplicatedpartitions'],
  ['kafka_controller_kafkacontroller_activecontrollercount'],
  ['kafka_controller_kafkacontroller_offlinepartitionscount'],
  ['kafka_server_replicamanager_underminisrpartitioncount'],
  ['kafka_log_logmanager_offlinelogdirectorycount'],
  ['kafka_topic_partition_under_replicated_partition'],
  ['kafka_consumergroup_lag'],
  ['kafka_topic_partition_current_offset'],
]

/** Strimzi's dashboards of the same titles for its own metrics reporter, as far as the names differ. */
const strimziReporter: readonly Wanted[] = [
  ['kafka_controller_controllerstats_uncleanleaderelectionspersec_total'],
  ['kafka_server_brokertopicmetrics_bytesinpersec_total', 'topic'],
  ['kafka_server_brokertopicmetrics_bytesoutpersec_total', 'topic'],
  ['kafka_server_brokertopicmetrics_messagesinpersec_total', 'topic'],
  ['kafka_server_brokertopicmetrics_totalproducerequestspersec_total', 'topic'],
  ['kafka_server_brokertopicmetrics_failedproducerequestspersec_total', 'topic'],
  ['kafka_server_brokertopicmetrics_totalfetchrequestspersec_total', 'topic'],
  ['kafka_server_brokertopicmetrics_failedfetchrequestspersec_total', 'topic'],
  ['kafka_network_socketserver_networkprocessoravgidlepercent'],
  ['kafka_server_kafkarequesthandlerpool_requesthandleravgidlepercent_total'],
  ['kafka_server_kafkaserver_linux_disk_write_bytes'],
  ['kafka_server_kafkaserver_linux_disk_read_bytes'],
  ['kafka_server_socket_server_metrics_connection_count', 'listener'],
  ['kafka_server_raft_metrics_append_records_rate'],
  ['kafka_server_raft_metrics_fetch_records_rate'],
  ['kafka_server_raft_metrics_commit_latency_avg'],
  ['kafka_server_raft_metrics_current_state_info', 'current_state'],
  ['kafka_server_raft_metrics_current_leader'],
  ['kafka_server_raft_metrics_current_vote'],
  ['kafka_server_raft_metrics_current_epoch'],
  ['kafka_server_raft_channel_metrics_incoming_byte'],
  ['kafka_server_raft_channel_metrics_outgoing_byte'],
  ['kafka_server_raft_channel_metrics_request'],
  ['kafka_server_raft_channel_metrics_response'],
  ['kafka_server_raft_metrics_high_watermark'],
  ['kafka_server_raft_metrics_log_end_offset'],
]

/** What the same dashboards and alerts ask of others, and why a node cannot answer it. */
const ofOthers: Readonly<Record<string, string>> = {
  jvm_memory_used_bytes: 'there is no JVM; nodejs_heap_size_used_bytes and process_resident_memory_bytes say as much',
  jvm_gc_collection_seconds_sum: 'there is no JVM; nodejs_eventloop_lag_max_seconds shows what pauses do',
  jvm_gc_collection_seconds_count: 'there is no JVM',
  jvm_threads_current: 'there is no JVM',
  container_memory_usage_bytes: 'the kubelet says it of a pod',
  container_cpu_usage_seconds_total: 'the kubelet says it of a pod',
  container_last_seen: 'the kubelet says it of a pod',
  kubelet_volume_stats_available_bytes: 'the kubelet says it of a volume',
  kubelet_volume_stats_capacity_bytes: 'the kubelet says it of a volume',
  up: 'Prometheus says it of what it scrapes',
}

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

const missing = (series: ReadonlyMap<string, number>, wanted: readonly Wanted[]): string[] => {
  const found = new Map<string, string[]>()
  for (const key of series.keys()) {
    const name = key.split('{')[0]!
    found.set(name, [...(found.get(name) ?? []), key])
  }
  const isThere = ([name, ...labels]: Wanted): boolean =>
    found.get(name)?.some((key) => labels.every((label) => new RegExp(`[{,]${label}="[^"]`).test(key))) ?? false
  return wanted.filter((each) => !isThere(each)).map((each) => each.join(' '))
}

describe('the expressions of known dashboards find data in the scrape of a node', () => {
  test('under the names of jmx_exporter and kafka_exporter', async (t) => {
    await using running = await runBroker({ 'tkafka.status.listener': '127.0.0.1:0' })
    await someTraffic(running)
    const series = await scrape(running.broker)
    for (const [dashboard, wanted] of Object.entries({ strimziKafka, strimziKraft, kafkaExporter, alerts }))
      await t.test(dashboard, () => assert.deepEqual(missing(series, wanted), []))
    assert.deepEqual(
      Object.keys(ofOthers).filter((name) => missing(series, [[name]]).length === 0),
      [],
    )
  })

  test('under those of the Strimzi metrics reporter', async () => {
    await using running = await runBroker({ 'tkafka.status.listener': '127.0.0.1:0', 'tkafka.metrics.naming': 'reporter' })
    await someTraffic(running)
    const unchanged = [...strimziKafka, ...kafkaExporter, ...alerts].filter(([name]) => !/_total$|_percent$/.test(name))
    assert.deepEqual(missing(await scrape(running.broker), [...strimziReporter, ...unchanged]), [])
  })
})
