import { Apis, type ErrorCode, Errors } from '../../protocol/index.ts'
import { type CommittedOffset, type OffsetToCommit, offsetCommitCall, offsetFetchCall } from '../admin/group-offsets.ts'
import { byTopic, type TopicPartition } from '../admin/routes.ts'
import { ClientError, throwIfError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import type { ConsumerSettings } from '../config.ts'
import { retrying } from '../retry.ts'
import type { GroupMember } from './group-member.ts'

/** From version 10 on topics travel by id; names do for a consumer. */
const namedTopicsVersionMax = 9

/** Codes that may pass while the group stays as it is. */
const passing: ReadonlySet<number> = new Set<ErrorCode>([
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.NOT_COORDINATOR,
  Errors.REQUEST_TIMED_OUT,
  Errors.UNSTABLE_OFFSET_COMMIT,
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
])

const outOfGroupHint = 'The group gave the partitions to others, mostly since polls came later than max.poll.interval.ms.'

/** Committed offsets of one group, through its coordinator. */
export class Commits {
  #cluster: Cluster
  #settings: ConsumerSettings
  #groupId: string
  #member: GroupMember
  #subscribed: () => boolean

  /** `subscribed`: partitions come from the group, so that only a member may commit. */
  constructor(cluster: Cluster, settings: ConsumerSettings, groupId: string, member: GroupMember, subscribed: () => boolean) {
    this.#subscribed = subscribed
    this.#cluster = cluster
    this.#settings = settings
    this.#groupId = groupId
    this.#member = member
  }

  /** Waits for open transactions to decide (KIP-447). Partitions without a committed offset are left out. */
  fetch(partitions: readonly TopicPartition[], timeoutMs: number): Promise<CommittedOffset[]> {
    const topics = byTopic(partitions, (name, list) => ({ name, partitionIndexes: list.map((each) => each.partition) }))
    return retrying(this.#cluster, 'OffsetFetch', { timeoutMs }, async () => {
      const link = await this.#coordinator()
      await link.open()
      const version = link.versionOf(Apis.OffsetFetch, 0, namedTopicsVersionMax)
      const stable = version >= 7 ? { requireStable: true } : {}
      const body =
        version >= 8 ? { groups: [{ groupId: this.#groupId, topics }], ...stable } : { groupId: this.#groupId, topics, ...stable }
      const answer = await link.request(offsetFetchCall, body, { maxVersion: namedTopicsVersionMax })
      const group = version >= 8 ? answer.groups[0] : answer
      this.#check(group.errorCode, 'OffsetFetch')
      const found: CommittedOffset[] = []
      for (const topic of group.topics) {
        for (const each of topic.partitions) {
          if (each.errorCode !== Errors.NONE) this.#check(each.errorCode, `OffsetFetch of ${topic.name}-${each.partitionIndex}`)
          if (each.committedOffset < 0) continue
          found.push({
            topic: topic.name,
            partition: each.partitionIndex,
            offset: each.committedOffset,
            leaderEpoch: each.committedLeaderEpoch,
            metadata: each.metadata ?? '',
          })
        }
      }
      return found
    })
  }

  /** One attempt. Rejects with a ClientError; when the group moved on, its code says how. */
  async commitOnce(offsets: readonly OffsetToCommit[]): Promise<void> {
    if (offsets.length === 0) return
    const { generationId, memberId } = this.#member
    const groupInstanceId = this.#settings['group.instance.id']
    if (generationId < 0 && this.#subscribed()) {
      const code = this.#member.joining ? Errors.REBALANCE_IN_PROGRESS : Errors.UNKNOWN_MEMBER_ID
      throw new ClientError(code, 'cannot commit: this consumer is no member of its group at the moment', {
        hint: outOfGroupHint,
        retriable: false,
      })
    }
    const link = await this.#coordinator()
    const answer = await link.request(
      offsetCommitCall,
      (version) => ({
        groupId: this.#groupId,
        generationIdOrMemberEpoch: generationId,
        memberId: generationId < 0 ? '' : memberId,
        ...(version >= 7 ? { groupInstanceId: generationId < 0 ? null : groupInstanceId } : {}),
        topics: byTopic(offsets, (name, list) => ({
          name,
          partitions: list.map((each) => ({
            partitionIndex: each.partition,
            committedOffset: each.offset,
            committedMetadata: each.metadata ?? '',
            ...(version >= 6 ? { committedLeaderEpoch: each.leaderEpoch ?? -1 } : {}),
          })),
        })),
      }),
      { maxVersion: namedTopicsVersionMax },
    )
    for (const topic of answer.topics) {
      for (const each of topic.partitions)
        if (each.errorCode !== Errors.NONE) this.#commitFailed(each.errorCode, `${topic.name}-${each.partitionIndex}`, generationId)
    }
  }

  commit(offsets: readonly OffsetToCommit[], timeoutMs: number): Promise<void> {
    return retrying(this.#cluster, 'OffsetCommit', { timeoutMs }, () => this.commitOnce(offsets))
  }

  async #coordinator(): ReturnType<GroupMember['coordinator']> {
    try {
      const link = await this.#member.coordinator()
      await link.open()
      return link
    } catch (error) {
      if (error instanceof ClientError) this.#member.coordinatorFailed(error.code)
      throw error
    }
  }

  #check(code: number, what: string): void {
    if (code === Errors.NONE) return
    this.#member.coordinatorFailed(code)
    if (passing.has(code)) throw new ClientError(code, what, { retriable: true })
    throwIfError(code, null, what)
  }

  #commitFailed(code: number, where: string, generationId: number): void {
    this.#member.coordinatorFailed(code)
    const message = `cannot commit the offset of ${where}: ${new ClientError(code, '').errorName}`
    if (passing.has(code)) throw new ClientError(code, message, { retriable: true })
    const current = generationId === this.#member.generationId
    if (code === Errors.REBALANCE_IN_PROGRESS && current) this.#member.requestRejoin('a commit met a rebalance')
    if (code === Errors.UNKNOWN_MEMBER_ID && current) this.#member.reset(message)
    if (code === Errors.ILLEGAL_GENERATION && current) this.#member.reset(message, true)
    throw new ClientError(code, message, {
      retriable: false,
      hint: outOfGroupHint,
    })
  }
}
