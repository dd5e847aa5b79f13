import type { TopicPartition } from '../admin/routes.ts'
import { assignCooperativeSticky } from './cooperative-sticky.ts'
import { assignRange } from './range.ts'

export interface MemberSubscription {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly topics: readonly string[]
  readonly rackId: string | null
  readonly ownedPartitions: readonly TopicPartition[]
  /** -1: not known. */
  readonly generationId: number
}

/** Partitions of a topic with the racks of each partition's replicas. */
export interface TopicLayout {
  readonly topic: string
  readonly partitionCount: number
  readonly racks: readonly (readonly string[])[]
}

export interface Assignor {
  readonly name: string
  /** Members keep what they own until it is taken from them (KIP-429). */
  readonly cooperative: boolean
  /** What it tells the other members' assignor besides the subscription. */
  userData(generationId: number): Buffer | null
  /** Every member has an entry. `topics`: those that exist and that someone subscribed to. */
  assign(topics: readonly TopicLayout[], members: readonly MemberSubscription[]): Map<string, TopicPartition[]>
}

function generationData(generationId: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(generationId)
  return bytes
}

const assignors: readonly Assignor[] = [
  { name: 'range', cooperative: false, userData: () => null, assign: assignRange },
  { name: 'cooperative-sticky', cooperative: true, userData: generationData, assign: assignCooperativeSticky },
]

const javaNames: Readonly<Record<string, string>> = {
  RangeAssignor: 'range',
  CooperativeStickyAssignor: 'cooperative-sticky',
}

/** By Kafka's protocol name, or the name of the Java class. */
export function findAssignor(name: string): Assignor | undefined {
  const short = name.replace(/^class /, '').replace(/^org\.apache\.kafka\.clients\.consumer\./, '')
  return assignors.find((each) => each.name === (javaNames[short] ?? short))
}
