import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Admin, openAdmin } from '../../src/client/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { type BrokerAt, eventually, freshName } from './broker-at.ts'

export const adminSuite = (broker: BrokerAt): Promise<void> =>
  describe('an administrator', () => {
    let admin: Admin
    const topic = freshName('admin')
    const group = freshName('admin-group')
    before(() => {
      admin = openAdmin(nodeHost(), { 'bootstrap.servers': broker.bootstrap })
    })
    after(() => admin.close())

    it('sees the cluster and what each broker offers', async () => {
      const cluster = await admin.describeCluster()
      assert.ok(cluster.clusterId !== '' && cluster.nodes.length > 0)
      const [versions] = await admin.describeApiVersions()
      assert.ok(versions?.value?.some((each) => each.api === 'Fetch' && each.versions.highest >= 4))
      const quorum = await admin.describeQuorum()
      assert.ok(quorum.voters.some((voter) => voter.replicaId === quorum.leaderId))
      const features = await admin.describeFeatures()
      assert.ok(features.finalizedFeatures.some((feature) => feature.name === 'metadata.version'))
    })

    it('creates a topic and says per item what failed', async () => {
      const [created, refused] = await admin.createTopics([
        { name: topic, partitionCount: 3, replicationFactor: 1, configs: { 'retention.ms': '3600000' } },
        { name: 'not/a/name', partitionCount: 1, replicationFactor: 1 },
      ])
      assert.equal(created?.error, null)
      assert.equal(created?.value?.partitionCount, 3)
      assert.equal(refused?.error?.name, 'INVALID_TOPIC_EXCEPTION')
      const [again] = await admin.createTopics([{ name: topic }])
      assert.equal(again?.error?.name, 'TOPIC_ALREADY_EXISTS')
      const listed = await admin.listTopics()
      assert.ok(listed.some((each) => each.name === topic && each.partitionCount === 3))
    })

    it('describes topics page by page', async () => {
      const [described, missing] = await admin.describeTopics([topic, `${topic}-missing`], { partitionsPerPage: 1 })
      assert.deepEqual(
        described?.value?.partitions.map((each) => each.partition),
        [0, 1, 2],
      )
      assert.equal(missing?.error?.name, 'UNKNOWN_TOPIC_OR_PARTITION')
    })

    it('adds partitions', async () => {
      const [result] = await admin.createPartitions([{ topic, totalCount: 4 }])
      assert.equal(result?.error, null)
      await eventually('four partitions', async () => (await admin.describeTopics([topic]))[0]?.value?.partitions.length === 4)
    })

    it('reads and changes configs', async () => {
      const [altered, missing] = await admin.incrementalAlterConfigs([
        { type: 'topic', name: topic, operations: [{ name: 'retention.ms', operation: 'set', value: '7200000' }] },
        { type: 'topic', name: `${topic}-missing`, operations: [{ name: 'retention.ms', operation: 'set', value: '1' }] },
      ])
      assert.equal(altered?.error, null)
      assert.equal(missing?.error?.name, 'UNKNOWN_TOPIC_OR_PARTITION')
      await eventually('the new value', async () => {
        const [found] = await admin.describeConfigs([{ type: 'topic', name: topic, keys: ['retention.ms'] }])
        const entry = found?.value?.[0]
        return entry?.value === '7200000' && entry.source === 'DYNAMIC_TOPIC_CONFIG'
      })
    })

    it('lists offsets of every kind', async () => {
      const found = await admin.listOffsets([
        { topic, partition: 0, at: 'earliest' },
        { topic, partition: 1, at: 'latest' },
        { topic, partition: 2, at: 'maxTimestamp' },
        { topic, partition: 3, at: 1 },
      ])
      assert.deepEqual(
        found.map((each) => each.value?.offset),
        [0, 0, -1, -1],
      )
    })

    it('keeps a group’s offsets', async () => {
      const [committed] = await admin.alterGroupOffsets(group, [{ topic, partition: 0, offset: 0, metadata: 'by hand' }])
      assert.equal(committed?.error, null)
      const [listed] = await admin.listGroupOffsets([group])
      assert.deepEqual(
        listed?.value?.map((each) => [each.item.partition, each.value?.offset, each.value?.metadata]),
        [[0, 0, 'by hand']],
      )
      const [described] = await admin.describeGroups([group])
      assert.equal(described?.value?.state, 'Empty')
      assert.ok((await admin.listGroups()).groups.some((each) => each.groupId === group))
      assert.equal((await admin.deleteGroupOffsets(group, [{ topic, partition: 0 }]))[0]?.error, null)
      const [, missing] = await admin.deleteGroups([group, `${group}-missing`])
      assert.equal(missing?.error?.name, 'GROUP_ID_NOT_FOUND')
    })

    it('tells log directories and producers', async () => {
      const dirs = await admin.describeLogDirs({ partitions: [{ topic, partition: 0 }] })
      assert.ok(dirs.some((each) => each.value?.some((dir) => dir.replicas.some((replica) => replica.topic === topic))))
      const [producers] = await admin.describeProducers([{ topic, partition: 0 }])
      assert.deepEqual(producers?.value, [])
    })

    it('deletes the topic', async () => {
      const [deleted, missing] = await admin.deleteTopics([topic, `${topic}-missing`])
      assert.equal(deleted?.error, null)
      assert.equal(missing?.error?.name, 'UNKNOWN_TOPIC_OR_PARTITION')
    })

    it('deletes a topic by its id, and not one that has its name since', async () => {
      const again = `${topic}-again`
      const made = async () => (await admin.createTopics([{ name: again, partitionCount: 1 }]))[0]!.value!.topicId
      const id = await made()
      assert.deepEqual(await admin.deleteTopicsById([id]), [{ item: id, error: null, value: null }])
      const other = await made()
      assert.notEqual(other, id)
      assert.equal((await admin.deleteTopicsById([id]))[0]?.error?.name, 'UNKNOWN_TOPIC_ID')
      assert.equal((await admin.deleteTopicsById([other]))[0]?.error, null)
    })
  })
