import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Controller, type ControllerOptions, type ControllerSettings, defaultControllerTiming } from '../../src/controller/index.ts'
import {
  bootstrapRecords,
  type MetadataDelta,
  MetadataLoader,
  type MetadataRecord,
  metadataRecord,
  newClusterFeatureLevels,
  supportedFeatures,
} from '../../src/metadata/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import { openRaft, type RaftDriver, type RaftSettings, VoterSet } from '../../src/raft/index.ts'
import { type SimHost, World } from '../../src/sim/index.ts'
import { RecordingJournal } from '../broker/recording-journal.ts'
import { Scene, uuid } from './scene.ts'

const endpoints = [{ name: 'CONTROLLER', host: '127.0.0.1', port: 9093 }]
const asker = { apiVersion: 7, isForwarded: false, allows: () => true }

/** A controller over a raft quorum of one, on a simulated host whose disk outlives it. */
class ControllerNode {
  readonly world = new World({ seed: 7 })
  host: SimHost = this.world.host('one')
  raft!: RaftDriver
  loader!: MetadataLoader
  controller!: Controller
  deltas: MetadataDelta[] = []
  /** What the log begins with, behind its levels. */
  given: MetadataRecord[] = []

  async start(raftSettings: Partial<RaftSettings> = {}, options: Partial<ControllerOptions> = {}): Promise<void> {
    const { host, world } = this
    this.raft = await world.run(async () => {
      await host.disk.makeDirectory('/data')
      await host.disk.syncDirectory('/')
      return openRaft({
        host,
        logDirectory: '/data',
        nodeId: 1,
        directoryId: uuid(1),
        staticVoters: new VoterSet([{ id: 1, directoryId: undefined, endpoints, kraftVersionMin: 0, kraftVersionMax: 1 }]),
        endpoints,
        settings: raftSettings,
      })
    })
    this.loader = new MetadataLoader(this.raft, host.journal)
    this.loader.subscribe({ onMetadata: (delta) => this.deltas.push(delta) })
    const levels = newClusterFeatureLevels()
    assert.ok(typeof levels !== 'string')
    const { clusterId, defaultPartitionCount, defaultReplicationFactor, sessionTimeoutMs, deleteTopicEnable, staticConfig, configRules } =
      new Scene().state.settings
    const settings: Omit<ControllerSettings, 'kraftVersion' | 'voterIds'> = {
      clusterId,
      nodeId: 1,
      supportedFeatures,
      bootstrapRecords: [...bootstrapRecords(levels), ...this.given],
      defaultPartitionCount,
      defaultReplicationFactor,
      sessionTimeoutMs,
      deleteTopicEnable,
      staticConfig,
      configRules,
    }
    this.controller = new Controller({
      host,
      quorum: this.raft,
      loader: this.loader,
      settings,
      timing: defaultControllerTiming,
      ...options,
    })
    this.raft.register(this.loader)
    await world.runUntil(() => this.controller.isActive && this.loader.image.metadataVersion === 30)
  }

  crash(): void {
    this.world.crash('one')
    this.host = this.world.host('one')
  }

  register() {
    return this.world.run(() =>
      this.controller.request(
        'BrokerRegistration',
        {
          brokerId: 1,
          clusterId: 'cluster',
          incarnationId: uuid(1),
          listeners: [],
          features: [...supportedFeatures].map(([name, { min, max }]) => ({ name, minSupportedVersion: min, maxSupportedVersion: max })),
          rack: null,
          isMigratingZkBroker: false,
          logDirs: [uuid(1)],
          previousBrokerEpoch: -1,
        },
        asker,
      ),
    )
  }
  heartbeat() {
    const { image } = this.loader
    const request = {
      brokerId: 1,
      brokerEpoch: image.brokerEpoch(1),
      currentMetadataOffset: image.provenance.offset,
      wantFence: false,
      wantShutDown: false,
      offlineLogDirs: [],
      cordonedLogDirs: null,
    }
    return this.world.run(() => this.controller.request('BrokerHeartbeat', request, asker))
  }
  create(name: string) {
    const topic = { name, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] }
    return this.controller.request('CreateTopics', { topics: [topic], timeoutMs: 0, validateOnly: false }, asker)
  }
}

describe('a controller on one node', () => {
  test('writes the bootstrap records, registers a broker and creates a topic; answers tell of what the image holds', async () => {
    const node = new ControllerNode()
    await node.start()
    const registered = await node.register()
    assert.equal(registered.errorCode, Errors.NONE)
    assert.equal(registered.answer!.brokerEpoch, node.loader.image.brokerEpoch(1))
    assert.equal(node.loader.image.brokers.get(1)!.recordOffset, registered.answer!.brokerEpoch)
    assert.deepEqual((await node.heartbeat()).answer, {
      throttleTimeMs: 0,
      errorCode: 0,
      isCaughtUp: true,
      isFenced: false,
      shouldShutDown: false,
    })
    const created = await node.world.run(() => node.create('a'))
    assert.equal(created.answer!.topics[0].errorCode, 0)
    assert.equal(node.loader.image.topic('a')!.id, created.answer!.topics[0].topicId)
    assert.equal(node.loader.image.partition('a', 0)!.leader, 1)
    assert.ok(node.deltas.some((delta) => delta.topicsCreated.size === 1))
  })

  test('who asks while too many wait for their answers is told to try again, as by a controller that is too slow', async () => {
    const node = new ControllerNode()
    await node.start({}, { waitingAnswersMax: 3 })
    await node.register()
    await node.heartbeat()
    const outcomes = await node.world.run(() => Promise.all(['a', 'b', 'c', 'd'].map((name) => node.create(name))))
    assert.deepEqual(
      outcomes.map(({ errorCode }) => errorCode),
      [Errors.NONE, Errors.NONE, Errors.NONE, Errors.REQUEST_TIMED_OUT],
    )
  })

  test('removes delegation tokens whose time is over, every while', async () => {
    const node = new ControllerNode()
    const token = {
      tokenId: 't',
      owner: 'User:a',
      maxTimestamp: Number.MAX_SAFE_INTEGER,
      expirationTimestamp: node.host.clock.now() + 90_000,
    }
    node.given = [metadataRecord('DelegationTokenRecord', 0, token)]
    await node.start({}, { timing: { ...defaultControllerTiming, tokenExpiryCheckIntervalMs: 60_000 } })
    const rest = (ms: number) => node.world.run(() => new Promise<void>((resolve) => node.host.clock.after(ms, resolve)), 600_000)
    await rest(70_000)
    assert.equal(node.loader.image.delegationTokens.size, 1)
    await rest(60_000)
    assert.equal(node.loader.image.delegationTokens.size, 0)
  })

  test('decisions made before others are committed build on them', async () => {
    const node = new ControllerNode()
    await node.start()
    await node.register()
    await node.heartbeat()
    const answers = await node.world.run(() => Promise.all([node.create('a'), node.create('a'), node.create('b')]))
    assert.deepEqual(
      answers.map(({ answer }) => answer!.topics[0].errorCode),
      [0, Errors.TOPIC_ALREADY_EXISTS, 0],
    )
  })

  test('keeps the log moving, and fences a broker that falls silent', async () => {
    const node = new ControllerNode()
    await node.start()
    await node.register()
    await node.heartbeat()
    assert.equal(node.loader.image.brokers.get(1)!.fenced, false)
    const before = node.loader.image.provenance.offset
    const at = node.world.nowMs
    await node.world.runUntil(() => node.loader.image.brokers.get(1)!.fenced)
    const elapsed = node.world.nowMs - at
    assert.ok(elapsed >= 9000 && elapsed <= 9000 * 1.125 + 50, `fenced after ${elapsed} ms`)
    assert.ok(node.loader.image.provenance.offset - before >= 15)
  })

  test('after a crash goes on where it was, without a second bootstrap', async () => {
    const node = new ControllerNode()
    await node.start()
    await node.register()
    await node.heartbeat()
    const created = await node.world.run(() => node.create('a'))
    const producerIds = () =>
      node.world.run(() =>
        node.controller.request('AllocateProducerIds', { brokerId: 1, brokerEpoch: node.loader.image.brokerEpoch(1) }, asker),
      )
    assert.equal((await producerIds()).answer!.producerIdStart, 0)
    node.crash()
    await node.start()
    assert.equal(node.loader.image.topic('a')!.id, created.answer!.topics[0].topicId)
    assert.equal((await producerIds()).answer!.producerIdStart, 1000)
    assert.deepEqual([...node.loader.image.features].sort(), [
      ['eligible.leader.replicas.version', 1],
      ['group.version', 1],
      ['metadata.version', 30],
      ['share.version', 1],
      ['streams.version', 1],
      ['transaction.version', 2],
    ])
  })

  test('writes snapshots, from which the next life starts', async () => {
    const node = new ControllerNode()
    await node.start({ maxIntervalMs: 2000 })
    await node.register()
    await node.heartbeat()
    await node.world.run(() => node.create('a'))
    await node.world.runUntil(() => (node.raft.latestSnapshotId?.offset ?? 0) > node.loader.image.brokerEpoch(1) + 5)
    const { id } = node.loader.image.topic('a')!
    node.crash()
    node.deltas = []
    await node.start()
    assert.equal(node.deltas[0].topicsCreated.has(id), true)
    assert.equal(node.loader.image.topic('a')!.id, id)
  })

  test('refuses while it does not lead, and answers what was under way so', async () => {
    const node = new ControllerNode()
    await node.start()
    await node.register()
    await node.heartbeat()
    const underWay = node.create('a')
    node.controller.close()
    assert.deepEqual(await underWay, { errorCode: Errors.NOT_CONTROLLER, answer: undefined })
    assert.deepEqual(await node.create('b'), { errorCode: Errors.NOT_CONTROLLER, answer: undefined })
    assert.equal(node.controller.state, undefined)
  })

  test('that resigns and is elected again decides from what was committed', async () => {
    const node = new ControllerNode()
    await node.start()
    await node.register()
    await node.heartbeat()
    await node.world.run(() => node.create('a'))
    const before = node.controller.activeEpoch
    node.raft.resign(node.raft.leaderAndEpoch.epoch)
    await node.world.runUntil(() => node.controller.isActive && node.controller.activeEpoch > before)
    const again = await node.world.run(() => node.create('a'))
    assert.equal(again.answer!.topics[0].errorCode, Errors.TOPIC_ALREADY_EXISTS)
    assert.equal((await node.world.run(() => node.create('b'))).answer!.topics[0].errorCode, 0)
  })

  test('ends quietly when raft has stepped down and this node has yet to hear of it', async () => {
    const node = new ControllerNode()
    const journal = new RecordingJournal()
    node.host = { ...node.host, journal }
    await node.start()
    Object.defineProperty(node.raft, 'isLeader', { get: () => false })
    let isOver = false
    node.host.clock.after(10_000, () => (isOver = true))
    await node.world.runUntil(() => isOver)
    assert.deepEqual(
      journal.entries.filter(({ level }) => level !== 'info'),
      [],
    )
  })
})
