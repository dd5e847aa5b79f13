import {
  changes,
  type ItemTable,
  itemKind,
  lineKind,
  listOf,
  type MovedItem,
  type MoveReport,
  mapOf,
  optional,
  words,
} from '../../src/cli/index.ts'
import type { DirectoryWish, MoveProgress, PlannedMove, Verdict } from '../../src/ops/index.ts'
import type { ThrottleItem } from './throttle/show.ts'

const move = {
  topic: 'string',
  partition: 'integer',
  from: listOf<number>('integer'),
  to: listOf<number>('integer'),
  adding: listOf<number>('integer'),
  removing: listOf<number>('integer'),
  bytes: 'integer?',
} as const

export const reassignmentPlan = itemKind<PlannedMove>('ReassignmentPlan', move)

const reassignmentMoves = itemKind<MovedItem>('ReassignmentMoves', {
  ...move,
  status: 'string',
  directories: optional(
    listOf<DirectoryWish>({
      topic: 'string',
      partition: 'integer',
      broker: 'integer',
      from: 'string?',
      path: 'string',
      bytes: 'integer',
      copying: 'boolean',
    }),
  ),
})

/** While moves are waited for, in ndjson. */
export const progress = lineKind<{ progress: MoveReport }>('Progress', {
  progress: {
    moved: 'integer',
    moves: 'integer',
    bytesMoved: 'integer',
    bytesTotal: 'integer',
    bytesPerSecond: 'number?',
    remainingMs: 'number?',
    throttle: 'integer?',
    slowest: 'string?',
    stuck: listOf('string'),
  },
})

const reassignments = itemKind<MoveProgress>('Reassignments', {
  topic: 'string',
  partition: 'integer',
  replicas: listOf<number>('integer'),
  adding: listOf<number>('integer'),
  removing: listOf<number>('integer'),
  bytesTotal: 'integer?',
  bytesMoved: 'integer?',
  stuck: 'string?',
})

const verdicts = itemKind<Verdict>('ReassignmentVerdicts', {
  topic: 'string',
  partition: 'integer',
  planned: listOf<number>('integer'),
  replicas: listOf<number>('integer'),
  state: words('complete', 'in-progress', 'elsewhere'),
})

const throttles = itemKind<ThrottleItem>('ReplicationThrottles', {
  type: 'string',
  name: 'string',
  setting: 'string',
  value: 'string',
  own: 'boolean',
})

type ClearedThrottle = { type: 'broker' | 'topic'; name: string; values: Readonly<Record<string, string>>; status: string }

const clearedThrottles = itemKind<ClearedThrottle>('ClearedThrottles', {
  type: words('broker', 'topic'),
  name: 'string',
  values: mapOf('string'),
  status: 'string',
})

const throttledMoves = itemKind<{ topic: string; partition: number; bytesPerSecond: number; status: string }>('ThrottledMoves', {
  topic: 'string',
  partition: 'integer',
  bytesPerSecond: 'integer',
  status: 'string',
})

export const items: ItemTable = {
  'reassign apply': [reassignmentMoves, progress],
  'reassign cancel': [changes('CancelledReassignments')],
  'reassign plan': [reassignmentPlan],
  'reassign rollback': [reassignmentMoves, progress],
  'reassign status': [reassignments],
  'reassign throttle clear': [clearedThrottles],
  'reassign throttle set': [throttledMoves],
  'reassign throttle show': [throttles],
  'reassign verify': [verdicts],
}
