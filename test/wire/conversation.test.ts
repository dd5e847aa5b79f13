import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { brokerHandlers, controllerHandlers } from '../../src/broker/apis/index.ts'
import { Apis, apiByKey, Errors, parseVersions, requestFrame } from '../../src/protocol/index.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/messages/api-versions.ts'
import { FetchRequest, FetchResponse } from '../../src/protocol/messages/fetch.ts'
import { MetadataRequest, MetadataResponse } from '../../src/protocol/messages/metadata.ts'
import { ProduceRequest, ProduceResponse } from '../../src/protocol/messages/produce.ts'
import { type RunningBroker, runBroker } from '../broker/broker-fixture.ts'
import { plainBatch } from '../log/sample-batches.ts'
import { eventually, frameBytes, framed, headerBytes, readAnswer, WireClient } from './wire-client.ts'

let running: RunningBroker
const portOf = (listener: string): number => running.broker.address(listener)!.port
before(async () => {
  running = await runBroker({ 'offsets.topic.num.partitions': '1' })
})
after(() => running[Symbol.asyncDispose]())

describe('a conversation', () => {
  it('asks ApiVersions in a version of the future and is told the versions there are, in version 0', async () => {
    using client = await WireClient.open(running.port)
    // The header of a flexible version, then a body that nobody knows the shape of.
    for (const body of [Buffer.from([0]), Buffer.from('00ff01020304', 'hex')]) {
      client.send(framed(Buffer.concat([headerBytes(Apis.ApiVersions.key, 99, 5, 'new'), body])))
      const answer = readAnswer(await client.nextFrame(), Apis.ApiVersions, 0, ApiVersionsResponse, 5)
      assert.equal(answer.errorCode, Errors.UNSUPPORTED_VERSION)
      assert.deepEqual(answer.apiKeys, [{ apiKey: 18, minVersion: 0, maxVersion: 4 }])
    }
    const answer = await client.ask(Apis.ApiVersions, 4, ApiVersionsRequest, ApiVersionsResponse, {
      clientSoftwareName: 'wire',
      clientSoftwareVersion: '1',
    })
    assert.equal(answer.errorCode, Errors.NONE)
  })

  it('is told by ApiVersions what is answered on this listener, and nothing else', async () => {
    for (const [listener, kind] of [
      ['PLAINTEXT', 'broker'],
      ['CONTROLLER', 'controller'],
    ] as const) {
      using client = await WireClient.open(portOf(listener))
      const { apiKeys } = await client.ask(Apis.ApiVersions, 0, ApiVersionsRequest, ApiVersionsResponse, {})
      const served = (kind === 'broker' ? brokerHandlers : controllerHandlers).map(({ api }) => api)
      assert.deepEqual(
        apiKeys.map(({ apiKey }) => apiKey).toSorted((a, b) => a - b),
        served.map(({ key }) => key).toSorted((a, b) => a - b),
      )
      for (const { apiKey, minVersion, maxVersion } of apiKeys) {
        const api = apiByKey(apiKey)!
        assert.equal(maxVersion, api.stableMax, api.name)
        assert.equal(minVersion, apiKey === Apis.Produce.key ? 0 : parseVersions(api.versions).lowest, api.name)
      }
    }
  })

  it('ends when a frame asks for an API that the listener does not answer', async () => {
    const asked: [string, number, number][] = [
      ['PLAINTEXT', 32_000, 0],
      ['PLAINTEXT', -1, 0],
      ['PLAINTEXT', 4, 0],
      ['PLAINTEXT', Apis.BrokerHeartbeat.key, 0],
      ['CONTROLLER', Apis.Produce.key, 9],
      ['CONTROLLER', Apis.Metadata.key, 9],
    ]
    for (const [listener, key, version] of asked) {
      using client = await WireClient.open(portOf(listener))
      client.send(framed(Buffer.concat([headerBytes(key, version), Buffer.alloc(40)])))
      await client.ended
    }
  })

  it('ends when a frame asks for a version below or above those that are answered', async () => {
    for (const { api } of [...brokerHandlers, ...controllerHandlers]) {
      if (api.key === Apis.ApiVersions.key) continue
      const { lowest, highest } = parseVersions(api.versions)
      for (const version of [lowest - 1, highest + 1, 32_767, -32_768]) {
        using client = await WireClient.open(portOf(api.listeners[0] === 'broker' ? 'PLAINTEXT' : 'CONTROLLER'))
        client.send(framed(Buffer.concat([headerBytes(api.key, version), Buffer.alloc(40)])))
        await client.ended
      }
    }
  })

  it('ends at a frame that is only a header, or less, where the request has fields', async () => {
    const whole = headerBytes(Apis.Produce.key, 9, 1, 'c')
    for (let bytes = 0; bytes <= whole.length; bytes++) {
      using client = await WireClient.open(running.port)
      client.send(framed(whole.subarray(0, bytes)))
      await client.ended
    }
  })

  it('goes on where a header is all there is to a request, whatever the client calls itself', async () => {
    using client = await WireClient.open(running.port)
    for (const clientId of [null, '', 'c', '\u0000\n\u001b[31m', 'é', 'x'.repeat(32_767)]) {
      const answer = await client.ask(Apis.ApiVersions, 2, ApiVersionsRequest, ApiVersionsResponse, {}, clientId)
      assert.equal(answer.errorCode, Errors.NONE)
    }
    client.send(framed(Buffer.concat([headerBytes(Apis.ApiVersions.key, 0, 77), Buffer.from([0xff, 0xfe])])))
    assert.equal((await client.nextFrame()).readInt32BE(0), 77, 'bytes after a request are not looked at, as in Kafka')
  })

  it('keeps the order of many requests sent at once, slow ones among them, and any correlation id', async () => {
    using client = await WireClient.open(running.port)
    await eventually('the topic is there', async () => {
      const answer = await client.ask(Apis.Metadata, 9, MetadataRequest, MetadataResponse, { topics: [{ name: 'order' }] })
      return answer.topics[0]!.errorCode === Errors.NONE
    })
    const correlationIds = [0, -1, 2_147_483_647, -2_147_483_648, 7, 7, 7]
    const frames = correlationIds.flatMap((id, n) => [
      requestFrame(Apis.Fetch, 11, id, null, FetchRequest, { maxWaitMs: 30, minBytes: 1_000_000, topics: [] }),
      requestFrame(Apis.Produce, 9, id, null, ProduceRequest, {
        acks: n % 2 === 0 ? -1 : 1,
        timeoutMs: 1000,
        topicData: [{ name: 'order', partitionData: [{ index: 0, records: plainBatch() }] }],
      }),
      requestFrame(Apis.Metadata, 9, id, null, MetadataRequest, { topics: [] }),
    ])
    client.send(Buffer.concat(frames.map(frameBytes)))
    for (const [n, id] of correlationIds.entries()) {
      readAnswer(await client.nextFrame(), Apis.Fetch, 11, FetchResponse, id)
      const { responses } = readAnswer(await client.nextFrame(), Apis.Produce, 9, ProduceResponse, id)
      assert.equal(responses[0]!.partitionResponses[0]!.baseOffset, n)
      readAnswer(await client.nextFrame(), Apis.Metadata, 9, MetadataResponse, id)
    }
  })

  it('is understood however the bytes are cut', async () => {
    using client = await WireClient.open(running.port)
    const frame = frameBytes(requestFrame(Apis.Metadata, 9, 3, 'cut', MetadataRequest, { topics: [] }))
    for (const byte of frame) {
      client.send(Buffer.from([byte]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    readAnswer(await client.nextFrame(), Apis.Metadata, 9, MetadataResponse, 3)
  })
})

describe('a group in every version of its APIs', () => {
  const versionOf = (name: keyof typeof Apis, step: number): number => {
    const { lowest, highest } = parseVersions(Apis[name].versions)
    return Math.min(lowest + step, highest)
  }

  for (let step = 0; step <= 9; step++) {
    it(`joins, syncs, beats, commits, is described and leaves: step ${step}`, async () => {
      using client = await WireClient.open(running.port)
      const groupId = `group-${step}`
      await client.call('Metadata', 9, { topics: [{ name: 'grouped' }], allowAutoTopicCreation: true })
      await eventually('the coordinator is there', async () => {
        const version = versionOf('FindCoordinator', step)
        const found = await client.call('FindCoordinator', version, version >= 4 ? { coordinatorKeys: [groupId] } : { key: groupId })
        return (version >= 4 ? found.coordinators[0] : found).errorCode === Errors.NONE
      })
      const join = (memberId: string) =>
        client.call('JoinGroup', versionOf('JoinGroup', step), {
          ...{ groupId, memberId, sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 5000, protocolType: 'consumer' },
          protocols: [{ name: 'range', metadata: Buffer.from('subscription') }],
        })
      let joined = await join('')
      while (joined.errorCode === Errors.COORDINATOR_LOAD_IN_PROGRESS || joined.errorCode === Errors.NOT_COORDINATOR)
        joined = await join('')
      if (joined.errorCode === Errors.MEMBER_ID_REQUIRED) joined = await join(joined.memberId)
      assert.equal(joined.errorCode, Errors.NONE)
      const { memberId, generationId } = joined
      assert.equal(joined.leader, memberId)
      const synced = await client.call('SyncGroup', versionOf('SyncGroup', step), {
        ...{ groupId, generationId, memberId },
        assignments: [{ memberId, assignment: Buffer.from('all') }],
        ...(step >= 5 ? { protocolType: 'consumer', protocolName: 'range' } : {}),
      })
      assert.equal(synced.errorCode, Errors.NONE)
      assert.equal(String(synced.assignment), 'all')
      const beat = await client.call('Heartbeat', versionOf('Heartbeat', step), { groupId, generationId, memberId })
      assert.equal(beat.errorCode, Errors.NONE)

      const { topics } = await client.call('Metadata', 12, { topics: [{ name: 'grouped' }] })
      const commitVersion = versionOf('OffsetCommit', step)
      const topic = commitVersion >= 10 ? { topicId: topics[0].topicId } : { name: 'grouped' }
      const committed = await client.call('OffsetCommit', commitVersion, {
        ...{ groupId, generationIdOrMemberEpoch: generationId, memberId },
        topics: [{ ...topic, partitions: [{ partitionIndex: 0, committedOffset: 40 + step, committedMetadata: `m${step}` }] }],
      })
      assert.equal(committed.topics[0].partitions[0].errorCode, Errors.NONE)

      const fetchVersion = versionOf('OffsetFetch', step)
      const fetched = await client.call('OffsetFetch', fetchVersion, {
        ...(fetchVersion >= 8
          ? {
              groups: [
                {
                  groupId,
                  ...(fetchVersion >= 9 ? { memberId: null, memberEpoch: -1 } : {}),
                  topics: [{ ...(fetchVersion >= 10 ? { topicId: topics[0].topicId } : { name: 'grouped' }), partitionIndexes: [0] }],
                },
              ],
            }
          : { groupId, topics: [{ name: 'grouped', partitionIndexes: [0] }] }),
      })
      const partition = (fetchVersion >= 8 ? fetched.groups[0] : fetched).topics[0].partitions[0]
      assert.equal(partition.committedOffset, 40 + step)
      assert.equal(partition.metadata, `m${step}`)

      const described = await client.call('DescribeGroups', versionOf('DescribeGroups', step), { groups: [groupId] })
      assert.equal(described.groups[0].errorCode, Errors.NONE)
      assert.equal(described.groups[0].groupState, 'Stable')
      assert.equal(String(described.groups[0].members[0].memberAssignment), 'all')
      const { groups } = await client.call('ListGroups', versionOf('ListGroups', step), {})
      assert.ok(groups.some((group: { groupId: string }) => group.groupId === groupId))

      const leaveVersion = versionOf('LeaveGroup', step)
      const left = await client.call('LeaveGroup', leaveVersion, {
        groupId,
        ...(leaveVersion >= 3 ? { members: [{ memberId }] } : { memberId }),
      })
      assert.equal(left.errorCode, Errors.NONE)
      const gone = await client.call('DeleteGroups', versionOf('DeleteGroups', step), { groupsNames: [groupId] })
      assert.equal(gone.results[0].errorCode, Errors.NONE)
    })
  }
})
