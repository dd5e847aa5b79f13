import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { type Admin, Consumer, openAdmin, Producer, type SettingsInput, type TopicPartition } from '../../src/client/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { type BrokerAt, eventually, freshName } from './broker-at.ts'

const host = nodeHost()
let servers: SettingsInput = {}
const partitionCount = 6

/** Those that run: a test that fails leaves some, and they would keep the process. */
const running = new Set<Member>()

/** A consumer that polls by itself until it is stopped. */
class Member {
  readonly consumer: Consumer
  readonly revoked: TopicPartition[][] = []
  readonly values: string[] = []
  #running = true
  #loop: Promise<void>

  constructor(group: string, topic: string | RegExp, config: SettingsInput = {}) {
    this.consumer = new Consumer(host, {
      ...servers,
      'group.id': group,
      'auto.offset.reset': 'earliest',
      'heartbeat.interval.ms': 100,
      'session.timeout.ms': 6000,
      ...config,
    })
    this.consumer.subscribe(typeof topic === 'string' ? [topic] : topic, {
      revoked: (partitions) => void this.revoked.push([...partitions]),
    })
    this.#loop = this.#run()
    running.add(this)
  }

  get partitions(): number[] {
    return this.consumer
      .assignment()
      .map((each) => each.partition)
      .sort((a, b) => a - b)
  }

  async stop(): Promise<void> {
    running.delete(this)
    this.#running = false
    this.consumer.wakeup()
    await this.#loop
    await this.consumer.close()
  }

  async #run(): Promise<void> {
    while (this.#running)
      for (const chunk of await this.consumer.poll(100)) for (const record of chunk) this.values.push(String(record.value))
  }
}

export const groupsSuite = (broker: BrokerAt): Promise<void> =>
  describe('a group', () => {
    let admin: Admin
    let topic: string
    before(async () => {
      servers = { 'bootstrap.servers': broker.bootstrap }
      admin = openAdmin(host, servers)
      topic = freshName('group-topic')
      await admin.createTopics([{ name: topic, partitionCount, replicationFactor: 1 }])
      await using producer = new Producer(host, servers)
      await Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          producer.sendAsync({ topic, partition: index % partitionCount, value: Buffer.from(String(index)) }),
        ),
      )
    })
    afterEach(() => Promise.all([...running].map((member) => member.stop())))
    after(() => admin.close())

    for (const strategy of ['range', 'cooperative-sticky']) {
      it(`shares partitions out with ${strategy}, again when members come and go, and reads everything once`, async () => {
        const group = freshName(strategy)
        const config = { 'partition.assignment.strategy': strategy, 'auto.commit.interval.ms': 100 }
        const one = new Member(group, topic, config)
        await eventually('all partitions', () => one.partitions.length === partitionCount && one.values.length === 60)
        const two = new Member(group, topic, config)
        await eventually('half each', () => one.partitions.length === 3 && two.partitions.length === 3)
        assert.deepEqual([...one.partitions, ...two.partitions].sort(), [0, 1, 2, 3, 4, 5])
        // Eager members give all back, cooperative ones only what moves.
        assert.equal(one.revoked[0]?.length, strategy === 'range' ? 6 : 3)
        // A cooperative group may rebalance once more after everybody has their share; it names no assignor meanwhile.
        let [described] = await admin.describeGroups([group])
        await eventually('the assignor', async () => {
          ;[described] = await admin.describeGroups([group])
          return described?.value?.assignor === strategy
        })
        assert.equal(described?.value?.members.length, 2)
        assert.deepEqual(described?.value?.members[0]?.topics, [topic])
        await one.stop()
        await eventually('all partitions again', () => two.partitions.length === partitionCount)
        await two.stop()
        assert.deepEqual(two.values, [])
        const [committed] = await admin.listGroupOffsets([group])
        assert.deepEqual(
          committed?.value?.map((each) => each.value?.offset),
          Array(partitionCount).fill(10),
        )
      })
    }

    it('goes on where it committed', async () => {
      const group = freshName('commits')
      const config = { ...servers, 'group.id': group, 'enable.auto.commit': false, 'auto.offset.reset': 'earliest' }
      const partition = { topic, partition: 2 }
      {
        await using consumer = new Consumer(host, config)
        consumer.assign([partition])
        await consumer.commitSync([{ ...partition, offset: 7, metadata: 'seven' }])
      }
      await using consumer = new Consumer(host, config)
      consumer.assign([partition])
      assert.equal(await consumer.position(partition), 7)
      assert.deepEqual(await consumer.committed([partition]), [{ ...partition, offset: 7, leaderEpoch: -1, metadata: 'seven' }])
    })

    it('keeps a static member’s partitions while it is away', async () => {
      const group = freshName('static')
      const config = { 'group.instance.id': 'i-1' }
      const one = new Member(group, topic, config)
      await eventually('all partitions', () => one.partitions.length === partitionCount)
      const generation = one.consumer.membership?.generationId
      await one.stop()
      const again = new Member(group, topic, config)
      await eventually('all partitions', () => again.partitions.length === partitionCount)
      assert.equal(again.consumer.membership?.generationId, generation)
      await again.stop()
      const [removed] = await admin.removeMembers(group, [{ groupInstanceId: 'i-1' }])
      assert.equal(removed?.error, null)
    })

    it('follows a pattern to topics that come later', async () => {
      const prefix = freshName('pattern')
      const names = [`${prefix}-a`, `${prefix}-b`]
      await admin.createTopics([{ name: names[0], partitionCount: 1, replicationFactor: 1 }])
      const member = new Member(freshName('by-pattern'), new RegExp(`^${prefix}-`), { 'metadata.max.age.ms': 300 })
      await eventually('the first topic', () => member.consumer.assignment().length === 1)
      await admin.createTopics([{ name: names[1], partitionCount: 1, replicationFactor: 1 }])
      await eventually('both topics', () => member.consumer.assignment().length === 2)
      await member.stop()
    })

    it('loses a member that does not poll in time, which comes back when it does', async () => {
      const group = freshName('sleepy')
      const lost: TopicPartition[][] = []
      await using consumer = new Consumer(host, {
        ...servers,
        'group.id': group,
        'max.poll.interval.ms': 400,
        'heartbeat.interval.ms': 50,
        'session.timeout.ms': 6000,
      })
      consumer.subscribe([topic], { lost: (partitions) => void lost.push([...partitions]) })
      const assigned = async (): Promise<boolean> => {
        await consumer.poll(50)
        return consumer.assignment().length === partitionCount
      }
      await eventually('all partitions', assigned)
      const [partition] = consumer.assignment()
      await eventually('the group to be empty', async () => (await admin.describeGroups([group]))[0]?.value?.state === 'Empty')
      await assert.rejects(consumer.commitSync([{ ...(partition as TopicPartition), offset: 1 }], 500))
      await eventually('all partitions again', async () => (await assigned()) && lost.length === 1 && consumer.membership?.memberId !== '')
      assert.equal(lost[0]?.length, partitionCount)
    })

    it('refuses what makes no sense', async () => {
      await using loner = new Consumer(host, servers)
      assert.throws(() => loner.subscribe([topic]), /group\.id/)
      await assert.rejects(loner.poll(0), /neither a subscription nor partitions/)
      assert.throws(() => new Consumer(host, { ...servers, 'partition.assignment.strategy': 'alphabetical' }), /range, cooperative-sticky/)
      const impatient = new Consumer(host, { ...servers, 'group.id': freshName('short'), 'session.timeout.ms': 1 })
      impatient.subscribe([topic])
      await assert.rejects(
        eventually('refused', async () => (await impatient.poll(100)).length > 0, 5000),
        /INVALID_SESSION_TIMEOUT/,
      )
      await impatient.close()
    })
  })
