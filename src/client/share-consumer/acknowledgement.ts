import type { ItemError } from '../client-error.ts'
import { OffsetRuns } from './offset-runs.ts'

/** What becomes of a record: done with, for others to try, for nobody any more, or in work for longer (KIP-1222). */
export type AcknowledgeType = 'accept' | 'release' | 'reject' | 'renew'

/** As they travel. 0 stands for an offset that has no record. */
export const acknowledgeCodes = { gap: 0, accept: 1, release: 2, reject: 3, renew: 4 } as const

/** A partition as share groups name it. */
export interface SharePartition {
  readonly topicId: string
  readonly topic: string
  readonly partition: number
}

export const shareKey = ({ topicId, partition }: Pick<SharePartition, 'topicId' | 'partition'>): string => `${topicId}-${partition}`

/** Acknowledgements of one partition on their way to the broker that gave the records. */
export interface Acknowledgements {
  readonly nodeId: number
  readonly of: SharePartition
  /** Codes by offset. */
  readonly codes: OffsetRuns
  /** Told once what came of them. */
  readonly settle: (error: ItemError | null) => void
}

/** What came of acknowledgements that were sent. */
export interface AcknowledgementResult {
  readonly topic: string
  readonly partition: number
  /** Records; offsets without one are not counted. */
  readonly count: number
  readonly error: ItemError | null
}

export interface AcknowledgementBatch {
  readonly firstOffset: number
  readonly lastOffset: number
  /** One for each offset, or one for all. */
  readonly acknowledgeTypes: number[]
}

/** Beyond so many of the same kind a batch of their own is shorter. */
const sameMax = 10

/** As requests carry them: what follows on each other in one batch, long runs in one of their own. */
export function acknowledgementBatches(codes: OffsetRuns): AcknowledgementBatch[] {
  const batches: AcknowledgementBatch[] = []
  let open: { firstOffset: number; lastOffset: number; acknowledgeTypes: number[] } | undefined
  for (const { first, last, value } of codes.runs) {
    const count = last - first + 1
    if (count > sameMax) {
      open = undefined
      batches.push({ firstOffset: first, lastOffset: last, acknowledgeTypes: [value] })
    } else if (open !== undefined && open.lastOffset + 1 === first) {
      open.lastOffset = last
      open.acknowledgeTypes.push(...new Array<number>(count).fill(value))
    } else {
      open = { firstOffset: first, lastOffset: last, acknowledgeTypes: new Array<number>(count).fill(value) }
      batches.push(open)
    }
  }
  return batches
}

export const renews = (codes: OffsetRuns): boolean => codes.runs.some(({ value }) => value === acknowledgeCodes.renew)

/** How many of the offsets have a record. */
export function recordsIn(codes: OffsetRuns): number {
  let count = 0
  for (const { first, last, value } of codes.runs) if (value !== acknowledgeCodes.gap) count += last - first + 1
  return count
}

/** Those of one partition travel as one; of two for the same offset the later one counts. */
export interface JoinedAcknowledgements {
  readonly of: SharePartition
  readonly codes: OffsetRuns
  readonly parts: readonly Acknowledgements[]
}

export function joined(parts: Iterable<Acknowledgements>): Map<string, JoinedAcknowledgements> {
  const byPartition = new Map<string, { of: SharePartition; codes: OffsetRuns; parts: Acknowledgements[] }>()
  for (const part of parts) {
    const key = shareKey(part.of)
    const known = byPartition.get(key)
    if (known === undefined) {
      byPartition.set(key, { of: part.of, codes: part.codes, parts: [part] })
      continue
    }
    const codes = new OffsetRuns()
    for (const runs of [known.codes, part.codes]) for (const { first, last, value } of runs.runs) codes.set(first, last, value)
    known.codes = codes
    known.parts.push(part)
  }
  return byPartition
}
