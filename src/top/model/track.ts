/** Values over time, the oldest first. */
export type Track = readonly { readonly timeMs: number; readonly value: number }[]

/** The track with one more point; points older than the horizon go, but never the one before the last. */
export function extended(track: Track, timeMs: number, value: number, horizonMs: number): Track {
  const kept = track.filter((point, index) => index === track.length - 1 || timeMs - point.timeMs <= horizonMs)
  return [...kept, { timeMs, value }]
}

/** Change a second over the whole track; null while there is nothing to compare. */
export function rateOf(track: Track): number | null {
  const first = track[0]
  const last = track.at(-1)
  if (first === undefined || last === undefined || last.timeMs <= first.timeMs) return null
  return ((last.value - first.value) * 1000) / (last.timeMs - first.timeMs)
}

/** Rates go by what came in this time: longer than most consumers wait between commits. */
export const RATE_HORIZON_MS = 15_000

/** Growth of disks and topics goes by what came in this time. */
export const GROWTH_HORIZON_MS = 600_000

export const lastOf = (values: readonly number[], value: number, countMax: number): readonly number[] =>
  values.length < countMax ? [...values, value] : [...values.slice(values.length - countMax + 1), value]

export const TREND_POINTS = 8
