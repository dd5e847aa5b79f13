import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  balanceLeaders,
  type DeciderName,
  type DeciderRequest,
  electUncleanLeaders,
  fenceOneStaleBroker,
  type PeriodicDecision,
} from '../../src/controller/index.ts'
import {
  type MetadataRecord,
  metadataRecord,
  type PartitionRegistration,
  supportedFeatures,
  type TopicImage,
} from '../../src/metadata/index.ts'
import { errorName } from '../../src/protocol/index.ts'
import { SeededRandom } from '../../src/sim/index.ts'
import { Scene, uuid } from '../controller/scene.ts'
import { runJava } from './java-program.ts'
import { withoutApache } from './kafka-home.ts'

const brokerIds = [1, 2, 3, 4]
const scriptsMax = 200
const stepsMax = 80

/** What is asked, for Kafka's program, and what ours answered and decided. */
interface Step {
  readonly asked: object
  readonly error: string
  readonly records: readonly string[]
}

/** A cluster to which anything happens, as our controller decides it. */
class Script {
  readonly #random: SeededRandom
  readonly #scene: Scene
  readonly elr: boolean
  readonly minIsr: number
  readonly unclean: boolean
  readonly nextOffset: number
  readonly steps: Step[] = []
  #incarnations = 100

  constructor(random: SeededRandom) {
    this.#random = random
    this.elr = random.below(2) === 0
    this.minIsr = 1 + random.below(2)
    this.unclean = random.below(3) === 0
    this.#scene = new Scene({
      metadataVersion: 30,
      features: new Map([['eligible.leader.replicas.version', this.elr ? 1 : 0]]),
      settings: {
        staticConfig: new Map([
          ['min.insync.replicas', String(this.minIsr)],
          ['unclean.leader.election.enable', String(this.unclean)],
        ]),
      },
    })
    this.nextOffset = this.#scene.state.nextOffset
    for (const id of brokerIds) {
      this.#register(id)
      this.#beat(id, {})
    }
    this.#topic()
    for (let count = 0; count < stepsMax; count++) this.#step()
  }

  #chance(percent: number): boolean {
    return this.#random.below(100) < percent
  }
  #one<T>(list: readonly T[]): T {
    return list[this.#random.below(list.length)]
  }
  #shuffled<T>(list: readonly T[]): T[] {
    const rest = [...list]
    return list.map(() => rest.splice(this.#random.below(rest.length), 1)[0])
  }

  #step(): void {
    const id = this.#one(brokerIds)
    const kind = this.#random.below(100)
    if (kind < 30) this.#beat(id, { wantFence: this.#chance(12), wantShutDown: this.#chance(8), isBehind: this.#chance(10) })
    else if (kind < 34) this.#beat(id, { offline: this.#one([id, id + 10]) })
    else if (kind < 44) this.#register(id)
    else if (kind < 66) this.#isr()
    else if (kind < 72) this.#elect()
    else if (kind < 80) this.#reassign()
    else if (kind < 82) this.#unregister(id)
    else if (kind < 87) this.#assign(id)
    else if (kind < 92) {
      this.#silence(id)
    } else if (kind < 95) this.#periodic('balance', balanceLeaders(this.#scene.state))
    else if (kind < 98) this.#periodic('elect-unclean', electUncleanLeaders(this.#scene.state))
    else this.#topic()
  }

  #ask<N extends DeciderName>(kind: string, name: N, request: DeciderRequest<N>, version: number, asked: object) {
    const decision = this.#scene.decide(name, request, { apiVersion: version })
    return { decision, step: { asked: { kind, nowMs: this.#scene.nowMs, ...asked }, records: decision.records.map(recordText) } }
  }

  #register(brokerId: number): void {
    const known = this.#scene.state.image.brokers.get(brokerId)
    const incarnationId = known !== undefined && this.#chance(30) ? known.incarnationId : uuid(this.#incarnations++)
    const previousBrokerEpoch = known !== undefined && this.#chance(60) ? known.epoch : -1
    const logDirs = [uuid(brokerId), uuid(brokerId + 10)]
    const features = [...supportedFeatures].map(([name, { min, max }]) => ({ name, minSupportedVersion: min, maxSupportedVersion: max }))
    const request = {
      ...{ brokerId, clusterId: 'cluster', incarnationId, previousBrokerEpoch, logDirs, features },
      ...{ listeners: [], rack: null, isMigratingZkBroker: false },
    }
    const asked = { broker: brokerId, incarnation: incarnationId, previous: previousBrokerEpoch, directories: logDirs }
    const { decision, step } = this.#ask('register', 'BrokerRegistration', request, 4, asked)
    const { errorCode, brokerEpoch } = this.#scene.commit(decision)
    this.steps.push({ ...step, error: errorCode === 0 ? `NONE ${brokerEpoch}` : errorName(errorCode) })
  }

  #beat(brokerId: number, { wantFence = false, wantShutDown = false, isBehind = false, offline = -1 }): void {
    const { image, nextOffset } = this.#scene.state
    const known = image.brokers.get(brokerId)
    if (known === undefined) return
    const currentMetadataOffset = isBehind ? this.#random.below(nextOffset) : nextOffset - 1
    const offlineLogDirs = offline < 0 ? [] : [uuid(offline)]
    const request = {
      ...{ brokerId, brokerEpoch: known.epoch, currentMetadataOffset, wantFence, wantShutDown, offlineLogDirs },
      cordonedLogDirs: null,
    }
    const asked = { broker: brokerId, epoch: known.epoch, offset: currentMetadataOffset, wantFence, wantShutDown, offline: offlineLogDirs }
    const { decision, step } = this.#ask('beat', 'BrokerHeartbeat', request, 2, asked)
    const { errorCode, isCaughtUp, isFenced, shouldShutDown } = this.#scene.commit(decision)
    const words = `${isCaughtUp ? 'caught up' : 'behind'}, ${isFenced ? 'fenced' : 'unfenced'}${shouldShutDown ? ', go' : ''}`
    this.steps.push({ ...step, error: errorCode === 0 ? `NONE ${words}` : errorName(errorCode) })
    // With a change of its registration Kafka forgets how far the broker has read, until it says so again.
    if (step.records.length > 0) this.#beat(brokerId, { wantFence: image.brokers.get(brokerId)?.fenced === true })
  }

  /** Made by hand: where replicas are placed is chance. */
  #topic(): void {
    const { state } = this.#scene
    const active = brokerIds.filter((id) => state.isActive(id))
    if (active.length === 0) return
    const topicId = uuid(this.#incarnations++)
    const name = `t${this.#incarnations}`
    const partitions = Array.from({ length: 1 + this.#random.below(3) }, () => {
      const replicas = this.#shuffled(brokerIds.filter((id) => state.image.brokers.has(id))).slice(0, 1 + this.#random.below(3))
      if (!replicas.some((id) => active.includes(id))) replicas.push(active[0])
      const isr = replicas.filter((id) => active.includes(id))
      return { replicas, isr, leader: isr[0], directories: replicas.map((id) => uuid(this.#chance(80) ? id : id + 10)) }
    })
    const records = [
      metadataRecord('TopicRecord', 0, { name, topicId }),
      ...partitions.map((partition, partitionId) =>
        metadataRecord('PartitionRecord', 2, { topicId, partitionId, ...partition, leaderEpoch: 0, partitionEpoch: 0 }),
      ),
    ]
    this.#scene.commit({ records, answer: undefined })
    const asked = { kind: 'topic', nowMs: this.#scene.nowMs, name, topicId, partitions }
    this.steps.push({ asked, error: 'NONE', records: records.map(() => 'topic') })
  }

  #somePartition(): { readonly topic: TopicImage; readonly index: number; readonly partition: PartitionRegistration } {
    const topic = this.#one([...this.#scene.state.image.topicsByName.values()])
    const [index, partition] = this.#one([...topic.partitions])
    return { topic, index, partition }
  }

  #isr(): void {
    const { image } = this.#scene.state
    const { topic, index, partition } = this.#somePartition()
    const brokerId = this.#chance(95) ? partition.leader : this.#one(brokerIds)
    const brokerEpoch = image.brokerEpoch(brokerId)
    const some = this.#chance(97) ? partition.replicas : brokerIds
    const ids = this.#shuffled(some.filter((id) => (id === partition.leader ? this.#chance(98) : this.#chance(60))))
    const members = ids.map((id) => ({
      brokerId: id,
      brokerEpoch: this.#chance(90) ? image.brokerEpoch(id) : this.#one([-1, 3]),
    }))
    const off = (): number => (this.#chance(94) ? 0 : this.#one([-1, 1]))
    const data = {
      partitionIndex: index,
      leaderEpoch: partition.leaderEpoch + off(),
      newIsr: [],
      newIsrWithEpochs: members,
      leaderRecoveryState: this.#chance(10) ? 1 : 0,
      partitionEpoch: partition.partitionEpoch + off(),
    }
    const request = { brokerId, brokerEpoch, topics: [{ topicId: topic.id, partitions: [data] }] }
    const { decision, step } = this.#ask('isr', 'AlterPartition', request, 3, {
      ...{ broker: brokerId, epoch: brokerEpoch, topicId: topic.id, partition: index },
      ...{ leaderEpoch: data.leaderEpoch, partitionEpoch: data.partitionEpoch, recovery: data.leaderRecoveryState },
      isr: members.map((member) => [member.brokerId, member.brokerEpoch]),
    })
    const answer = this.#scene.commit(decision)
    this.steps.push({ ...step, error: errorName(answer.topics[0]?.partitions[0].errorCode ?? answer.errorCode) })
  }

  #elect(): void {
    const { topic, index } = this.#somePartition()
    const electionType = this.#random.below(2)
    const request = { electionType, topicPartitions: [{ topic: topic.name, partitions: [index] }], timeoutMs: 1000 }
    const { decision, step } = this.#ask('elect', 'ElectLeaders', request, 2, { name: topic.name, partition: index, type: electionType })
    const answer = this.#scene.commit(decision)
    this.steps.push({ ...step, error: errorName(answer.replicaElectionResults[0].partitionResult[0].errorCode) })
  }

  #reassign(): void {
    // A replica that leaves is not eligible here any more; Kafka 4.3.1 lets it linger in the list.
    if (this.elr) return
    const { topic, index } = this.#somePartition()
    const replicas = this.#chance(25) ? null : this.#shuffled(brokerIds).slice(0, 1 + this.#random.below(3))
    const request = {
      ...{ timeoutMs: 1000, allowReplicationFactorChange: true },
      topics: [{ name: topic.name, partitions: [{ partitionIndex: index, replicas }] }],
    }
    const { decision, step } = this.#ask('reassign', 'AlterPartitionReassignments', request, 1, {
      ...{ name: topic.name, partition: index, replicas },
    })
    const answer = this.#scene.commit(decision)
    this.steps.push({ ...step, error: errorName(answer.responses[0].partitions[0].errorCode) })
  }

  #unregister(brokerId: number): void {
    const { decision, step } = this.#ask('unregister', 'UnregisterBroker', { brokerId }, 0, { broker: brokerId })
    this.steps.push({ ...step, error: errorName(this.#scene.commit(decision).errorCode) })
  }

  #assign(brokerId: number): void {
    const { image } = this.#scene.state
    const known = image.brokers.get(brokerId)
    if (known === undefined) return
    const { topic, index } = this.#somePartition()
    const id = uuid(this.#one([brokerId, brokerId + 10]))
    const directories = [{ id, topics: [{ topicId: topic.id, partitions: [{ partitionIndex: index }] }] }]
    const { decision, step } = this.#ask('assign', 'AssignReplicasToDirs', { brokerId, brokerEpoch: known.epoch, directories }, 0, {
      ...{ broker: brokerId, epoch: known.epoch, topicId: topic.id, partition: index, directory: id },
    })
    const answer = this.#scene.commit(decision)
    const errorCode = answer.errorCode || answer.directories[0].topics[0].partitions[0].errorCode
    this.steps.push({ ...step, error: errorName(errorCode) })
  }

  /** One broker is not heard of for its session timeout. Which of several is fenced first is chance. */
  #silence(silentId: number): void {
    const { state } = this.#scene
    if (state.image.brokers.get(silentId)?.fenced !== false) return
    this.#scene.nowMs += 9001 + this.#random.below(3000)
    for (const id of brokerIds) if (id !== silentId) this.#beat(id, { wantFence: state.image.brokers.get(id)?.fenced === true })
    const records: string[] = []
    for (let isMore = true; isMore; ) {
      const decision = fenceOneStaleBroker(state, this.#scene.nowMs)
      records.push(...decision.records.map(recordText))
      isMore = this.#scene.commit(decision).again
    }
    this.steps.push({ asked: { kind: 'fence', nowMs: this.#scene.nowMs }, error: 'NONE', records })
  }

  #periodic(kind: string, decision: PeriodicDecision): void {
    this.#scene.commit(decision)
    const asked = { kind, nowMs: this.#scene.nowMs }
    this.steps.push({ asked, error: 'NONE', records: decision.records.map(recordText) })
  }
}

const listText = (list: readonly unknown[] | null): string => (list === null ? 'null' : `[${list.join(', ')}]`)

/** As Kafka's program tells it. */
const recordText = ({ name, version, message }: MetadataRecord): string => {
  switch (name) {
    case 'RegisterBrokerRecord': {
      const { brokerId, brokerEpoch, incarnationId, fenced, inControlledShutdown, logDirs } = message
      return `register ${brokerId} epoch ${brokerEpoch} ${incarnationId} fenced ${fenced} shutdown ${inControlledShutdown} ${listText(logDirs)}`
    }
    case 'UnregisterBrokerRecord':
      return `unregister ${message.brokerId} epoch ${message.brokerEpoch}`
    case 'BrokerRegistrationChangeRecord': {
      const { brokerId, brokerEpoch, fenced, inControlledShutdown, logDirs } = message
      return `change ${brokerId} epoch ${brokerEpoch} fenced ${fenced} shutdown ${inControlledShutdown} ${listText(logDirs)} v${version}`
    }
    case 'PartitionChangeRecord': {
      const { topicId, partitionId, isr, leader, replicas, removingReplicas, addingReplicas, leaderRecoveryState } = message
      const moving = `replicas ${listText(replicas)} removing ${listText(removingReplicas)} adding ${listText(addingReplicas)}`
      const eligible = `elr ${listText(message.eligibleLeaderReplicas)} last ${listText(message.lastKnownElr)}`
      const where = `${listText(message.directories)} v${version}`
      return `partition ${topicId}-${partitionId} isr ${listText(isr)} leader ${leader} ${moving} recovery ${leaderRecoveryState} ${eligible} ${where}`
    }
    default:
      return name
  }
}

describe('decisions of the controller, beside those of Apache Kafka', { skip: withoutApache }, () => {
  test('whatever happens to a cluster, both answer the same and write the same records', async () => {
    const random = new SeededRandom(Number(process.env.SEED ?? 1))
    const scripts = Array.from({ length: scriptsMax }, () => new Script(random))
    const stdin = scripts
      .map(({ elr, minIsr, unclean, nextOffset, steps }) => ({
        level: 30,
        elr,
        minIsr,
        unclean,
        nextOffset,
        asked: steps.map(({ asked }) => asked),
      }))
      .map((script) => JSON.stringify(script))
      .join('\n')
    const program = 'org.apache.kafka.controller.ControllerDecisions'
    const { stdout, stderr, code } = await runJava(program, [], { stdin, limitMs: 120_000 })
    assert.equal(code, 0, stderr)
    const theirs = stdout.trim().split('\n')
    assert.equal(theirs.length, scripts.length, stderr)
    for (const [index, { steps, elr, minIsr, unclean }] of scripts.entries()) {
      const kafkas = JSON.parse(theirs[index])
      for (const [at, { error, records }] of steps.entries()) {
        const before = steps.slice(Math.max(0, at - 6), at + 1).map(({ asked }) => JSON.stringify(asked))
        const what = `step ${at} of script ${index}, elr ${elr}, min ${minIsr}, unclean ${unclean}:\n${before.join('\n')}`
        assert.deepEqual({ error, records: [...records].sort() }, { ...kafkas[at], records: kafkas[at].records.sort() }, what)
      }
    }
  })
})
