import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Consumer, openAdmin, Producer } from '../../src/client/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { type ApacheKafka, startApacheKafka } from '../apache/apache-kafka.ts'
import { withoutApache } from '../apache/kafka-home.ts'
import { adminSuite } from './admin-suite.ts'
import { type BrokerAt, eventually, freshName } from './broker-at.ts'
import { groupsSuite } from './groups-suite.ts'
import { produceConsumeSuite } from './produce-consume-suite.ts'
import { shareProperties, shareSuite } from './share-suite.ts'
import { transactionsSuite } from './transactions-suite.ts'

const given = process.env.TKAFKA_TEST_BROKER

describe('the client against Apache Kafka', { skip: given === undefined && withoutApache }, () => {
  const broker: BrokerAt = { bootstrap: given ?? '' }
  let kafka: ApacheKafka | undefined
  before(async () => {
    if (given !== undefined) return
    kafka = await startApacheKafka({ properties: shareProperties })
    broker.bootstrap = kafka.bootstrap
  })
  after(() => kafka?.kill())

  adminSuite(broker)
  produceConsumeSuite(broker)
  groupsSuite(broker)
  transactionsSuite(broker)
  shareSuite(broker)

  it('asks controllers when bootstrapped by them', { skip: given !== undefined }, async () => {
    using admin = openAdmin(nodeHost(), { 'bootstrap.controllers': kafka?.controller ?? '' })
    const cluster = await admin.describeCluster()
    assert.equal(cluster.nodes[0]?.port, Number(kafka?.controller.split(':')[1]))
    assert.equal((await admin.describeQuorum()).leaderId, cluster.controllerId)
  })

  it('gives records up after delivery.timeout.ms, and goes on without loss or duplicates when the broker does', {
    skip: given !== undefined,
  }, async () => {
    const pid = kafka?.pid ?? 0
    const host = nodeHost()
    const servers = { 'bootstrap.servers': broker.bootstrap }
    const topic = freshName('stalled')
    using admin = openAdmin(host, servers)
    await admin.createTopics([{ name: topic, partitionCount: 1, replicationFactor: 1 }])
    await using producer = new Producer(host, { ...servers, 'request.timeout.ms': 400, 'delivery.timeout.ms': 1000, 'linger.ms': 0 })
    const acknowledged: string[] = []
    const failed: string[] = []
    let count = 0
    const send = (): void => {
      const value = String(count++)
      producer.send({ topic, value: Buffer.from(value) }, (error) => (error === null ? acknowledged : failed).push(value))
    }
    await producer.ready(topic)
    send()
    await eventually('the first acknowledgement', () => acknowledged.length === 1)
    process.kill(pid, 'SIGSTOP')
    for (let index = 0; index < 10; index++) send()
    await eventually('the records to be given up', () => failed.length === 10, 8000).finally(() => process.kill(pid, 'SIGCONT'))
    await eventually('deliveries again', () => {
      send()
      return acknowledged.length > 20
    })
    await producer.flush()
    await using consumer = new Consumer(host, { ...servers, 'auto.offset.reset': 'earliest' })
    consumer.assign([{ topic, partition: 0 }])
    const seen: string[] = []
    await eventually('everything acknowledged', async () => {
      for (const chunk of await consumer.poll(100)) for (const record of chunk) seen.push(String(record.value))
      return seen.length > 0 && acknowledged.every((value) => seen.includes(value))
    })
    assert.equal(new Set(seen).size, seen.length)
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => Number(a) - Number(b)),
    )
  })
})
