import { zeroUuid } from '../../base/index.ts'
import { type ErrorCode, Errors, type Message, type MessageInput } from '../../protocol/index.ts'
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/messages/offset-commit.ts'
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/messages/offset-delete.ts'
import type { OffsetFetchRequest, OffsetFetchResponse } from '../../protocol/messages/offset-fetch.ts'
import { ClassicGroup } from './classic-group.ts'
import type { ForeignGroup } from './foreign-group.ts'
import type { GroupState } from './group-state.ts'
import type { CommittedOffset } from './offset-store.ts'
import { setSession } from './rebalance.ts'
import { offsetRecord } from './records.ts'
import type { RequestContext, Turn } from './turn.ts'

export type CommitRequest = Message<typeof OffsetCommitRequest>
export type CommitAnswer = MessageInput<typeof OffsetCommitResponse>
export type FetchGroup = Message<typeof OffsetFetchRequest>['groups'][number]
export type FetchAnswer = NonNullable<MessageInput<typeof OffsetFetchResponse>['groups']>[number]
type FetchTopic = NonNullable<FetchAnswer['topics']>[number]
type FetchPartition = NonNullable<FetchTopic['partitions']>[number]
export type DeleteOffsetsRequest = Message<typeof OffsetDeleteRequest>
export type DeleteOffsetsAnswer = MessageInput<typeof OffsetDeleteResponse>

/** From this OffsetCommit version on clients know GROUP_ID_NOT_FOUND (KIP-848). */
const GROUP_NOT_FOUND_VERSION = 9
const NO_EXPIRE_TIMESTAMP = -1
const DEFAULT_RETENTION = -1
const NO_OFFSET = -1

// ── commit ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** OffsetCommit. The topics are those that exist and that the client may read, with their ids. */
export const commitOffsets = (state: GroupState, turn: Turn, request: CommitRequest, context: RequestContext): CommitAnswer => {
  const error = checkCommit(state, turn, request, context)
  if (error !== Errors.NONE) return commitError(request, error)
  const { retentionTimeMs } = request
  const expireTimestamp = retentionTimeMs === DEFAULT_RETENTION ? NO_EXPIRE_TIMESTAMP : expiryAfter(turn.now, retentionTimeMs)
  return {
    topics: request.topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map((partition) => {
        const { partitionIndex, committedOffset: offset, committedLeaderEpoch: leaderEpoch } = partition
        const metadata = partition.committedMetadata ?? ''
        if (metadata.length > turn.config.offsetMetadataMax) return { partitionIndex, errorCode: Errors.OFFSET_METADATA_TOO_LARGE }
        const commit = { offset, leaderEpoch, metadata, commitTimestamp: turn.now, expireTimestamp, topicId }
        turn.append(offsetRecord(request.groupId, name, partitionIndex, commit))
        turn.counts.offsetCommits++
        return { partitionIndex, errorCode: Errors.NONE }
      }),
    })),
  }
}

/** Old clients may ask for any int64; the sum wraps as Java's does. */
const expiryAfter = (now: number, retentionMs: number): number | bigint => {
  const at = now + retentionMs
  return Number.isSafeInteger(at) ? at : BigInt.asIntN(64, BigInt(now) + BigInt(retentionMs))
}

/** The same error for every partition. */
export const commitError = (request: CommitRequest, errorCode: ErrorCode): CommitAnswer => ({
  topics: request.topics.map(({ name, topicId, partitions }) => ({
    name,
    topicId,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  })),
})

const checkCommit = (state: GroupState, turn: Turn, request: CommitRequest, context: RequestContext): ErrorCode => {
  const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch: generationId } = request
  const group = state.groups.get(groupId)
  if (group === undefined) {
    // Who commits without a generation manages its partitions itself; the first commit makes its group.
    if (generationId < 0) return Errors.NONE
    return context.apiVersion >= GROUP_NOT_FOUND_VERSION ? Errors.GROUP_ID_NOT_FOUND : Errors.ILLEGAL_GENERATION
  }
  if (!(group instanceof ClassicGroup)) return checkForeignCommit(group, generationId)
  if (group.is('Dead')) return Errors.COORDINATOR_NOT_AVAILABLE
  if (generationId < 0 && group.is('Empty')) return Errors.NONE
  if (generationId < 0 && memberId === '' && groupInstanceId === null) return Errors.UNKNOWN_MEMBER_ID
  const error = group.checkMember(memberId, groupInstanceId)
  if (error !== Errors.NONE) return error
  if (generationId !== group.generationId) return Errors.ILLEGAL_GENERATION
  if (group.is('CompletingRebalance')) return Errors.REBALANCE_IN_PROGRESS
  // A commit shows that the member lives.
  if (group.is('Stable', 'PreparingRebalance')) setSession(turn, group, group.members.get(memberId)!)
  return Errors.NONE
}

const checkForeignCommit = (group: ForeignGroup, generationId: number): ErrorCode => {
  if (group.type === 'share') return Errors.GROUP_ID_NOT_FOUND
  return generationId < 0 && group.isEmpty ? Errors.NONE : Errors.UNKNOWN_MEMBER_ID
}

// ── fetch ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** OffsetFetch of one group; `topics` null: of all topics. A group that does not exist has no offsets, which is no error. */
export const fetchOffsets = (state: GroupState, request: FetchGroup, requireStable: boolean): FetchAnswer => {
  const { groupId } = request
  const error = checkFetch(state, request)
  if (error !== Errors.NONE && error !== Errors.GROUP_ID_NOT_FOUND) return { groupId, topics: [], errorCode: error }
  const topics = error === Errors.NONE ? state.offsets.of(groupId) : undefined
  const unstable = (topic: string, partition: number): boolean => requireStable && state.offsets.isOpen(groupId, topic, partition)
  if (request.topics === null) {
    return {
      groupId,
      topics: [...(topics ?? [])].map(([name, partitions]) => ({
        name,
        topicId: zeroUuid,
        partitions: [...partitions].map(([index, offset]) => fetched(index, offset, unstable(name, index))),
      })),
    }
  }
  return {
    groupId,
    topics: request.topics.map(({ name, topicId, partitionIndexes }) => ({
      name,
      topicId,
      partitions: partitionIndexes.map((index) => {
        const offset = topics?.get(name)?.get(index)
        return fetched(index, isOfTopic(offset, topicId) ? offset : undefined, unstable(name, index))
      }),
    })),
  }
}

/** A topic that was deleted and made anew under its name starts without offsets. */
const isOfTopic = (offset: CommittedOffset | undefined, topicId: string): boolean =>
  offset === undefined || offset.topicId === zeroUuid || topicId === zeroUuid || offset.topicId === topicId

const fetched = (partitionIndex: number, offset: CommittedOffset | undefined, unstable: boolean): FetchPartition => {
  if (offset === undefined || unstable) {
    const errorCode = unstable ? Errors.UNSTABLE_OFFSET_COMMIT : Errors.NONE
    return { partitionIndex, committedOffset: NO_OFFSET, committedLeaderEpoch: -1, metadata: '', errorCode }
  }
  return { partitionIndex, committedOffset: offset.offset, committedLeaderEpoch: offset.leaderEpoch, metadata: offset.metadata }
}

const checkFetch = (state: GroupState, { groupId, memberId, memberEpoch }: FetchGroup): ErrorCode => {
  const group = state.groups.get(groupId)
  if (group === undefined) return Errors.GROUP_ID_NOT_FOUND
  if (group instanceof ClassicGroup) return group.is('Dead') ? Errors.GROUP_ID_NOT_FOUND : Errors.NONE
  if (group.type === 'share') return Errors.GROUP_ID_NOT_FOUND
  const anonymous = memberId === null && memberEpoch < 0
  return anonymous || group.hasMember(memberId ?? '') ? Errors.NONE : Errors.UNKNOWN_MEMBER_ID
}

/** OffsetFetch before version 2 has no place for an error but its partitions. */
export const fetchError = (request: FetchGroup, errorCode: ErrorCode, version: number): FetchAnswer => {
  const { groupId } = request
  if (version >= 2) return { groupId, errorCode }
  return {
    groupId,
    topics: (request.topics ?? []).map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({
        partitionIndex,
        committedOffset: NO_OFFSET,
        committedLeaderEpoch: -1,
        metadata: '',
        errorCode,
      })),
    })),
  }
}

// ── delete ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** OffsetDelete (KIP-496). */
export const deleteOffsets = (state: GroupState, turn: Turn, request: DeleteOffsetsRequest): DeleteOffsetsAnswer => {
  const { groupId } = request
  const group = state.groups.get(groupId)
  if (group === undefined) return { errorCode: Errors.GROUP_ID_NOT_FOUND }
  let isSubscribed: (topic: string) => boolean = () => false
  if (group instanceof ClassicGroup) {
    if (group.is('Dead')) return { errorCode: Errors.GROUP_ID_NOT_FOUND }
    if (!group.is('Empty') && !group.usesConsumerProtocol) return { errorCode: Errors.NON_EMPTY_GROUP }
    isSubscribed = (topic) => group.isSubscribed(topic)
  } else if (group.type === 'share') return { errorCode: Errors.GROUP_ID_NOT_FOUND }
  // What members of another protocol are subscribed to is not known here.
  else if (!group.isEmpty) isSubscribed = () => true
  turn.divisible = true
  return {
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => {
        if (isSubscribed(name)) return { partitionIndex, errorCode: Errors.GROUP_SUBSCRIBED_TO_TOPIC }
        if (holds(state, groupId, name, partitionIndex)) {
          turn.append(offsetRecord(groupId, name, partitionIndex, null))
          turn.counts.offsetDeletions++
        }
        return { partitionIndex, errorCode: Errors.NONE }
      }),
    })),
  }
}

const holds = (state: GroupState, groupId: string, topic: string, partition: number): boolean =>
  state.offsets.get(groupId, topic, partition) !== undefined || state.offsets.isOpen(groupId, topic, partition)

/** Tombstones for everything that a group committed, open transactions included. */
export const deleteAllOffsets = (state: GroupState, turn: Turn, groupId: string): void => {
  for (const [topic, partitions] of state.offsets.of(groupId) ?? []) {
    for (const partition of partitions.keys()) turn.append(offsetRecord(groupId, topic, partition, null))
  }
  for (const [topic, partitions] of state.offsets.openOf(groupId) ?? []) {
    for (const partition of partitions.keys()) {
      if (state.offsets.get(groupId, topic, partition) === undefined) turn.append(offsetRecord(groupId, topic, partition, null))
    }
  }
}

/** Topics are gone from the cluster: so are their offsets, unless those belong to a topic of the same name with another id. */
export const forgetTopics = (state: GroupState, turn: Turn, topics: readonly { name: string; id: string }[]): void => {
  turn.divisible = true
  for (const { name, id } of topics) {
    const seen = new Set<string>()
    for (const { group, partition, offset } of state.offsets.everywhere(name)) {
      const key = `${partition} ${group}`
      if (seen.has(key) || (offset.topicId !== zeroUuid && offset.topicId !== id)) continue
      seen.add(key)
      turn.append(offsetRecord(group, name, partition, null))
    }
  }
}
