/** What a transactional producer is at, as Kafka's TransactionManager names it. */
export type TransactionPhase =
  | 'uninitialized'
  | 'initializing'
  | 'ready'
  | 'in transaction'
  | 'committing'
  | 'aborting'
  /** The transaction can only be aborted. */
  | 'abortable error'
  /** Nothing more comes of this producer. */
  | 'fatal error'

/**
 *     uninitialized ─► initializing ─► ready ─► in transaction ─► committing ─► ready
 *           ▲              │   ▲                   │    │             │
 *           └── refused ───┘   │ a new epoch       │    └► aborting ◄─┼── abortable error
 *                              └───────────────────┼─────────┴────────┘         ▲
 *                                                  └────────────────────────────┘        anything ─► fatal error
 */
const before: Readonly<Record<Exclude<TransactionPhase, 'fatal error'>, readonly TransactionPhase[]>> = {
  uninitialized: ['initializing'],
  initializing: ['uninitialized', 'committing', 'aborting'],
  ready: ['initializing', 'committing', 'aborting'],
  'in transaction': ['ready'],
  committing: ['in transaction'],
  aborting: ['in transaction', 'abortable error'],
  'abortable error': ['in transaction', 'committing', 'abortable error', 'initializing'],
}

export const mayFollow = (from: TransactionPhase, to: TransactionPhase): boolean => to === 'fatal error' || before[to].includes(from)
