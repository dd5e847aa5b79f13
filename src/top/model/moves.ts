import type { MoveSample, Sample } from '../sample.ts'
import { extended, RATE_HORIZON_MS, rateOf, type Track } from './track.ts'

export interface MoveModel extends MoveSample {
  readonly key: string
  /** 0 to 1; null: not known. */
  readonly done: number | null
  /** Bytes a second. */
  readonly bytesRate: number | null
  readonly etaMs: number | null
  readonly track: Track
}

/** All moves together. */
export interface MovesSummary {
  readonly count: number
  readonly done: number | null
  readonly etaMs: number | null
}

/** Null: not known. */
export function followMoves(before: readonly MoveModel[] | null, sample: Sample): readonly MoveModel[] | null {
  if (sample.moves === null) return null
  const known = new Map(before?.map((each) => [each.key, each]))
  return sample.moves.map((move) => {
    const key = `${move.topic}-${move.partition}`
    const { bytesTotal, bytesMoved } = move
    const track =
      bytesMoved === null
        ? (known.get(key)?.track ?? [])
        : extended(known.get(key)?.track ?? [], sample.timeMs, bytesMoved, RATE_HORIZON_MS)
    const bytesRate = rateOf(track)
    const left = bytesTotal === null || bytesMoved === null ? null : bytesTotal - bytesMoved
    const etaMs = left === null || bytesRate === null || bytesRate <= 0 ? null : (left * 1000) / bytesRate
    return { ...move, key, done: shareOf(bytesMoved, bytesTotal), bytesRate, etaMs, track }
  })
}

export function summaryOf(moves: readonly MoveModel[]): MovesSummary {
  const known = moves.filter(({ bytesTotal }) => bytesTotal !== null)
  const total = known.reduce((sum, { bytesTotal }) => sum + bytesTotal!, 0)
  const moved = known.reduce((sum, { bytesMoved }) => sum + bytesMoved!, 0)
  const rate = known.reduce((sum, { bytesRate }) => sum + (bytesRate ?? 0), 0)
  return {
    count: moves.length,
    done: known.length === 0 ? null : shareOf(moved, total),
    etaMs: rate <= 0 || known.length === 0 ? null : ((total - moved) * 1000) / rate,
  }
}

function shareOf(part: number | null, whole: number | null): number | null {
  if (part === null || whole === null) return null
  return whole === 0 ? 1 : Math.min(1, part / whole)
}
