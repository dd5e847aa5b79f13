import type { BrokerRegistration, Endpoint, MetadataImage, PartitionRegistration, TopicImage } from '../metadata/index.ts'
import { Errors } from '../protocol/index.ts'

/** A broker as a client of one listener can reach it. */
export interface Node {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

export const endpointOf = (broker: BrokerRegistration | undefined, listenerName: string): Endpoint | undefined =>
  broker?.endpoints.find(({ name }) => name === listenerName)

const nodeOf = (broker: BrokerRegistration | undefined, listenerName: string): Node | undefined => {
  const endpoint = endpointOf(broker, listenerName)
  return broker === undefined || endpoint === undefined
    ? undefined
    : { nodeId: broker.id, host: endpoint.host, port: endpoint.port, rack: broker.rack }
}

/** The broker, if it is registered, not fenced, and has this listener. */
export const aliveNode = (image: MetadataImage, brokerId: number, listenerName: string): Node | undefined => {
  const broker = image.brokers.get(brokerId)
  return broker === undefined || broker.fenced ? undefined : nodeOf(broker, listenerName)
}

export const aliveNodes = (image: MetadataImage, listenerName: string): Node[] => {
  const nodes: Node[] = []
  for (const broker of image.brokers.values()) {
    const node = broker.fenced ? undefined : nodeOf(broker, listenerName)
    if (node !== undefined) nodes.push(node)
  }
  return nodes
}

/**
 * Whom clients take for the controller: any broker will do, as it forwards what they send it (KIP-590). The one that answers is there for
 * sure; of others that is known only once their sessions are over.
 */
export const controllerForClients = (image: MetadataImage, selfId: number): number => {
  if (isOnline(image, selfId)) return selfId
  for (const broker of image.brokers.values()) if (!broker.fenced) return broker.id
  return -1
}

const isOnline = (image: MetadataImage, brokerId: number): boolean => image.brokers.get(brokerId)?.fenced === false

export interface PartitionView {
  readonly errorCode: number
  readonly partitionIndex: number
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly replicaNodes: number[]
  readonly isrNodes: number[]
  readonly offlineReplicas: number[]
}

export interface ViewOptions {
  readonly listenerName: string
  /** Metadata version 0: replicas on brokers that are gone are an error and left out. */
  readonly errorUnavailableEndpoints: boolean
  /** Metadata from version 6 on: LISTENER_NOT_FOUND instead of LEADER_NOT_AVAILABLE. */
  readonly errorUnavailableListeners: boolean
}

/** One partition as Metadata and DescribeTopicPartitions tell it (KRaftMetadataCache.partitionMetadata). */
export const viewPartition = (
  image: MetadataImage,
  partitionIndex: number,
  partition: PartitionRegistration,
  options: ViewOptions,
): PartitionView => {
  const reachable = (id: number): boolean => aliveNode(image, id, options.listenerName) !== undefined
  const filtered = (ids: readonly number[]): number[] => (options.errorUnavailableEndpoints ? ids.filter(reachable) : [...ids])
  const replicaNodes = filtered(partition.replicas)
  const isrNodes = filtered(partition.isr)
  const offlineReplicas = partition.replicas.filter((id) => !isOnline(image, id) || !reachable(id))
  const leader = aliveNode(image, partition.leader, options.listenerName)
  let errorCode: number = Errors.NONE
  if (leader === undefined) {
    errorCode =
      options.errorUnavailableListeners && isOnline(image, partition.leader) ? Errors.LISTENER_NOT_FOUND : Errors.LEADER_NOT_AVAILABLE
  } else if (replicaNodes.length < partition.replicas.length || isrNodes.length < partition.isr.length) {
    errorCode = Errors.REPLICA_NOT_AVAILABLE
  }
  return {
    errorCode,
    partitionIndex,
    leaderId: leader === undefined ? -1 : partition.leader,
    leaderEpoch: partition.leaderEpoch,
    replicaNodes,
    isrNodes,
    offlineReplicas,
  }
}

export const viewTopic = (image: MetadataImage, topic: TopicImage, options: ViewOptions): PartitionView[] => {
  const views: PartitionView[] = []
  for (const [partitionIndex, partition] of topic.partitions) views.push(viewPartition(image, partitionIndex, partition, options))
  return views
}
