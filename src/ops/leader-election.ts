import type { Admin, ItemResult, TopicPartition } from '../client/index.ts'
import { Errors } from '../protocol/index.ts'
import { unknownPartition } from './item-failure.ts'

export type ElectionType = 'preferred' | 'unclean'

/** A partition before an election. */
export interface ElectionCandidate extends TopicPartition {
  /** -1: none. */
  readonly leader: number
  readonly preferredLeader: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  /** In sync now, or where nobody is, last (KIP-966). */
  readonly lastInSync: readonly number[]
  /** Another than the right one leads, or nobody does. */
  readonly needed: boolean
}

export interface Election extends ElectionCandidate {
  readonly elected: boolean
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`

/** The partitions as they are: those given, or all of the cluster. */
export async function electionCandidates(
  admin: Admin,
  type: ElectionType,
  partitions: readonly TopicPartition[] | null,
): Promise<ElectionCandidate[]> {
  const topics =
    partitions === null
      ? (await admin.listTopics({ includeInternal: true })).map(({ name }) => name)
      : [...new Set(partitions.map(({ topic }) => topic))]
  const wanted = partitions === null ? undefined : new Set(partitions.map(keyOf))
  return (await admin.describeTopics(topics)).flatMap(({ item: topic, value }) =>
    (value?.partitions ?? [])
      .map(({ partition, leader, replicas, isr, eligibleLeaderReplicas, lastKnownElr }): ElectionCandidate => {
        const lastInSync = [isr, eligibleLeaderReplicas ?? [], lastKnownElr ?? []].find(({ length }) => length > 0) ?? []
        const preferredLeader = replicas[0] ?? -1
        const needed = type === 'preferred' ? leader !== preferredLeader : leader < 0
        return { topic, partition, leader, preferredLeader, replicas, isr, lastInSync, needed }
      })
      .filter((each) => wanted === undefined || wanted.has(keyOf(each))),
  )
}

/**
 * Holds the election. That the right replica leads already is an answer, no failure; where all were asked it is not mentioned. An unclean
 * one, which may cost records, reaches only candidates in need: a partition that has lost its leader since is not among them.
 */
export async function holdElection(
  admin: Admin,
  type: ElectionType,
  partitions: readonly TopicPartition[] | null,
  candidates: readonly ElectionCandidate[],
): Promise<ItemResult<TopicPartition, Election>[]> {
  const known = new Map(candidates.map((each) => [keyOf(each), each]))
  const asked =
    type === 'unclean' ? candidates.filter(({ needed }) => needed).map(({ topic, partition }) => ({ topic, partition })) : partitions
  const answers = asked?.length === 0 ? [] : await admin.electLeaders(type, asked)
  const results = answers.map(({ item, error }): ItemResult<TopicPartition, Election> => {
    const elected = error === null
    if (!elected && error.code !== Errors.ELECTION_NOT_NEEDED) return { item, error, value: null }
    const before = known.get(keyOf(item)) ?? {
      ...item,
      leader: -1,
      preferredLeader: -1,
      replicas: [],
      isr: [],
      lastInSync: [],
      needed: elected,
    }
    return { item, error: null, value: { ...before, elected } }
  })
  if (type === 'preferred' || partitions === null) return results
  const answered = new Map(results.map((each) => [keyOf(each.item), each]))
  return partitions.map((item): ItemResult<TopicPartition, Election> => {
    const before = known.get(keyOf(item))
    const answer = answered.get(keyOf(item))
    if (answer !== undefined) return answer
    if (before === undefined) return { item, error: unknownPartition(item), value: null }
    return { item, error: null, value: { ...before, elected: false } }
  })
}
