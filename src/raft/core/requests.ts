import { type ErrorCode, Errors } from '../../protocol/index.ts'
import type { ReplicaKey } from '../types.ts'
import type { LogView } from './log-view.ts'
import type { Fetch, Vote } from './messages.ts'
import type { RaftTiming } from './ready.ts'

/** Epochs are int32 and need room to grow: no honest quorum comes near. */
export const epochMax = 0x7fff0000

/** What a replica asks for that holds `log`. */
export const fetchRequest = (
  { self, epoch, log, highWatermark }: { self: ReplicaKey; epoch: number; log: LogView; highWatermark: number | undefined },
  { fetchMaxWaitMs, fetchMaxBytes }: RaftTiming,
): Fetch => ({
  type: 'fetch',
  replica: self,
  leaderEpoch: epoch,
  fetchOffset: log.endOffset,
  lastFetchedEpoch: log.lastEpoch,
  highWatermark: highWatermark ?? -1,
  maxWaitMs: fetchMaxWaitMs,
  maxBytes: fetchMaxBytes,
})

/** Why a candidate or leader `id` of `epoch` is not listened to; NONE: it is. */
export const voterRequestError = (id: number, epoch: number, ownEpoch: number): ErrorCode => {
  if (epoch < ownEpoch) return Errors.FENCED_LEADER_EPOCH
  return id < 0 || epoch > epochMax ? Errors.INVALID_REQUEST : Errors.NONE
}

export const isLegalVote = ({ last, epoch, preVote }: Vote): boolean =>
  last.offset >= 0 && last.epoch >= 0 && (preVote ? last.epoch <= epoch : last.epoch < epoch)

/** The request was meant for this replica, as far as it says. */
export const isMeantFor = (key: ReplicaKey | undefined, self: ReplicaKey): boolean =>
  key === undefined || (key.id === self.id && (key.directoryId === undefined || key.directoryId === self.directoryId))
