import { zeroUuid } from '../base/index.ts'
import { Errors, type Message } from '../protocol/index.ts'
import type { MetadataResponse } from '../protocol/messages/metadata.ts'
import type { Node } from './broker-link.ts'

export interface PartitionMetadata {
  readonly topic: string
  readonly partition: number
  /** LEADER_NOT_AVAILABLE and the like. */
  readonly errorCode: number
  /** -1: none. */
  readonly leader: number
  /** -1: the broker does not say. */
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly offlineReplicas: readonly number[]
}

export interface TopicMetadata {
  readonly name: string
  readonly id: string
  readonly internal: boolean
  readonly errorCode: number
  readonly authorizedOperations: number
  /** Sorted by partition, which is also the index. */
  readonly partitions: readonly PartitionMetadata[]
}

/** What is known of the cluster; never changed, replaced as a whole. */
export interface ClusterView {
  /** Grows with every replacement. */
  readonly version: number
  readonly clusterId: string | null
  /** The broker to send controller requests to; -1: unknown. */
  readonly controllerId: number
  readonly nodes: ReadonlyMap<number, Node>
  readonly topics: ReadonlyMap<string, TopicMetadata>
  /** Topic id to name. */
  readonly names: ReadonlyMap<string, string>
}

export const emptyView: ClusterView = {
  version: 0,
  clusterId: null,
  controllerId: -1,
  nodes: new Map(),
  topics: new Map(),
  names: new Map(),
}

/**
 * The next view from an answer. A partition whose leader epoch went back is kept as it was (KIP-320), unless the topic has a new id.
 * Topics that the answer does not name are kept when `keep` says so: an answer names only what was asked for.
 */
export function nextView(view: ClusterView, answer: Message<typeof MetadataResponse>, keep: (topic: string) => boolean): ClusterView {
  const topics = new Map<string, TopicMetadata>()
  for (const topic of view.topics.values()) if (keep(topic.name)) topics.set(topic.name, topic)
  for (const topic of answer.topics) {
    if (topic.name === null) continue
    topics.set(topic.name, mergeTopic(view.topics.get(topic.name), topic))
  }
  const names = new Map<string, string>()
  for (const topic of topics.values()) if (topic.id !== zeroUuid) names.set(topic.id, topic.name)
  return {
    version: view.version + 1,
    clusterId: answer.clusterId,
    controllerId: answer.controllerId,
    nodes: new Map(answer.brokers.map((each) => [each.nodeId, { id: each.nodeId, host: each.host, port: each.port, rack: each.rack }])),
    topics,
    names,
  }
}

type TopicAnswer = Message<typeof MetadataResponse>['topics'][number]

function mergeTopic(known: TopicMetadata | undefined, answer: TopicAnswer): TopicMetadata {
  const name = answer.name ?? ''
  const same = known !== undefined && (known.id === answer.topicId || answer.topicId === zeroUuid || known.id === zeroUuid)
  const partitions = answer.partitions
    .map((each): PartitionMetadata => {
      const before = same ? known.partitions[each.partitionIndex] : undefined
      if (before !== undefined && each.leaderEpoch >= 0 && before.leaderEpoch > each.leaderEpoch) return before
      return {
        topic: name,
        partition: each.partitionIndex,
        errorCode: each.errorCode,
        leader: each.leaderId,
        leaderEpoch: each.leaderEpoch,
        replicas: each.replicaNodes,
        isr: each.isrNodes,
        offlineReplicas: each.offlineReplicas,
      }
    })
    .sort((a, b) => a.partition - b.partition)
  return {
    name,
    id: answer.topicId,
    internal: answer.isInternal,
    errorCode: answer.errorCode,
    authorizedOperations: answer.topicAuthorizedOperations,
    partitions,
  }
}

/** The leader a broker named in the error of a Produce or Fetch (KIP-951), when it is news. */
export function withLeader(
  view: ClusterView,
  topic: string,
  partition: number,
  leader: number,
  leaderEpoch: number,
  nodes: readonly Node[],
): ClusterView {
  const known = view.topics.get(topic)
  const before = known?.partitions[partition]
  if (known === undefined || before === undefined || leader < 0 || leaderEpoch <= before.leaderEpoch) return view
  if (!view.nodes.has(leader) && !nodes.some((node) => node.id === leader)) return view
  const partitions = known.partitions.with(partition, { ...before, leader, leaderEpoch, errorCode: Errors.NONE })
  const allNodes = new Map(view.nodes)
  for (const node of nodes) allNodes.set(node.id, node)
  return { ...view, version: view.version + 1, nodes: allNodes, topics: new Map(view.topics).set(topic, { ...known, partitions }) }
}
