import { ClassicGroup } from './classic-group.ts'
import type { Group, GroupState } from './group-state.ts'
import type { CommittedOffset, Topics } from './offset-store.ts'
import { classicGroupRecord, offsetRecord } from './records.ts'
import type { Turn } from './turn.ts'

/** Groups and offsets looked at in one turn; the rest comes in the next. */
const SWEEP_MAX = 10_000

interface AgingRule {
  readonly expires: (topic: string) => boolean
  readonly baseOf: (commitTimestamp: number) => number
}

/**
 * Offsets older than their retention go, and groups that have neither members nor offsets (KIP-211). The offsets of a group that lives
 * age only while nobody is subscribed to their topic, and never while it rebalances.
 */
export const expireOffsets = (state: GroupState, turn: Turn): void => {
  turn.divisible = true
  state.sweep ??= state.groups.values()
  let left = SWEEP_MAX
  while (left > 0) {
    const next = state.sweep.next()
    if (next.done === true) {
      state.sweep = undefined
      turn.setExpiry()
      return
    }
    left -= 1 + expireGroup(state, turn, next.value)
  }
  turn.continueExpiry()
}

/** How many offsets were looked at. */
const expireGroup = (state: GroupState, turn: Turn, group: Group): number => {
  const { groupId } = group
  if (!(group instanceof ClassicGroup) && group.type === 'share') return 0
  const topics = state.offsets.of(groupId)
  let allGone = !state.offsets.hasOpen(groupId)
  let looked = 0
  if (topics !== undefined) {
    const rule = agingRule(group)
    if (rule === null) return 0
    const kept = expireTopics(state, turn, groupId, topics, rule)
    looked = kept.looked
    allGone &&= kept.count === 0
  }
  if (allGone) removeIfEmpty(turn, group)
  return looked
}

const agingRule = (group: Group): AgingRule | null => {
  // Members of another protocol may be subscribed to anything.
  if (!(group instanceof ClassicGroup)) return group.isEmpty ? { expires: () => true, baseOf: (timestamp) => timestamp } : null
  const baseOf = group.expiryBase()
  return baseOf === null ? null : { expires: (topic) => !group.isSubscribed(topic), baseOf }
}

const expireTopics = (
  state: GroupState,
  turn: Turn,
  groupId: string,
  topics: Topics<CommittedOffset>,
  rule: AgingRule,
): { looked: number; count: number } => {
  let looked = 0
  let count = 0
  for (const [topic, partitions] of topics) {
    if (!rule.expires(topic)) {
      count += partitions.size
      continue
    }
    for (const [partition, offset] of partitions) {
      looked++
      if (isExpired(turn, offset, rule) && !state.offsets.isOpen(groupId, topic, partition)) {
        turn.append(offsetRecord(groupId, topic, partition, null))
        turn.counts.offsetExpirations++
      } else count++
    }
  }
  return { looked, count }
}

const isExpired = (turn: Turn, offset: CommittedOffset, rule: AgingRule): boolean => {
  const expireTimestamp = Number(offset.expireTimestamp)
  if (expireTimestamp !== -1) return turn.now >= expireTimestamp
  return turn.now - rule.baseOf(Number(offset.commitTimestamp)) >= turn.config.offsetsRetentionMs
}

const removeIfEmpty = (turn: Turn, group: Group): void => {
  if (!(group instanceof ClassicGroup)) {
    if (group.isEmpty) for (const tombstone of group.tombstones()) turn.append(tombstone)
  } else if (group.is('Empty')) turn.append(classicGroupRecord(group.groupId, null))
}
