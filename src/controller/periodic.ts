import { type MetadataRecord, metadataRecord } from '../metadata/index.ts'
import { fenceBroker } from './leader-updates.ts'
import { changePartition } from './partition-change.ts'
import { ELECTIONS_PER_ROUND_MAX, TOKENS_PER_ROUND_MAX } from './settings.ts'
import type { ControllerState } from './state.ts'
import type { Decision } from './types.ts'

/** `again`: there is more to do, and the next round should come soon. `withinMs`: it should not come later than that, whatever the interval. */
export type PeriodicDecision = Decision<{ readonly again: boolean; readonly withinMs?: number | undefined }>

/** Keeps the committed offset moving on an idle cluster, so that those who follow know that they do. */
export const writeNoOp = (_state: ControllerState): PeriodicDecision => ({
  records: [metadataRecord('NoOpRecord', 0, {})],
  answer: { again: false },
})

/** Fences one broker whose session ran out. */
export const fenceOneStaleBroker = (state: ControllerState, nowMs: number): PeriodicDecision => {
  const expired = state.heartbeats.takeExpired(nowMs)
  if (expired === undefined) return { records: [], answer: { again: false, withinMs: state.heartbeats.untilExpiryMs(nowMs) } }
  const broker = state.image.brokers.get(expired.id)
  const isStale = broker !== undefined && broker.epoch === expired.epoch && !broker.fenced
  return { records: isStale ? fenceBroker(state, expired.id) : [], answer: { again: true }, divisible: true }
}

/** Gives leadership back to preferred replicas that are in sync. */
export const balanceLeaders = (state: ControllerState): PeriodicDecision => electAll(state, state.index.imbalanced, 'preferred', () => true)

/** Elects leaders uncleanly where there is none and the topic allows it. */
export const electUncleanLeaders = (state: ControllerState): PeriodicDecision =>
  electAll(state, state.index.leaderless, 'unclean', (topicName) => state.allowsUncleanElection(topicName))

/** Removes delegation tokens whose time is over. `wallMs`: brokers look at the same clock when one is shown to them. */
export const sweepExpiredTokens = (state: ControllerState, wallMs: number): PeriodicDecision => {
  const records: MetadataRecord[] = []
  for (const { tokenId, expirationTimestamp, maxTimestamp } of state.image.delegationTokens.values()) {
    if (records.length >= TOKENS_PER_ROUND_MAX) break
    if (Math.min(expirationTimestamp, maxTimestamp) < wallMs) records.push(metadataRecord('RemoveDelegationTokenRecord', 0, { tokenId }))
  }
  return { records, answer: { again: records.length >= TOKENS_PER_ROUND_MAX }, divisible: true }
}

const electAll = (
  state: ControllerState,
  partitions: Iterable<readonly [string, number]>,
  election: 'preferred' | 'unclean',
  concerns: (topicName: string) => boolean,
): PeriodicDecision => {
  const records: MetadataRecord[] = []
  for (const [topicId, partitionId] of partitions) {
    if (records.length >= ELECTIONS_PER_ROUND_MAX) break
    const topic = state.image.topicById(topicId)!
    if (!concerns(topic.name)) continue
    const record = changePartition(state, topic, partitionId, topic.partitions.get(partitionId)!, { election })
    if (record !== undefined) records.push(record)
  }
  return { records, answer: { again: records.length >= ELECTIONS_PER_ROUND_MAX }, divisible: true }
}
