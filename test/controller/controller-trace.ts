import {
  balanceLeaders,
  type DeciderName,
  type DeciderRequest,
  electUncleanLeaders,
  fenceOneStaleBroker,
  type PeriodicDecision,
} from '../../src/controller/index.ts'
import {
  DIRECTORY_LOST,
  DIRECTORY_MIGRATING,
  DIRECTORY_UNASSIGNED,
  type MetadataRecord,
  metadataRecord,
  supportedFeatures,
} from '../../src/metadata/index.ts'
import { errorName } from '../../src/protocol/index.ts'
import type { Command, Play } from '../base/trace.ts'
import { Scene, uuid } from './scene.ts'

/**
 * Plays scripts to the deciders of the controller. Below each command stand the answer, the records that were decided, and nothing else:
 *
 *     cluster [metadata=25] [feature.version=1] [min.insync.replicas=2]     first: levels of features, and settings of the file
 *     register 1 [rack=a] [incarnation=5] [dirs=1,11] [previous=epoch] [v=4]  its directories are #1, #2 …; by default #id
 *     beat 1 [fence] [shutdown] [behind] [offline=11] [cordoned=11]          a heartbeat; behind: it has not read its registration
 *     join 1 2 3/a                                                           registered, in rack a, and unfenced; told as brokers
 *     create t 1,2,3 2,3,1 · create t partitions=3 factor=2 · delete t · add-partitions t count=3
 *     isr t-0 1,2 [by=1] [leader-epoch=…] [partition-epoch=…] [broker-epoch=…] [epoch.2=…] [recovering] [v=2]   AlterPartition
 *     elect preferred t-0 t-1 · elect unclean t-0 · elect preferred all
 *     reassign t-0 4,5 [keep-factor] · cancel t-0
 *     assign 1 11 t-0 t-1                                                    broker 1 says: they lie in directory #11
 *     config t min.insync.replicas=2 · broker-config 1|default key=value     empty value: deleted
 *     feature metadata.version 28 [safe] [unsafe] [dry]
 *     unregister 1
 *     wait 1000 · fence · balance · elect-unclean                            time, and what the controller does by itself
 *     state [t]                                                              brokers and partitions
 */
export const playController = (): Play => {
  const player = new Player()
  return (command) => player.play(command)
}

class Player {
  #scene: Scene | undefined
  #told: string[] = []

  play(command: Command): string[] {
    this.#told = []
    this.#run(command)
    return this.#told
  }

  #say(line: string): void {
    this.#told.push(line)
  }

  get #world(): Scene {
    this.#scene ??= new Scene()
    return this.#scene
  }

  #run(command: Command): void {
    const scene = command.name === 'cluster' ? this.#cluster(command) : this.#world
    switch (command.name) {
      case 'cluster':
        return
      case 'register':
        return this.#register(command)
      case 'beat':
        return this.#beat(command)
      case 'join':
        return this.#join(command)
      case 'create':
        return this.#create(command)
      case 'add-partitions': {
        const topics = [{ name: command.word(), count: command.numberOption('count') ?? -1, assignments: null }]
        const { results } = this.#ask('CreatePartitions', { topics, timeoutMs: 1000, validateOnly: false })
        for (const { errorCode, errorMessage } of results) this.#answer(errorCode, errorMessage)
        return
      }
      case 'delete': {
        const topics = command.words().map((name) => ({ name, topicId: DIRECTORY_MIGRATING }))
        const { responses } = this.#ask('DeleteTopics', { topics, topicNames: [], timeoutMs: 1000 })
        for (const { errorCode, errorMessage } of responses) this.#answer(errorCode, errorMessage)
        return
      }
      case 'isr':
        return this.#isr(command)
      case 'elect':
        return this.#elect(command)
      case 'reassign': {
        const [topic, partition] = partitionOf(command.word())
        const replicas = idsOf(command.word())
        return this.#reassign(topic, partition, replicas, !command.flag('keep-factor'))
      }
      case 'cancel': {
        const [topic, partition] = partitionOf(command.word())
        return this.#reassign(topic, partition, null, true)
      }
      case 'assign':
        return this.#assign(command)
      case 'config':
        return this.#config(2, command.word(), command)
      case 'broker-config': {
        const name = command.word()
        return this.#config(4, name === 'default' ? '' : name, command)
      }
      case 'feature': {
        const featureUpdates = [
          {
            feature: command.word(),
            maxVersionLevel: command.number(),
            allowDowngrade: false,
            upgradeType: command.flag('unsafe') ? 3 : command.flag('safe') ? 2 : 1,
          },
        ]
        const { errorCode, errorMessage } = this.#ask('UpdateFeatures', {
          timeoutMs: 1000,
          featureUpdates,
          validateOnly: command.flag('dry'),
        })
        return this.#answer(errorCode, errorMessage)
      }
      case 'unregister': {
        const { errorCode, errorMessage } = this.#ask('UnregisterBroker', { brokerId: command.number() })
        return this.#answer(errorCode, errorMessage)
      }
      case 'wait':
        scene.nowMs += command.number()
        return
      case 'fence':
        return this.#periodic(fenceOneStaleBroker(scene.state, scene.nowMs))
      case 'balance':
        return this.#periodic(balanceLeaders(scene.state))
      case 'elect-unclean':
        return this.#periodic(electUncleanLeaders(scene.state))
      case 'state':
        return this.#state(command.maybeWord())
      default:
        command.unknown()
    }
  }

  #cluster(command: Command): Scene {
    const metadataVersion = command.numberOption('metadata')
    const options = command.options()
    const isFeature = ([key]: [string, string]): boolean => supportedFeatures.has(key)
    const features = new Map(options.filter(isFeature).map(([key, value]) => [key, Number(value)]))
    const staticConfig = new Map(options.filter((option) => !isFeature(option)))
    this.#scene = new Scene({
      ...(metadataVersion !== undefined && { metadataVersion }),
      ...(features.size > 0 && { features }),
      settings: { staticConfig },
    })
    return this.#scene
  }

  /** Decides, tells the records, and commits them. */
  #ask<N extends DeciderName>(name: N, request: DeciderRequest<N>, apiVersion = 99) {
    const scene = this.#world
    const decision = scene.decide(name, request, { apiVersion })
    const offset = scene.state.nextOffset
    const lines = decision.records.map((record, index) => ({ record, offset: offset + index }))
    this.#nameTopics(decision.records)
    const answer = scene.commit(decision)
    this.#records = lines
    return answer
  }

  #nameTopics(records: readonly MetadataRecord[]): void {
    for (const { name, message } of records) if (name === 'TopicRecord') this.#topics.set(message.topicId, message.name)
  }

  readonly #topics = new Map<string, string>()
  #records: { record: MetadataRecord; offset: number }[] = []

  #answer(errorCode: number, message?: string | null, more = ''): void {
    const text = message ? `: ${message}` : ''
    this.#say(`${errorName(errorCode) === 'NONE' ? 'ok' : errorName(errorCode)}${text}${more}`)
    this.#tellRecords()
  }

  #tellRecords(): void {
    for (const { record, offset } of this.#records) this.#say(this.#recordText(record, offset))
    this.#records = []
  }

  #periodic(decision: PeriodicDecision): void {
    const offset = this.#world.state.nextOffset
    this.#records = decision.records.map((record, index) => ({ record, offset: offset + index }))
    const { again } = this.#world.commit(decision)
    this.#tellRecords()
    if (again) this.#say('again')
  }

  #register(command: Command): void {
    const brokerId = command.number()
    const answer = this.#ask(
      'BrokerRegistration',
      {
        brokerId,
        clusterId: command.option('cluster') ?? 'cluster',
        incarnationId: uuid(command.numberOption('incarnation') ?? brokerId),
        listeners: [{ name: 'PLAINTEXT', host: `b${brokerId}`, port: 9092, securityProtocol: 0 }],
        features: [...supportedFeatures].map(([name, { min, max }]) => ({ name, minSupportedVersion: min, maxSupportedVersion: max })),
        rack: command.option('rack') ?? null,
        isMigratingZkBroker: false,
        logDirs: (command.numbersOption('dirs') ?? [brokerId]).map(uuid),
        previousBrokerEpoch: command.numberOption('previous') ?? -1,
      },
      command.numberOption('v') ?? 4,
    )
    this.#answer(answer.errorCode, null, answer.errorCode === 0 ? ` epoch=${answer.brokerEpoch}` : '')
  }

  #beat(command: Command): void {
    const brokerId = command.number()
    const { image, nextOffset } = this.#world.state
    const cordoned = command.numbersOption('cordoned')
    const answer = this.#ask('BrokerHeartbeat', {
      brokerId,
      brokerEpoch: command.numberOption('epoch') ?? image.brokerEpoch(brokerId),
      currentMetadataOffset: command.flag('behind') ? 0 : nextOffset - 1,
      wantFence: command.flag('fence'),
      wantShutDown: command.flag('shutdown'),
      offlineLogDirs: (command.numbersOption('offline') ?? []).map(uuid),
      cordonedLogDirs: cordoned === undefined ? null : cordoned.map(uuid),
    })
    const words = [answer.isCaughtUp ? 'caught up' : 'behind', answer.isFenced ? 'fenced' : 'unfenced']
    if (answer.shouldShutDown) words.push('shut down now')
    this.#answer(answer.errorCode, null, answer.errorCode === 0 ? `: ${words.join(', ')}` : '')
  }

  #join(command: Command): void {
    const scene = this.#world
    for (const word of command.words()) {
      const [id, rack = null] = word.split('/')
      scene.register(Number(id), { rack })
      scene.heartbeat(Number(id))
      this.#say(this.#brokerText(Number(id)))
    }
  }

  #create(command: Command): void {
    const name = command.word()
    const assignments = command.words().map((replicas, partitionIndex) => ({ partitionIndex, brokerIds: idsOf(replicas) }))
    const numPartitions = command.numberOption('partitions') ?? -1
    const replicationFactor = command.numberOption('factor') ?? -1
    const configs = command.options().map(([key, value]) => ({ name: key, value }))
    const topics = [{ name, numPartitions, replicationFactor, assignments, configs }]
    const answer = this.#ask('CreateTopics', { topics, timeoutMs: 1000, validateOnly: false })
    for (const topic of answer.topics) this.#answer(topic.errorCode, topic.errorMessage)
  }

  #isr(command: Command): void {
    const [name, partitionIndex] = partitionOf(command.word())
    const members = idsOf(command.word())
    const { image } = this.#world.state
    const topic = image.topic(name)
    const partition = topic?.partitions.get(partitionIndex)
    const brokerId = command.numberOption('by') ?? partition?.leader ?? -1
    const brokerEpoch = (id: number): number => command.numberOption(`epoch.${id}`) ?? image.brokerEpoch(id)
    const v = command.numberOption('v') ?? 3
    const data = {
      partitionIndex,
      leaderEpoch: command.numberOption('leader-epoch') ?? partition?.leaderEpoch ?? 0,
      newIsr: v < 3 ? members : [],
      newIsrWithEpochs: v < 3 ? [] : members.map((id) => ({ brokerId: id, brokerEpoch: brokerEpoch(id) })),
      leaderRecoveryState: command.flag('recovering') ? 1 : 0,
      partitionEpoch: command.numberOption('partition-epoch') ?? partition?.partitionEpoch ?? 0,
    }
    const topics = [{ topicId: topic?.id ?? uuid(999), partitions: [data] }]
    const answer = this.#ask(
      'AlterPartition',
      { brokerId, brokerEpoch: command.numberOption('broker-epoch') ?? image.brokerEpoch(brokerId), topics },
      v,
    )
    const result = answer.topics[0]?.partitions[0]
    if (result === undefined || result.errorCode !== 0) return this.#answer(result?.errorCode ?? answer.errorCode)
    const { leaderId, leaderEpoch, partitionEpoch, isr } = result
    this.#answer(0, null, ` leader=${leaderId} epoch=${leaderEpoch} partition-epoch=${partitionEpoch} isr=${isr}`)
  }

  #elect(command: Command): void {
    const electionType = command.word() === 'unclean' ? 1 : 0
    const words = command.words()
    const asked = words.map(partitionOf).map(([topic, partition]) => ({ topic, partitions: [partition] }))
    const topicPartitions = words[0] === 'all' ? null : asked
    const answer = this.#ask('ElectLeaders', { electionType, topicPartitions, timeoutMs: 1000 })
    for (const { topic, partitionResult } of answer.replicaElectionResults)
      for (const { partitionId, errorCode } of partitionResult) this.#say(`${topic}-${partitionId} ${errorText(errorCode)}`)
    this.#tellRecords()
  }

  #reassign(name: string, partitionIndex: number, replicas: number[] | null, allowReplicationFactorChange: boolean): void {
    const topics = [{ name, partitions: [{ partitionIndex, replicas }] }]
    const answer = this.#ask('AlterPartitionReassignments', { timeoutMs: 1000, allowReplicationFactorChange, topics })
    for (const { partitions } of answer.responses) for (const one of partitions) this.#answer(one.errorCode, one.errorMessage)
  }

  #assign(command: Command): void {
    const brokerId = command.number()
    const { image } = this.#world.state
    const id = uuid(command.number())
    const topics = command
      .words()
      .map(partitionOf)
      .map(([name, partitionIndex]) => ({ topicId: image.topic(name)?.id ?? uuid(999), partitions: [{ partitionIndex }] }))
    const brokerEpoch = command.numberOption('epoch') ?? image.brokerEpoch(brokerId)
    const answer = this.#ask('AssignReplicasToDirs', { brokerId, brokerEpoch, directories: [{ id, topics }] })
    const errors = answer.directories.flatMap((one) => one.topics.flatMap(({ partitions }) => partitions.map((each) => each.errorCode)))
    this.#say(answer.errorCode === 0 ? errors.map(errorText).join(', ') : errorText(answer.errorCode))
    this.#tellRecords()
  }

  #config(resourceType: number, resourceName: string, command: Command): void {
    const configs = command
      .options()
      .map(([name, value]) => ({ name, configOperation: value === '' ? 1 : 0, value: value === '' ? null : value }))
    const answer = this.#ask('IncrementalAlterConfigs', { resources: [{ resourceType, resourceName, configs }], validateOnly: false })
    for (const { errorCode, errorMessage } of answer.responses) this.#answer(errorCode, errorMessage)
  }

  // What is told

  #state(topic: string | undefined): void {
    const { image } = this.#world.state
    if (topic === undefined) for (const id of [...image.brokers.keys()].sort((a, b) => a - b)) this.#say(this.#brokerText(id))
    const names = topic === undefined ? [...image.topicsByName.keys()].sort() : [topic]
    for (const name of names) for (const line of this.#world.describe(name)) this.#say(line)
  }

  #brokerText(id: number): string {
    const { epoch, rack, fenced, inControlledShutdown, directories } = this.#world.state.image.brokers.get(id)!
    const words = [`broker ${id}: epoch ${epoch}`, fenced ? 'fenced' : 'unfenced']
    if (inControlledShutdown) words.push('shutting down')
    if (rack !== null) words.push(`rack ${rack}`)
    return [...words, `directories ${directories.map((directory) => this.#valueText(directory)).join() || 'none'}`].join(', ')
  }

  /** A record with the fields that say something; listeners and versions of nodes are left out. */
  #recordText({ name, version, message }: MetadataRecord, offset: number): string {
    const plain = (metadataRecord as (name: string, version: number, message: object) => MetadataRecord)(name, version, {}).message
    const isIdentity = new Set(['partitionId', 'topicId', 'brokerId', 'name'])
    const said = Object.entries(message).filter(
      ([key, value]) =>
        key !== 'endPoints' &&
        key !== 'features' &&
        value !== null &&
        !(key === 'topicId' && 'partitionId' in message) &&
        (isIdentity.has(key) || JSON.stringify(value) !== JSON.stringify((plain as Record<string, unknown>)[key])),
    )
    const fields = said.map(([key, value]) =>
      key === 'partitionId' && 'topicId' in message ? `${this.#valueText(message.topicId)}-${value}` : `${key}=${this.#valueText(value)}`,
    )
    return `${offset} ${name.replace(/Record$/, '')} ${fields.join(' ')}`.trimEnd()
  }

  #valueText(value: unknown): string {
    if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((each) => this.#valueText(each)).join()
    if (typeof value !== 'string') return String(value)
    const topic = this.#topics.get(value)
    if (topic !== undefined) return topic
    if (value === DIRECTORY_UNASSIGNED) return 'unassigned'
    if (value === DIRECTORY_MIGRATING) return 'migrating'
    if (value === DIRECTORY_LOST) return 'lost'
    const number = Buffer.from(value, 'base64url').length === 16 ? Buffer.from(value, 'base64url').readUInt32BE(12) - 1000 : -1
    return number >= 0 && uuid(number) === value ? `#${number}` : value
  }
}

const errorText = (code: number): string => (code === 0 ? 'ok' : errorName(code))

const idsOf = (text: string): number[] => text.split(',').map(Number)

/** `t-0` */
const partitionOf = (text: string): [topic: string, partition: number] => {
  const at = text.lastIndexOf('-')
  return [text.slice(0, at), Number(text.slice(at + 1))]
}
