import type { TopicPartition } from '../client/index.ts'
import type { MoveProgress } from '../ops/index.ts'
import { bytesText, durationText } from './render/quantities.ts'

/** Rates are those of about so long. */
const RATE_MS = 10_000
const BAR_WIDTH = 20

/** How far moves are, in numbers. */
export interface MoveReport {
  readonly moved: number
  readonly moves: number
  readonly bytesMoved: number
  readonly bytesTotal: number
  /** Null: not known yet. */
  readonly bytesPerSecond: number | null
  readonly remainingMs: number | null
  readonly throttle: number | null
  /** The one that has the most before it, of those under way; null: none is. */
  readonly slowest: string | null
  readonly stuck: readonly string[]
}

type Sized = TopicPartition & { readonly bytes: number | null }
type Left = Pick<MoveProgress, 'topic' | 'partition' | 'bytesTotal' | 'bytesMoved'> & Partial<Pick<MoveProgress, 'adding' | 'stuck'>>

/** Adds up what brokers say of moves, look by look. */
export class MoveMeter {
  readonly #bytes: ReadonlyMap<string, number>
  #looks: { readonly atMs: number; readonly bytes: number }[] = []

  constructor(moves: readonly Sized[]) {
    this.#bytes = new Map(moves.map(({ topic, partition, bytes }) => [`${topic}-${partition}`, bytes ?? 0]))
  }

  /** `left`: moves under way; `waiting`: those that have not begun. */
  look(nowMs: number, left: readonly Left[], waiting: readonly Sized[], throttle: number | null): MoveReport {
    const remainingOf = (each: Left): number => Math.max(0, (each.bytesTotal ?? 0) - (each.bytesMoved ?? 0))
    const planned = [...this.#bytes.values()].reduce((sum, each) => sum + each, 0)
    const remaining = left.reduce((sum, each) => sum + remainingOf(each), 0) + waiting.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0)
    // Partitions grow while they are copied.
    const bytesTotal = Math.max(planned, remaining)
    const bytesMoved = bytesTotal - remaining
    this.#looks = [...this.#looks.filter(({ atMs }) => nowMs - atMs <= RATE_MS), { atMs: nowMs, bytes: bytesMoved }]
    const first = this.#looks[0]!
    const rate = nowMs - first.atMs < 1000 ? null : Math.max(0, ((bytesMoved - first.bytes) * 1000) / (nowMs - first.atMs))
    const [slowest] = left.toSorted((a, b) => remainingOf(b) - remainingOf(a))
    const percent = slowest === undefined || !slowest.bytesTotal ? '' : ` ${share(slowest.bytesMoved ?? 0, slowest.bytesTotal)}%`
    return {
      moved: this.#bytes.size - left.length - waiting.length,
      moves: this.#bytes.size,
      bytesMoved,
      bytesTotal,
      bytesPerSecond: rate,
      remainingMs: rate === null || rate === 0 ? null : (remaining / rate) * 1000,
      throttle,
      slowest:
        slowest === undefined
          ? null
          : `${slowest.topic}-${slowest.partition}${slowest.adding === undefined ? '' : `: → ${slowest.adding.join(',') || '-'}`}${percent}`,
      stuck: left.flatMap(({ topic, partition, stuck }) =>
        stuck === null || stuck === undefined ? [] : [`${topic}-${partition}: ${stuck}`],
      ),
    }
  }
}

const share = (part: number, whole: number): number => (whole === 0 ? 100 : Math.floor((part / whole) * 100))

export const rateText = (bytesPerSecond: number): string => `${(bytesPerSecond / 1e6).toFixed(1).replace(/\.0$/, '')} MB/s`

/** `MOVED 61/118  ███████████░░░░░░░░░ 54%  114.9 GiB/212.4 GiB  83.1 MB/s  ETA 20m14s  throttle 95 MB/s (auto)  slowest …` */
export function reportText(report: MoveReport, isAuto: boolean): string {
  const { moved, moves, bytesMoved, bytesTotal, bytesPerSecond, remainingMs, throttle, slowest, stuck } = report
  const percent = bytesTotal > 0 ? share(bytesMoved, bytesTotal) : share(moved, moves)
  const full = Math.round((percent / 100) * BAR_WIDTH)
  return [
    `MOVED ${moved}/${moves}`,
    `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${percent}%`,
    `${bytesText(bytesMoved)}/${bytesText(bytesTotal)}`,
    ...(bytesPerSecond === null ? [] : [rateText(bytesPerSecond)]),
    ...(remainingMs === null ? [] : [`ETA ${durationText(remainingMs)}`]),
    ...(throttle === null ? [] : [`throttle ${rateText(throttle)}${isAuto ? ' (auto)' : ''}`]),
    ...(stuck.length > 0 ? [`stuck ${stuck[0]}`] : slowest === null ? [] : [`slowest ${slowest}`]),
  ].join('  ')
}
