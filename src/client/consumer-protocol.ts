import { DecodeError, type Message, type MessageInput, Reader, read, type Schema, Writer, write } from '../protocol/index.ts'
import { ConsumerProtocolAssignment, ConsumerProtocolSubscription } from '../protocol/messages/consumer-protocol.ts'

/**
 * What consumers of a classic group tell each other through the coordinator: version int16, then the message. A reader takes what it
 * knows of a later version and ignores the rest (Kafka's ConsumerProtocol).
 */
export interface PartitionOf {
  readonly topic: string
  readonly partition: number
}

export interface Subscription {
  readonly topics: readonly string[]
  readonly userData: Buffer | null
  /** From version 1; empty before. */
  readonly ownedPartitions: readonly PartitionOf[]
  /** From version 2; -1 before: not known. */
  readonly generationId: number
  readonly rackId: string | null
}

export interface Assignment {
  readonly partitions: readonly PartitionOf[]
  readonly userData: Buffer | null
}

const subscriptionVersion = 3
const assignmentVersion = 3

export function encodeSubscription(subscription: Subscription): Buffer {
  return versioned(ConsumerProtocolSubscription, subscriptionVersion, {
    topics: [...subscription.topics].sort(),
    userData: subscription.userData,
    ownedPartitions: sortedByTopic(subscription.ownedPartitions),
    generationId: subscription.generationId,
    rackId: subscription.rackId,
  })
}

/** @throws DecodeError */
export function decodeSubscription(bytes: Buffer): Subscription {
  const message = unversioned(ConsumerProtocolSubscription, subscriptionVersion, bytes)
  return {
    topics: message.topics,
    userData: message.userData,
    ownedPartitions: flat(message.ownedPartitions),
    generationId: message.generationId,
    rackId: message.rackId === '' ? null : message.rackId,
  }
}

export function encodeAssignment(assignment: Assignment): Buffer {
  return versioned(ConsumerProtocolAssignment, assignmentVersion, {
    assignedPartitions: sortedByTopic(assignment.partitions),
    userData: assignment.userData,
  })
}

/** @throws DecodeError */
export function decodeAssignment(bytes: Buffer): Assignment {
  const message = unversioned(ConsumerProtocolAssignment, assignmentVersion, bytes)
  return { partitions: flat(message.assignedPartitions), userData: message.userData }
}

function versioned<S extends Schema>(schema: S, version: number, message: MessageInput<S>): Buffer {
  const writer = new Writer()
  writer.int16(version)
  write(schema, version, writer, message)
  return writer.finishBytes()
}

function unversioned<S extends Schema>(schema: S, highest: number, bytes: Buffer): Message<S> {
  const reader = new Reader(bytes)
  const version = reader.int16()
  if (version < 0) throw new DecodeError(`${schema.name} version ${version}`)
  return read(schema, Math.min(version, highest), reader)
}

function flat(topics: readonly { topic: string; partitions: readonly number[] }[]): PartitionOf[] {
  return topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))
}

function sortedByTopic(partitions: readonly PartitionOf[]): { topic: string; partitions: number[] }[] {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of partitions) {
    const list = topics.get(topic)
    if (list === undefined) topics.set(topic, [partition])
    else list.push(partition)
  }
  return [...topics].sort(([a], [b]) => (a < b ? -1 : 1)).map(([topic, list]) => ({ topic, partitions: list.sort((a, b) => a - b) }))
}
