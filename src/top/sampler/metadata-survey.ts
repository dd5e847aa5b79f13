import { ClientError, type Cluster, call } from '../../client/index.ts'
import { Apis, Errors, KafkaError, type Message } from '../../protocol/index.ts'
import { MetadataRequest, MetadataResponse } from '../../protocol/messages/metadata.ts'
import type { PlaceSample } from '../sample.ts'
import { answerBound, type BrokerRounds } from './broker-rounds.ts'

const metadataCall = call(Apis.Metadata, MetadataRequest, MetadataResponse)

/** Topics and brokers as one broker knows them. */
export interface Layout {
  readonly clusterId: string | null
  readonly controllerId: number
  readonly topics: readonly PlacedTopic[]
}

export interface PlacedTopic {
  readonly name: string
  readonly id: string
  readonly internal: boolean
  readonly partitions: readonly PlaceSample[]
}

const nowhere: PlaceSample = { leader: -1, epoch: -1, replicas: [], isr: [], offline: [] }

/**
 * Asks for metadata as everything else is asked for: a broker that hangs costs no more than the patience of a round, the next one is asked. It
 * is the same broker each time as long as it answers, so that nothing seems to change back and forth while brokers learn of a change.
 */
export class MetadataSurvey {
  readonly #cluster: Cluster
  readonly #rounds: BrokerRounds
  #broker = -1
  #known = new Map<string, PlacedTopic>()
  #clusterId: string | null = null

  constructor(cluster: Cluster, rounds: BrokerRounds) {
    this.#cluster = cluster
    this.#rounds = rounds
  }

  /** @throws ClientError when no broker answers */
  async look(timeoutMs: number): Promise<Layout> {
    const cluster = this.#cluster
    if (cluster.view.version === 0) await cluster.refresh([], timeoutMs)
    let found = await this.#ask()
    if (found === undefined) {
      // Perhaps they are all elsewhere by now: the client knows how to look for them.
      await cluster.refresh([], timeoutMs)
      found = await this.#ask()
    }
    if (found === undefined) throw new ClientError(Errors.BROKER_NOT_AVAILABLE, 'no broker tells what there is')
    if (isNews(cluster, found)) await cluster.refresh([], timeoutMs)
    // In another cluster a leader epoch means something else.
    if (found.clusterId !== this.#clusterId) this.#known.clear()
    this.#clusterId = found.clusterId
    const topics = found.topics
      .filter(({ name, errorCode }) => name !== null && errorCode === Errors.NONE)
      .map((topic) => this.#placed(topic))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
    this.#known = new Map(topics.map((topic) => [topic.name, topic]))
    return { clusterId: found.clusterId, controllerId: found.controllerId, topics }
  }

  #ask(): Promise<Message<typeof MetadataResponse> | undefined> {
    return this.#rounds.askOne('Metadata', this.#broker, async (link) => {
      const body = (version: number) => (version >= 4 ? { topics: null, allowAutoTopicCreation: false } : { topics: null })
      const answer = await link.request(metadataCall, body, { ...answerBound, minVersion: 1 })
      if (answer.errorCode !== Errors.NONE) throw new KafkaError(answer.errorCode)
      this.#broker = link.node.id
      return answer
    })
  }

  /** A place of an older leader epoch than the one known is that of a broker that lags behind (KIP-320). */
  #placed(topic: Message<typeof MetadataResponse>['topics'][number]): PlacedTopic {
    const known = this.#known.get(topic.name!)
    const before = known?.id === topic.topicId ? known.partitions : []
    const count = topic.partitions.reduce((most, { partitionIndex }) => Math.max(most, partitionIndex + 1), 0)
    const partitions: PlaceSample[] = Array.from({ length: count }, () => nowhere)
    for (const each of topic.partitions) {
      const earlier = before[each.partitionIndex]
      partitions[each.partitionIndex] =
        earlier !== undefined && each.leaderEpoch >= 0 && earlier.epoch > each.leaderEpoch
          ? earlier
          : {
              leader: each.leaderId,
              epoch: each.leaderEpoch,
              replicas: each.replicaNodes,
              isr: each.isrNodes,
              offline: each.offlineReplicas,
            }
    }
    return { name: topic.name!, id: topic.topicId, internal: topic.isInternal, partitions }
  }
}

/** Brokers are there, or somewhere, that the client does not know of, or they are those of another cluster. */
function isNews({ view }: Cluster, { brokers, clusterId }: Message<typeof MetadataResponse>): boolean {
  if (clusterId !== view.clusterId) return true
  if (brokers.length !== view.nodes.size) return true
  return brokers.some(({ nodeId, host, port }) => {
    const known = view.nodes.get(nodeId)
    return known === undefined || known.host !== host || known.port !== port
  })
}
