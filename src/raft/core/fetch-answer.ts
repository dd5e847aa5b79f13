import { type ErrorCode, Errors } from '../../protocol/index.ts'
import type { LeaderProgress } from './leader-progress.ts'
import type { LogView } from './log-view.ts'
import type { Fetch, FetchReply } from './messages.ts'

export interface FetchAnswer {
  readonly reply: FetchReply
  /** The reply says something that the replica does not know: it is not worth waiting. */
  readonly hasNews: boolean
}
type Head = Pick<FetchReply, 'error' | 'epoch' | 'leaderId'>

export const isLegalFetch = ({ fetchOffset, lastFetchedEpoch, leaderEpoch, maxWaitMs }: Fetch): boolean =>
  maxWaitMs >= 0 && fetchOffset >= 0 && lastFetchedEpoch >= 0 && lastFetchedEpoch <= leaderEpoch

export const refuseFetch = (head: Head, log: LogView): FetchReply => ({
  type: 'fetch',
  ...head,
  highWatermark: -1,
  logStartOffset: log.startOffset,
})

/**
 * The leader's answer to a replica of its epoch. Where the replica's log agrees with the leader's up to the fetch offset, that is also
 * the acknowledgement of all before it: `onFetched` is called first, so that the answer carries the high watermark that it makes.
 */
export const answerFetch = (fetch: Fetch, head: Head, log: LogView, progress: LeaderProgress, onFetched: () => void): FetchAnswer => {
  const { fetchOffset, lastFetchedEpoch } = fetch
  const reply = (): FetchReply => ({
    type: 'fetch',
    ...head,
    highWatermark: progress.highWatermark ?? -1,
    logStartOffset: log.startOffset,
  })
  const latest = log.latestSnapshot
  // A new replica starts from the snapshot; the bootstrap checkpoint is in every directory already.
  const fromSnapshot = fetchOffset === 0 && latest !== undefined && latest.offset > 0
  const position = fromSnapshot ? ({ kind: 'snapshot', id: latest } as const) : log.validate(fetchOffset, lastFetchedEpoch)
  switch (position.kind) {
    case 'diverging':
      return { reply: { ...reply(), diverging: position.end }, hasNews: true }
    case 'snapshot':
      return { reply: { ...reply(), snapshotId: position.id }, hasNews: true }
    case 'valid':
      onFetched()
      if (fetchOffset < log.endOffset) {
        return { reply: { ...reply(), read: { offset: fetchOffset, maxBytes: fetch.maxBytes } }, hasNews: true }
      }
      return { reply: reply(), hasNews: fetch.highWatermark < (progress.highWatermark ?? -1) }
  }
}

export const leaderRequestError = (requestEpoch: number, epoch: number, isLeader: boolean): ErrorCode => {
  if (requestEpoch < epoch) return Errors.FENCED_LEADER_EPOCH
  if (requestEpoch > epoch) return Errors.UNKNOWN_LEADER_EPOCH
  return isLeader ? Errors.NONE : Errors.NOT_LEADER_OR_FOLLOWER
}
