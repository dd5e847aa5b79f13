import assert from 'node:assert/strict'
import { rename, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { startSummary } from '../../src/broker/index.ts'
import { Consumer, type OutgoingRecord, openAdmin, Producer } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { type RunningBroker, runBroker } from './broker-fixture.ts'
import { RecordingJournal } from './recording-journal.ts'
import { page, scrape } from './scrape.ts'
import { until } from './until.ts'

const host = { ...nodeHost(), journal: silentJournal }
const withStatus = { 'tkafka.status.listener': '127.0.0.1:0' }

const produce = async (running: RunningBroker, records: readonly OutgoingRecord[]): Promise<void> => {
  await using producer = new Producer(host, { 'bootstrap.servers': running.bootstrap })
  await Promise.all(records.map((record) => producer.sendAsync(record)))
}

const records = (topic: string, count: number): OutgoingRecord[] =>
  Array.from({ length: count }, (_, index) => ({ topic, partition: 0, value: Buffer.from(`value ${index}`) }))

describe('the pages of a running node', () => {
  test('are not waited for by who speaks no HTTP: the answer says at once what does', async () => {
    await using running = await runBroker(withStatus)
    const { port } = running.broker.status!.address
    const socket = connect(port, '127.0.0.1').end(Buffer.from('0000000a00120000746b6166ffff', 'hex'))
    const answer = Buffer.concat(await socket.toArray({ signal: AbortSignal.timeout(5000) })).toString()
    assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n(.*\r\n)+\r\nthis port speaks HTTP/)
  })

  test('show its traffic, partitions, groups, controller, quorum and process', async () => {
    await using running = await runBroker(withStatus)
    using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
    await admin.createTopics([{ name: 'traffic', partitionCount: 2, replicationFactor: 1 }])
    await produce(running, records('traffic', 100))
    await using consumer = new Consumer(host, {
      'bootstrap.servers': running.bootstrap,
      'group.id': 'readers',
      'auto.offset.reset': 'earliest',
      'enable.auto.commit': 'false',
      'allow.auto.create.topics': 'false',
      'fetch.max.wait.ms': '5000',
    })
    consumer.subscribe(['traffic'])
    let seen = 0
    await until(
      async () => {
        for (const chunk of await consumer.poll(100)) while (chunk.next()) seen++
        return seen === 100
      },
      'the records are read',
      30_000,
    )
    await consumer.commitSync([{ topic: 'traffic', partition: 0, offset: 60 }])
    await consumer.commitSync([{ topic: 'traffic', partition: 1, offset: 7 }])

    const wanted: Record<string, number> = {
      'kafka_server_brokertopicmetrics_messagesin_total{topic="traffic"}': 100,
      'kafka_server_brokertopicmetrics_failedproducerequests_total{topic="traffic"}': 0,
      'kafka_server_brokertopicmetrics_failedfetchrequests_total{topic="traffic"}': 0,
      kafka_server_brokertopicmetrics_failedfetchrequests_total: 0,
      kafka_server_brokertopicmetrics_replicationbytesin_total: 0,
      kafka_server_brokertopicmetrics_replicationbytesout_total: 0,
      kafka_server_replicamanager_produceridcount: 1,
      kafka_server_replicamanager_reassigningpartitions: 0,
      'kafka_server_delayedoperationpurgatory_purgatorysize{delayedOperation="Produce"}': 0,
      kafka_server_brokertopicmetrics_bytesrejected_total: 0,
      kafka_server_replicamanager_isrshrinks_total: 0,
      'kafka_network_requestmetrics_totaltimems_count{request="InitProducerId"}': 1,
      'kafka_network_requestmetrics_responsequeuetimems_count{request="InitProducerId"}': 1,
      'kafka_network_requestmetrics_responsesendtimems_count{request="InitProducerId"}': 1,
      'kafka_network_requestmetrics_errors_total{request="InitProducerId",error="NONE"}': 1,
      'kafka_network_requestmetrics_errors_total{request="JoinGroup",error="MEMBER_ID_REQUIRED"}': 1,
      'kafka_network_requestmetrics_totaltimems_count{request="FetchFollower"}': 0,
      kafka_server_replicamanager_underreplicatedpartitions: 0,
      kafka_server_replicamanager_underminisrpartitioncount: 0,
      kafka_server_replicamanager_offlinereplicacount: 0,
      kafka_server_replicamanager_leadercount: 52,
      kafka_server_replicamanager_partitioncount: 52,
      'kafka_cluster_partition_underminisr{topic="traffic",partition="0"}': 0,
      'kafka_cluster_partition_atminisr{topic="traffic",partition="0"}': 1,
      kafka_log_logmanager_offlinelogdirectorycount: 0,
      [`kafka_log_logmanager_logdirectoryoffline{logDirectory="${join(running.directory, 'data')}"}`]: 0,
      'kafka_log_log_logendoffset{topic="traffic",partition="0"}': 100,
      'kafka_log_log_logstartoffset{topic="traffic",partition="0"}': 0,
      'kafka_log_log_size{topic="traffic",partition="1"}': 0,
      kafka_controller_kafkacontroller_activecontrollercount: 1,
      kafka_controller_kafkacontroller_activebrokercount: 1,
      kafka_controller_kafkacontroller_fencedbrokercount: 0,
      kafka_controller_kafkacontroller_globaltopiccount: 2,
      kafka_controller_kafkacontroller_globalpartitioncount: 52,
      kafka_controller_kafkacontroller_offlinepartitionscount: 0,
      kafka_controller_kafkacontroller_preferredreplicaimbalancecount: 0,
      kafka_controller_kafkacontroller_metadataerrorcount: 0,
      kafka_controller_kafkacontroller_controlledshutdownbrokercount: 0,
      'kafka_controller_kafkacontroller_brokerregistrationstate{broker="1"}': 30,
      kafka_server_raftmetrics_number_of_voters: 1,
      kafka_controller_controllerstats_uncleanleaderelections_total: 0,
      'kafka_server_raftmetrics_current_state{current_state="leader"}': 1,
      kafka_server_raftmetrics_current_leader: 1,
      kafka_server_kafkaserver_brokerstate: 3,
      kafka_coordinator_group_groupmetadatamanager_numgroups: 1,
      kafka_coordinator_group_groupmetadatamanager_numgroupsstable: 1,
      kafka_coordinator_group_groupmetadatamanager_numoffsets: 2,
      'kafka_server_group_coordinator_metrics_num_partitions{state="active"}': 50,
      'kafka_server_group_coordinator_metrics_group_count{protocol="classic"}': 1,
      'kafka_server_group_coordinator_metrics_group_count{protocol="consumer"}': 0,
      kafka_server_group_coordinator_metrics_offset_commit_count: 2,
      kafka_server_group_coordinator_metrics_group_completed_rebalance_count: 1,
      kafka_brokers: 1,
      'kafka_topic_partitions{topic="traffic"}': 2,
      'kafka_topic_partition_current_offset{topic="traffic",partition="0"}': 100,
      'kafka_topic_partition_oldest_offset{topic="traffic",partition="0"}': 0,
      'kafka_topic_partition_in_sync_replica{topic="traffic",partition="0"}': 1,
      'kafka_topic_partition_leader{topic="traffic",partition="0"}': 1,
      'kafka_topic_partition_leader_is_preferred{topic="traffic",partition="0"}': 1,
      'kafka_topic_partition_under_replicated_partition{topic="traffic",partition="0"}': 0,
      'kafka_consumergroup_members{consumergroup="readers"}': 1,
      'kafka_consumergroup_current_offset{consumergroup="readers",topic="traffic",partition="0"}': 60,
      'kafka_consumergroup_lag{consumergroup="readers",topic="traffic",partition="0"}': 40,
      // Committed beyond the end: never less than no lag.
      'kafka_consumergroup_lag{consumergroup="readers",topic="traffic",partition="1"}': 0,
      'kafka_consumergroup_lag_sum{consumergroup="readers",topic="traffic"}': 40,
      'kafka_consumergroup_current_offset_sum{consumergroup="readers",topic="traffic"}': 67,
    }
    let series = await scrape(running.broker)
    const shown = (): object => Object.fromEntries(Object.keys(wanted).map((name) => [name, series.get(name)]))
    // The partitions of groups that nobody waits for may still be loading.
    await until(async () => {
      series = await scrape(running.broker)
      return isDeepStrictEqual(shown(), wanted)
    }, 'all is shown').catch(() => {})
    assert.deepEqual(shown(), wanted)
    const positive = [
      'kafka_server_brokertopicmetrics_bytesin_total',
      'kafka_server_brokertopicmetrics_bytesout_total{topic="traffic"}',
      'kafka_network_requestmetrics_totaltimems{request="Produce",quantile="0.99"}',
      'kafka_network_requestmetrics_requestbytes_count{request="Fetch"}',
      'kafka_network_requestmetrics_totaltimems_count{request="FetchConsumer"}',
      'kafka_network_requestmetrics_remotetimems_count{request="Produce"}',
      'kafka_server_brokertopicmetrics_totalfetchrequests_total{topic="traffic"}',
      'kafka_server_brokertopicmetrics_totalproducerequests_total{topic="__consumer_offsets"}',
      'kafka_log_logflushstats_logflushrateandtimems_count',
      'kafka_log_logflushstats_logflushrateandtimems{quantile="0.99"}',
      'kafka_log_log_size{topic="traffic",partition="0"}',
      'kafka_server_raftmetrics_high_watermark',
      'kafka_server_socket_server_metrics_connection_count{listener="PLAINTEXT"}',
      'kafka_server_socket_server_metrics_connection_creation_total',
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
      'nodejs_heap_size_used_bytes',
      'jvm_memory_used_bytes{area="heap"}',
      'jvm_gc_collection_seconds_count{gc="minor"}',
      'jvm_threads_current',
      `tkafka_log_directory_total_bytes{logDirectory="${join(running.directory, 'data')}"}`,
      `tkafka_log_directory_usable_bytes{logDirectory="${join(running.directory, 'data')}"}`,
      'tkafka_uptime_seconds',
    ]
    for (const name of positive) assert.ok(series.get(name)! > 0, `${name} is ${series.get(name)}`)
    const idle = series.get('kafka_network_socketserver_networkprocessoravgidle_percent')!
    assert.ok(idle >= 0 && idle <= 1, `idle for ${idle} of the time`)
    assert.ok(
      [...series.keys()].some((name) => /^kafka_network_requestmetrics_requests_total\{request="Produce",version="\d+"\}$/.test(name)),
    )

    const waiting = (metric: string): string => `kafka_server_delayedoperationpurgatory_${metric}{delayedOperation="Fetch"}`
    await until(async () => {
      // Only who polls fetches: the one that went with the last records may have waited to its end already.
      await consumer.poll(0)
      const now = await scrape(running.broker)
      return now.get(waiting('numdelayedoperations')) === 1 && now.get(waiting('purgatorysize')) === 2
    }, 'a fetch of the consumer waits for both partitions')
    await admin.deleteTopics(['traffic'])
    await until(
      async () => ![...(await scrape(running.broker)).keys()].some((name) => name.includes('"traffic"')),
      'the topic is forgotten',
    )
  })

  test('leave out what the settings do not want in detail, and spell names as the reporter does', async () => {
    await using running = await runBroker({ ...withStatus, 'tkafka.metrics.detail': 'broker', 'tkafka.metrics.naming': 'reporter' })
    using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
    await admin.createTopics([{ name: 'quiet', partitionCount: 2, replicationFactor: 1 }])
    await produce(running, records('quiet', 3))
    const names = [...(await scrape(running.broker)).keys()]
    assert.ok(names.includes('kafka_server_brokertopicmetrics_messagesinpersec_total'))
    assert.deepEqual(
      names.filter((name) => name.includes('topic=')),
      [],
    )
  })

  test('say whether the node is alive and whether it serves', async () => {
    await using running = await runBroker((directory) => ({ ...withStatus, 'log.dirs': `${directory}/one,${directory}/two` }))
    const { broker } = running
    assert.deepEqual(await page(broker, '/ready').then(({ status, body }) => ({ status, ...JSON.parse(body) })), {
      status: 200,
      ready: true,
      state: 'running',
      fenced: false,
    })
    const healthy = await page(broker, '/health')
    assert.equal(healthy.status, 200)
    assert.equal(JSON.parse(healthy.body).status, 'healthy')

    using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
    await admin.createTopics([{ name: 'spread', partitionCount: 2, replicationFactor: 1 }])
    await until(() => [...broker.partitions.all()].length === 2, 'a partition lies in each directory')
    // A directory that is none any more fails with the next write to it: the node goes on, and says so.
    const lost = join(running.directory, 'two')
    await rename(lost, `${lost}-gone`)
    await writeFile(lost, '')
    await broker.logs.checkpointHighWatermarks()
    await until(() => broker.logs.online.length === 1, 'the directory is offline')
    const { status, body } = await page(broker, '/health')
    assert.equal(status, 200)
    assert.equal(JSON.parse(body).status, 'degraded')
    assert.match(JSON.parse(body).problems[0], /two is offline/)
    const series = await scrape(broker)
    assert.equal(series.get('kafka_log_logmanager_offlinelogdirectorycount'), 1)
    assert.equal(series.get(`kafka_log_logmanager_logdirectoryoffline{logDirectory="${lost}"}`), 1)
    assert.equal(series.get('kafka_server_replicamanager_offlinereplicacount'), 1)
  })

  test('tell the one who runs the node all at a glance', async () => {
    await using running = await runBroker((directory) => ({ ...withStatus, 'log.dirs': `${directory}/one,${directory}/two` }))
    using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
    await admin.createTopics([{ name: 'seen', partitionCount: 2, replicationFactor: 1 }])
    await produce(running, records('seen', 10))
    await until(() => [...running.broker.partitions.all()].length === 2, 'the partitions are there')
    const { body } = await page(running.broker, '/status')
    const { uptimeMs, cpuSeconds, memoryBytes, directories, requests, connections, ...rest } = JSON.parse(body)
    const local = { host: '127.0.0.1', port: running.port }
    assert.deepEqual(rest, {
      ...{ state: 'running', fenced: false, version: null, nodeId: 1, clusterId: running.broker.clusterId },
      roles: ['broker', 'controller'],
      listeners: [
        { name: 'PLAINTEXT', isController: false, ...local },
        { name: 'CONTROLLER', isController: true, ...local, port: running.broker.address('CONTROLLER')!.port },
      ],
      quorum: { leaderId: 1, epoch: 1, voters: [1], problem: null },
      partitions: { count: 2, leaders: 2, underReplicated: 0, underMinIsr: 0, offline: 0 },
    })
    for (const value of [uptimeMs, cpuSeconds, memoryBytes, requests, connections]) assert.ok(value > 0, body)
    const [one, two] = directories
    assert.deepEqual([one.path, two.path, one.partitions, two.partitions], [...running.broker.settings.logDirs, 1, 1])
    assert.ok(one.bytes + two.bytes > 0 && one.freeBytes > 0 && one.totalBytes >= one.freeBytes && one.problem === null, body)
  })

  test('are closed with the node, and there are none unless the settings ask for them', async () => {
    await using running = await runBroker()
    assert.equal(running.broker.status, undefined)
  })

  test('cost little with many partitions', async () => {
    await using running = await runBroker(withStatus)
    using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
    await admin.createTopics([{ name: 'wide', partitionCount: 200, replicationFactor: 1 }])
    await until(() => [...running.broker.partitions.all()].length === 200, 'the partitions are there', 30_000)
    await scrape(running.broker)
    const startMs = performance.now()
    const series = await scrape(running.broker)
    const tookMs = performance.now() - startMs
    assert.equal(series.get('kafka_topic_partition_current_offset{topic="wide",partition="199"}'), 0)
    assert.ok(series.size > 2600 && tookMs < 5000, `${series.size} series in ${Math.round(tookMs)} ms`)
  })
})

test('a start says where the node is, what it is called and where its data lies', async () => {
  const entries = new RecordingJournal()
  await using running = await runBroker(withStatus, { journal: entries })
  const { broker } = running
  const node = { broker, running: broker, settings: broker.settings, clusterId: broker.clusterId, formatted: true }
  const lines = startSummary(node, '1.2.3')
  assert.equal(lines[0], 'tkafka 1.2.3: node 1 is serving')
  const text = lines.join('\n')
  for (const part of [
    `listener      127.0.0.1:${running.port}  (PLAINTEXT)`,
    `data          ${join(running.directory, 'data')}  (new)`,
    `cluster id    ${broker.clusterId}`,
    `status        http://127.0.0.1:${broker.status!.address.port}/metrics  /health  /ready`,
  ])
    assert.ok(text.includes(part), `${part}\n${text}`)
})

test('the groups of fifty partitions are told in one line', async () => {
  const journal = new RecordingJournal()
  await using running = await runBroker({}, { journal })
  using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
  await admin.createTopics([{ name: '__consumer_offsets', partitionCount: 50, replicationFactor: 1 }])
  await until(() => running.broker.groups.metrics().partitions.active === 50, 'all partitions are loaded')
  journal.entries.length = 0
  await running.restart()
  await until(() => running.broker.groups.metrics().partitions.active === 50, 'all partitions are loaded again')
  await until(() => journal.entries.some(({ message }) => message === 'groups are loaded'), 'it is told')
  const told = journal.entries.map(({ message }) => message)
  assert.ok(told.length < 40, told.join('\n'))
  assert.equal(told.filter((message) => message === 'loaded').length, 0)
})
