import type { ClusterEvent } from '../../model/events.ts'
import type { Model } from '../../model/model.ts'
import type { MoveModel } from '../../model/moves.ts'
import type { QuorumReplicaSample, TransactionSample } from '../../sample.ts'
import { panelOf } from '../panel.ts'
import { byteRateOf, bytesOf, clockOf, countOf, gauge, percentOf, timeOf } from '../quantity.ts'

const missing = 'n/a'
const none = '-'

export const quorumPanel = panelOf<QuorumReplicaSample>({
  id: 'quorum',
  title: 'Quorum',
  kind: 'TopQuorumReplica',
  rows: ({ sample }) => sample.quorum?.replicas ?? 'nobody tells of the quorum: is it led by anyone?',
  idOf: ({ id, status }) => `${status}-${id}`,
  sortedBy: 'STATUS',
  isIssue: ({ fault, status }) => fault !== null && status !== 'Observer',
  columns: [
    { name: 'NODE', letter: 'N', width: 5, isRight: true, isAscending: true, value: ({ id }) => id, text: ({ id }) => String(id) },
    {
      ...{ name: 'STATUS', letter: 'T', width: 10, isAscending: true },
      value: ({ status }) => ['Leader', 'Follower', 'Observer'].indexOf(status),
      output: ({ status }) => status,
      text: ({ status }) => status,
    },
    {
      ...{ name: 'LOG-END', letter: 'E', width: 12, isRight: true },
      value: ({ logEndOffset }) => logEndOffset,
      text: ({ logEndOffset }) => String(logEndOffset),
    },
    { name: 'LAG', letter: 'L', width: 7, isRight: true, value: ({ lag }) => lag, text: ({ lag }) => countOf(lag) },
    {
      ...{ name: 'BEHIND', letter: 'B', width: 7, isRight: true },
      value: ({ lagMs }) => lagMs ?? Number.MAX_SAFE_INTEGER,
      output: ({ lagMs }) => lagMs,
      text: ({ lagMs }) => (lagMs === null ? 'always' : timeOf(lagMs)),
    },
    {
      ...{ name: 'SILENT', letter: 'A', width: 7, isRight: true },
      value: ({ silentMs }) => silentMs ?? Number.MAX_SAFE_INTEGER,
      output: ({ silentMs }) => silentMs,
      text: ({ silentMs }) => (silentMs === null ? 'always' : timeOf(silentMs)),
    },
    {
      ...{ name: 'NOTE', letter: 'O', width: 10, isFlexible: true },
      value: ({ fault }) => fault ?? '',
      text: ({ fault }) => fault ?? 'ok',
      tone: ({ fault, status }) => (fault === null ? 'good' : status === 'Observer' ? 'warn' : 'bad'),
    },
  ],
})

export const movesPanel = panelOf<MoveModel>({
  id: 'moves',
  title: 'Moves',
  kind: 'TopMove',
  rows: ({ moves }) => moves ?? 'nobody tells what is being moved: is the quorum led by anyone?',
  countOf: ({ moves }) => moves?.length ?? null,
  idOf: ({ key }) => key,
  sortedBy: 'DONE',
  isIssue: ({ bytesRate, done }) => bytesRate === 0 && done !== 1,
  drillInto: ({ topic }) => ({ kind: 'topic', id: topic }),
  columns: [
    { name: 'PARTITION', letter: 'P', width: 14, isFlexible: true, isAscending: true, value: ({ key }) => key, text: ({ key }) => key },
    {
      name: 'FROM',
      letter: 'F',
      width: 8,
      rank: 3,
      value: ({ removing }) => removing.join(','),
      text: ({ removing }) => removing.join(',') || none,
    },
    { name: 'TO', letter: 'T', width: 8, value: ({ adding }) => adding.join(','), text: ({ adding }) => adding.join(',') || none },
    {
      ...{ name: 'DONE', letter: 'D', width: 4, isRight: true, isAscending: true },
      value: ({ done }) => done,
      text: ({ done }) => (done === null ? missing : percentOf(done)),
    },
    {
      ...{ name: 'PROGRESS', letter: 'G', width: 12, rank: 4, drawing: true },
      value: ({ done }) => done,
      text: ({ done }) => (done === null ? '' : gauge(done, 12)),
    },
    {
      ...{ name: 'MOVED', letter: 'M', width: 8, isRight: true, rank: 2 },
      value: ({ bytesMoved }) => bytesMoved,
      text: ({ bytesMoved }) => (bytesMoved === null ? missing : bytesOf(bytesMoved)),
    },
    {
      ...{ name: 'TOTAL', letter: 'A', width: 8, isRight: true, rank: 5 },
      value: ({ bytesTotal }) => bytesTotal,
      text: ({ bytesTotal }) => (bytesTotal === null ? missing : bytesOf(bytesTotal)),
    },
    {
      ...{ name: 'RATE', letter: 'R', width: 8, isRight: true },
      value: ({ bytesRate }) => bytesRate,
      text: ({ bytesRate }) => (bytesRate === null ? none : byteRateOf(bytesRate)),
    },
    {
      ...{ name: 'ETA', letter: 'E', width: 6, isRight: true, rank: 1 },
      value: ({ etaMs }) => etaMs,
      text: ({ etaMs }) => (etaMs === null ? none : timeOf(etaMs)),
    },
    {
      ...{ name: 'THROTTLE', letter: 'H', width: 8, isRight: true, rank: 6 },
      value: ({ throttle }) => throttle,
      text: ({ throttle }) => (throttle === null ? none : byteRateOf(throttle)),
    },
  ],
})

export interface TransactionRow extends TransactionSample {
  readonly openMs: number | null
}

const transactionsOf = ({ sample }: Model): TransactionRow[] | string =>
  sample.transactions?.map((each) => ({ ...each, openMs: each.startedMs === null ? null : Math.max(0, sample.timeMs - each.startedMs) })) ??
  'n/a: no broker of this cluster lists transactions'

/** Longer than its timeout: its coordinator should have ended it. */
const isOverdue = ({ openMs, timeoutMs }: TransactionRow): boolean => openMs !== null && timeoutMs !== null && openMs > timeoutMs

export const transactionsPanel = panelOf<TransactionRow>({
  id: 'txns',
  title: 'Txns',
  kind: 'TopTransaction',
  rows: transactionsOf,
  countOf: ({ sample }) => sample.transactions?.length ?? null,
  idOf: ({ id }) => id,
  sortedBy: 'OPEN',
  isIssue: isOverdue,
  columns: [
    { name: 'TRANSACTIONAL-ID', letter: 'T', width: 16, isFlexible: true, isAscending: true, value: ({ id }) => id, text: ({ id }) => id },
    { name: 'STATE', letter: 'E', width: 16, isAscending: true, value: ({ state }) => state, text: ({ state }) => state },
    {
      ...{ name: 'OPEN', letter: 'O', width: 7, isRight: true },
      value: ({ openMs }) => openMs,
      text: ({ openMs }) => (openMs === null ? none : timeOf(openMs)),
      tone: (row) => (isOverdue(row) ? 'bad' : 'plain'),
    },
    {
      ...{ name: 'TIMEOUT', letter: 'M', width: 7, isRight: true, rank: 1 },
      value: ({ timeoutMs }) => timeoutMs,
      text: ({ timeoutMs }) => (timeoutMs === null ? none : timeOf(timeoutMs)),
    },
    {
      ...{ name: 'PARTS', letter: 'P', width: 5, isRight: true, rank: 3 },
      value: ({ partitionCount }) => partitionCount,
      text: ({ partitionCount }) => (partitionCount === null ? none : String(partitionCount)),
    },
    {
      ...{ name: 'PRODUCER-ID', letter: 'R', width: 12, isRight: true, rank: 2 },
      value: ({ producerId }) => producerId,
      text: ({ producerId }) => String(producerId),
    },
    {
      ...{ name: 'COORD', letter: 'C', width: 5, isRight: true, rank: 4 },
      value: ({ coordinator }) => coordinator,
      text: ({ coordinator }) => String(coordinator),
    },
  ],
})

export interface EventRow extends ClusterEvent {
  readonly number: number
}

export const eventsPanel = panelOf<EventRow>({
  id: 'events',
  title: 'Events',
  kind: 'TopEvent',
  rows: ({ events }) => events.map((each, number) => ({ ...each, number })),
  countOf: ({ events }) => events.length,
  idOf: ({ timeMs, kind, subject, detail }) => `${timeMs} ${kind} ${subject} ${detail}`,
  sortedBy: 'TIME',
  isIssue: ({ isBad }) => isBad,
  isLog: true,
  columns: [
    {
      name: 'TIME',
      letter: 'T',
      width: 8,
      value: ({ timeMs, number }) => timeMs * 1000 + (number % 1000),
      output: ({ timeMs }) => timeMs,
      text: ({ timeMs }) => clockOf(timeMs),
    },
    {
      ...{ name: 'EVENT', letter: 'E', width: 10, isAscending: true },
      value: ({ kind }) => kind,
      text: ({ kind }) => kind,
      tone: ({ isBad }) => (isBad ? 'bad' : 'plain'),
    },
    { name: 'OF', letter: 'O', width: 24, isAscending: true, value: ({ subject }) => subject, text: ({ subject }) => subject },
    {
      name: 'WHAT',
      letter: 'W',
      width: 16,
      isFlexible: true,
      isAscending: true,
      value: ({ detail }) => detail,
      text: ({ detail }) => detail,
    },
  ],
})
