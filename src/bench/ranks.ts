/** Rarer than this is no accident. */
const ACCIDENT = 0.05
/** Where the normal distribution cuts off so much. */
const ACCIDENT_Z = 1.6449
/** Up to so many values all ways to share out the ranks are counted. */
const COUNTED_MAX = 40

/**
 * Whether `low` lies below `high` by more than accident: every value below every other, or the ranks of Mann and Whitney, one-sided, at five
 * per cent. So one round that went astray among many hides nothing, and one among few still does.
 */
export function liesBelow(low: readonly number[], high: readonly number[]): boolean {
  if (low.length === 0 || high.length === 0) return false
  if (Math.max(...low) < Math.min(...high)) return true
  const doubled = doubledRanks([...low, ...high])
  const sum = doubled.slice(0, low.length).reduce((total, rank) => total + rank, 0)
  return doubled.length <= COUNTED_MAX ? shareUpTo(doubled, low.length, sum) <= ACCIDENT : isFarBelow(doubled, low.length, sum)
}

/** Twice the rank of each value, those that are equal sharing theirs: whole numbers. */
function doubledRanks(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b)
  return values.map((value) => sorted.indexOf(value) + sorted.lastIndexOf(value) + 2)
}

/** Of all choices of so many ranks, the share whose sum is no larger. */
function shareUpTo(ranks: readonly number[], chosen: number, sum: number): number {
  // ways[n][s]: choices of n ranks with the sum s, among those looked at so far.
  const ways = Array.from({ length: chosen + 1 }, () => new Float64Array(sum + 1))
  ways[0]![0] = 1
  for (const rank of ranks)
    for (let count = chosen; count > 0; count--) for (let at = sum; at >= rank; at--) ways[count]![at]! += ways[count - 1]![at - rank]!
  let all = 1
  for (let index = 0; index < chosen; index++) all = (all * (ranks.length - index)) / (index + 1)
  return ways[chosen]!.reduce((total, each) => total + each, 0) / all
}

/** The same by the normal distribution, with the variance that these very ranks have. */
function isFarBelow(ranks: readonly number[], chosen: number, sum: number): boolean {
  const mean = ranks.length + 1
  const variance = ranks.reduce((total, rank) => total + (rank - mean) ** 2, 0) / (ranks.length - 1)
  const deviation = Math.sqrt((variance * chosen * (ranks.length - chosen)) / ranks.length)
  return deviation > 0 && (sum + 1 - chosen * mean) / deviation <= -ACCIDENT_Z
}
