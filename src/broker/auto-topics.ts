import type { BrokerConfig } from '../config/index.ts'
import type { Journal } from '../host/index.ts'
import { complete, Errors, errorName, type MessageInput } from '../protocol/index.ts'
import { CreateTopicsRequest } from '../protocol/messages/create-topics.ts'
import type { ControllerClient } from './controller-client.ts'

type Creatable = NonNullable<MessageInput<typeof CreateTopicsRequest>['topics']>[number]

const OFFSETS_TOPIC = '__consumer_offsets'
const TRANSACTIONS_TOPIC = '__transaction_state'
const SHARES_TOPIC = '__share_group_state'
const CREATE_VERSION = 7
const CREATE_TIMEOUT_MS = 10_000
/** Names that many clients ask for in vain must not fill the memory. */
const IN_FLIGHT_MAX = 10_000

/**
 * Topics that come into being by being asked for: those of clients (auto.create.topics.enable) and the internal ones. One creation a name
 * at a time; whoever asked is told to ask again, and finds the topic or the same error.
 */
export class AutoTopics {
  private readonly config: () => BrokerConfig
  private readonly controller: ControllerClient
  private readonly journal: Journal
  private readonly inFlight = new Set<string>()

  constructor(config: () => BrokerConfig, controller: ControllerClient, journal: Journal) {
    this.config = config
    this.controller = controller
    this.journal = journal
  }

  /** `name` must be legal. */
  create(name: string): void {
    if (this.inFlight.has(name) || this.inFlight.size >= IN_FLIGHT_MAX) return
    this.inFlight.add(name)
    this.createNow(name)
      .catch((error) => this.journal.warn('a topic could not be created on the way', { topic: name, error }))
      .finally(() => this.inFlight.delete(name))
  }

  private async createNow(name: string): Promise<void> {
    const request = complete(CreateTopicsRequest, CREATE_VERSION, { topics: [this.creatable(name)], timeoutMs: CREATE_TIMEOUT_MS })
    const answer = await this.controller.decide('CreateTopics', request, CREATE_VERSION)
    const result = answer.topics?.[0]
    const errorCode = result?.errorCode ?? Errors.NONE
    if (errorCode === Errors.NONE) this.journal.debug('topic created on the way', { topic: name })
    else if (errorCode !== Errors.TOPIC_ALREADY_EXISTS) {
      this.journal.warn('a topic could not be created on the way', {
        topic: name,
        error: errorName(errorCode),
        message: result?.errorMessage,
      })
    }
  }

  /** -1 leaves the number to the controller, whose file may say something else than this broker's. Internal topics: AutoTopicCreationManager. */
  private creatable(name: string): Creatable {
    const config = this.config()
    if (name === OFFSETS_TOPIC) {
      return {
        name,
        numPartitions: config.get('offsets.topic.num.partitions'),
        replicationFactor: config.get('offsets.topic.replication.factor'),
        configs: [
          { name: 'cleanup.policy', value: 'compact' },
          { name: 'compression.type', value: 'producer' },
          { name: 'segment.bytes', value: String(config.get('offsets.topic.segment.bytes')) },
        ],
      }
    }
    if (name === TRANSACTIONS_TOPIC) {
      return {
        name,
        numPartitions: config.get('transaction.state.log.num.partitions'),
        replicationFactor: config.get('transaction.state.log.replication.factor'),
        configs: [
          { name: 'unclean.leader.election.enable', value: 'false' },
          { name: 'compression.type', value: 'uncompressed' },
          { name: 'cleanup.policy', value: 'compact' },
          { name: 'min.insync.replicas', value: String(config.get('transaction.state.log.min.isr')) },
          { name: 'segment.bytes', value: String(config.get('transaction.state.log.segment.bytes')) },
        ],
      }
    }
    if (name === SHARES_TOPIC) {
      return {
        name,
        numPartitions: config.get('share.coordinator.state.topic.num.partitions'),
        replicationFactor: config.get('share.coordinator.state.topic.replication.factor'),
        configs: [
          { name: 'cleanup.policy', value: 'delete' },
          { name: 'compression.type', value: 'producer' },
          { name: 'segment.bytes', value: String(config.get('share.coordinator.state.topic.segment.bytes')) },
          { name: 'min.insync.replicas', value: String(config.get('share.coordinator.state.topic.min.isr')) },
          { name: 'retention.ms', value: '-1' },
        ],
      }
    }
    return {
      name,
      numPartitions: config.layers.file.has('num.partitions') ? config.get('num.partitions') : -1,
      replicationFactor: config.layers.file.has('default.replication.factor') ? config.get('default.replication.factor') : -1,
    }
  }
}
