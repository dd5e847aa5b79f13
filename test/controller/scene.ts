import assert from 'node:assert/strict'
import {
  type ApiError,
  activate,
  type ConfigRules,
  type ControllerSettings,
  ControllerState,
  type DeciderAnswer,
  type DeciderName,
  type DeciderRequest,
  type Decision,
  deciders,
  type RequestContext,
} from '../../src/controller/index.ts'
import {
  bootstrapRecords,
  decodeRecord,
  encodeRecord,
  MetadataImage,
  newClusterFeatureLevels,
  supportedFeatures,
} from '../../src/metadata/index.ts'
import { Errors, errorName } from '../../src/protocol/index.ts'
import { SeededRandom } from '../../src/sim/index.ts'

export const uuid = (number: number): string => {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32BE(number + 1000, 12)
  return bytes.toString('base64url')
}

const key = (name: string, defaultValue: string, synonyms: string[] = []) => ({
  name,
  defaultValue,
  isSensitive: false,
  isInternal: false,
  synonyms: synonyms.map((synonym) => ({ name: synonym, convert: (value: string) => value })),
})
/** A few settings, declared as narrowly as the controller needs them. */
const configRules: ConfigRules = {
  topicKeys: new Map(
    [
      key('cleanup.policy', 'delete', ['log.cleanup.policy']),
      key('min.insync.replicas', '1', ['min.insync.replicas']),
      key('retention.ms', '604800000', ['log.retention.ms']),
      key('unclean.leader.election.enable', 'false', ['unclean.leader.election.enable']),
    ].map((one) => [one.name, one]),
  ),
  isList: (_type, name) => name === 'cleanup.policy',
  defaultValue: (_type, name) => (name === 'cleanup.policy' ? 'delete' : null),
  validate: (type, _name, proposed): ApiError | undefined => {
    if (type !== 2) return undefined
    for (const [name, value] of proposed) {
      if (!configRules.topicKeys.has(name)) return { code: Errors.INVALID_CONFIG, message: `Unknown topic config name: ${name}` }
      if (name === 'retention.ms' && !/^-?\d+$/.test(value)) return { code: Errors.INVALID_CONFIG, message: `Invalid value ${value}` }
    }
    return undefined
  },
}

export interface SceneOptions {
  readonly metadataVersion?: number
  readonly features?: ReadonlyMap<string, number>
  readonly settings?: Partial<ControllerSettings>
  readonly seed?: number
}

/** A controller whose every decision is committed at once, told in text. */
export class Scene {
  readonly state: ControllerState
  nowMs = 0
  readonly random: SeededRandom
  context: Partial<RequestContext> = {}

  constructor({ metadataVersion, features, settings, seed = 1 }: SceneOptions = {}) {
    this.random = new SeededRandom(seed)
    const levels = newClusterFeatureLevels(metadataVersion, features)
    assert.ok(typeof levels !== 'string', String(levels))
    this.state = new ControllerState(new MetadataImage(), {
      clusterId: 'cluster',
      nodeId: 100,
      voterIds: [100],
      supportedFeatures,
      bootstrapRecords: bootstrapRecords(levels),
      defaultReplicationFactor: 1,
      defaultPartitionCount: 1,
      sessionTimeoutMs: 9000,
      deleteTopicEnable: true,
      staticConfig: new Map(),
      configRules,
      kraftVersion: { level: 1, upgrade: () => undefined },
      ...settings,
    })
    this.commit(activate(this.state, this.nowMs))
  }

  /** Records pass through their bytes, so that what cannot be written fails here. */
  commit<A>(decision: Decision<A>): A {
    for (const record of decision.records) this.state.replay(decodeRecord(encodeRecord(record)), this.state.nextOffset)
    return decision.answer
  }

  decide<N extends DeciderName>(name: N, request: DeciderRequest<N>, context: Partial<RequestContext> = {}): Decision<DeciderAnswer<N>> {
    const decide = deciders[name] as (
      state: ControllerState,
      request: DeciderRequest<N>,
      context: RequestContext,
    ) => Decision<DeciderAnswer<N>>
    return decide(this.state, request, {
      apiVersion: 99,
      nowMs: this.nowMs,
      random: this.random,
      isForwarded: true,
      allows: () => true,
      ...this.context,
      ...context,
    })
  }
  request<N extends DeciderName>(name: N, request: DeciderRequest<N>, context: Partial<RequestContext> = {}): DeciderAnswer<N> {
    return this.commit(this.decide(name, request, context))
  }

  register(
    brokerId: number,
    { rack = null as string | null, incarnation = brokerId, logDirs = [uuid(brokerId)], previousBrokerEpoch = -1 } = {},
  ) {
    return this.request('BrokerRegistration', {
      brokerId,
      clusterId: 'cluster',
      incarnationId: uuid(incarnation),
      listeners: [{ name: 'PLAINTEXT', host: `b${brokerId}`, port: 9092, securityProtocol: 0 }],
      features: [...supportedFeatures].map(([name, { min, max }]) => ({ name, minSupportedVersion: min, maxSupportedVersion: max })),
      rack,
      isMigratingZkBroker: false,
      logDirs,
      previousBrokerEpoch,
    })
  }
  heartbeat(brokerId: number, wants: { wantFence?: boolean; wantShutDown?: boolean; offset?: number; offline?: string[] } = {}) {
    return this.request('BrokerHeartbeat', {
      brokerId,
      brokerEpoch: this.state.image.brokerEpoch(brokerId),
      currentMetadataOffset: wants.offset ?? this.state.nextOffset - 1,
      wantFence: wants.wantFence ?? false,
      wantShutDown: wants.wantShutDown ?? false,
      offlineLogDirs: wants.offline ?? [],
      cordonedLogDirs: [],
    })
  }
  /** Registered and unfenced. */
  join(...brokerIds: number[]): this {
    for (const id of brokerIds) {
      this.register(id)
      this.heartbeat(id)
    }
    return this
  }

  create(
    name: string,
    layout: number[][] | { partitions?: number; factor?: number } = {},
    configs: Record<string, string | null> = {},
    validateOnly = false,
  ) {
    const counts = Array.isArray(layout) ? { partitions: -1, factor: -1 } : { partitions: -1, factor: -1, ...layout }
    const topic = {
      name,
      numPartitions: counts.partitions,
      replicationFactor: counts.factor,
      assignments: Array.isArray(layout) ? layout.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })) : [],
      configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
    }
    return this.request('CreateTopics', { topics: [topic], timeoutMs: 1000, validateOnly }).topics[0]
  }
  /** `ERROR_NAME: message`, or `NONE`. */
  outcome(result: { errorCode: number; errorMessage: string | null }): string {
    return result.errorMessage === null || result.errorMessage === ''
      ? errorName(result.errorCode)
      : `${errorName(result.errorCode)}: ${result.errorMessage}`
  }
  /** `a-0: leader 1 epoch 0 isr 1,2 replicas 1,2,3` with what else there is to tell. */
  describe(topicName: string): string[] {
    const topic = this.state.image.topic(topicName)
    return [...(topic?.partitions ?? [])].map(([partitionId, partition]) => {
      const { leader, leaderEpoch, isr, replicas, elr, lastKnownElr, addingReplicas, removingReplicas, leaderRecoveryState } = partition
      const extra = [
        elr.length > 0 ? ` elr ${elr}` : '',
        lastKnownElr.length > 0 ? ` last ${lastKnownElr}` : '',
        addingReplicas.length > 0 ? ` adding ${addingReplicas}` : '',
        removingReplicas.length > 0 ? ` removing ${removingReplicas}` : '',
        leaderRecoveryState === 1 ? ' recovering' : '',
      ]
      return `${topicName}-${partitionId}: leader ${leader} epoch ${leaderEpoch} isr ${isr.join(',') || '-'} replicas ${replicas}${extra.join('')}`
    })
  }
  alterIsr(topicName: string, isr: number[], { partitionId = 0, by = undefined as number | undefined, recovery = 0 } = {}) {
    const topic = this.state.image.topic(topicName)!
    const partition = topic.partitions.get(partitionId)!
    const brokerId = by ?? partition.leader
    const answer = this.request('AlterPartition', {
      brokerId,
      brokerEpoch: this.state.image.brokerEpoch(brokerId),
      topics: [
        {
          topicId: topic.id,
          partitions: [
            {
              partitionIndex: partitionId,
              leaderEpoch: partition.leaderEpoch,
              newIsr: [],
              newIsrWithEpochs: isr.map((id) => ({ brokerId: id, brokerEpoch: this.state.image.brokerEpoch(id) })),
              leaderRecoveryState: recovery,
              partitionEpoch: partition.partitionEpoch,
            },
          ],
        },
      ],
    })
    return errorName(answer.topics[0]?.partitions[0].errorCode ?? answer.errorCode)
  }
}
