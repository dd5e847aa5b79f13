import { type MetadataRecord, supportsCordonedLogDirs, supportsDirectoryAssignment } from '../metadata/index.ts'
import { Errors } from '../protocol/index.ts'
import type { BrokerHeartbeatRequest, BrokerHeartbeatResponse } from '../protocol/messages/broker-heartbeat.ts'
import type { BrokerControlState } from './heartbeats.ts'
import { beginControlledShutdown, cordonedDirectoryRecords, fenceBroker, offlineDirectoryRecords, unfenceBroker } from './leader-updates.ts'
import type { ControllerState } from './state.ts'
import { answerOnly, type Decision, type RequestContext } from './types.ts'

/**
 * BrokerHeartbeat.
 *
 *     fenced ──caught up──► unfenced ──want shutdown, leads something──► controlled shutdown ──others caught up──► shutdown now
 *        ▲                     │  └──want shutdown, leads nothing──────────────────────────────────────────────────────▲
 *        └──want fence, silence┘                                                    (fenced and want shutdown: at once)
 */
export const heartbeat = (
  state: ControllerState,
  request: BrokerHeartbeatRequest,
  context: RequestContext,
): Decision<BrokerHeartbeatResponse> => {
  const { brokerId, brokerEpoch, currentMetadataOffset } = request
  const stale = state.brokerEpochProblem(brokerId, brokerEpoch)
  if (stale !== undefined)
    return answerOnly({ throttleTimeMs: 0, errorCode: stale.code, isCaughtUp: false, isFenced: true, shouldShutDown: false })
  const { heartbeats } = state
  heartbeats.contact(brokerId, brokerEpoch, context.nowMs)
  const current = heartbeats.currentState(brokerId)
  const isCaughtUp = currentMetadataOffset >= state.image.brokers.get(brokerId)!.recordOffset
  const next = nextState(state, request, current, isCaughtUp)
  const records = current === next ? [] : transitionRecords(state, brokerId, next)
  const isFenced = next === 'fenced' || next === 'shutdown-now'
  heartbeats.touch(brokerId, isFenced, currentMetadataOffset)
  if (supportsDirectoryAssignment(state.metadataVersion)) records.push(...offlineDirectoryRecords(state, brokerId, request.offlineLogDirs))
  if (supportsCordonedLogDirs(state.metadataVersion)) records.push(...cordonedDirectoryRecords(state, brokerId, request.cordonedLogDirs))
  // Others know of its last leadership once they have read these records.
  if (next === 'controlled-shutdown') heartbeats.beginControlledShutdown(brokerId, state.nextOffset + records.length - 1)
  const answer = { throttleTimeMs: 0, errorCode: Errors.NONE, isCaughtUp, isFenced, shouldShutDown: next === 'shutdown-now' }
  return { records, answer, divisible: true }
}

const nextState = (
  state: ControllerState,
  { brokerId, wantFence, wantShutDown }: BrokerHeartbeatRequest,
  current: BrokerControlState,
  isCaughtUp: boolean,
): BrokerControlState => {
  switch (current) {
    case 'fenced':
      if (wantShutDown) return 'shutdown-now'
      return !wantFence && isCaughtUp ? 'unfenced' : 'fenced'
    case 'unfenced':
      if (wantFence) return wantShutDown ? 'shutdown-now' : 'fenced'
      if (!wantShutDown) return 'unfenced'
      return state.index.hasLeaderships(brokerId) ? 'controlled-shutdown' : 'shutdown-now'
    case 'controlled-shutdown':
      if (state.index.hasLeaderships(brokerId)) return 'controlled-shutdown'
      return state.heartbeats.mayFinishShutdown(brokerId) ? 'shutdown-now' : 'controlled-shutdown'
    case 'shutdown-now':
      return 'shutdown-now'
  }
}

const transitionRecords = (state: ControllerState, brokerId: number, next: BrokerControlState): MetadataRecord[] => {
  switch (next) {
    case 'fenced':
    case 'shutdown-now':
      return fenceBroker(state, brokerId)
    case 'unfenced':
      return unfenceBroker(state, brokerId)
    case 'controlled-shutdown':
      return beginControlledShutdown(state, brokerId)
  }
}
