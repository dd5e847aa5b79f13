import type { Findings } from '../anomaly.ts'
import type { Span } from '../checker.ts'
import type { CommitStream, History } from '../history.ts'
import type { KeyLog } from '../key-log.ts'

/** In one generation of a group a partition has one owner. */
export const checkOwners = (history: History, findings: Findings): void => {
  const owners = new Map<string, number>()
  for (const { group, generation, process, keys } of history.ownerships) {
    // A member that was thrown out meanwhile does not know its generation.
    if (generation < 0) continue
    for (const key of keys) {
      const place = `group ${group} generation ${generation} key ${key}`
      const owner = owners.get(place)
      if (owner === undefined) owners.set(place, process)
      else if (owner !== process) findings.add('double-owner', () => `${place}: processes ${owner} and ${process}`)
    }
  }
}

/** From when on a generation was at work: its first member had been told its partitions. */
const generationStarts = (history: History): Map<number, { generation: number; atMs: number }[]> => {
  const starts = new Map<number, Map<number, number>>()
  for (const { group, generation, atMs } of history.ownerships) {
    if (generation < 0) continue
    let of = starts.get(group)
    if (of === undefined) starts.set(group, (of = new Map()))
    of.set(generation, Math.min(of.get(generation) ?? atMs, atMs))
  }
  return new Map([...starts].map(([group, of]) => [group, [...of].map(([generation, atMs]) => ({ generation, atMs }))]))
}

/** The committed offset of each group and key, as a register that is written and looked at. */
export const checkCommits = (
  history: History,
  logs: ReadonlyMap<number, KeyLog>,
  zombieTimes: readonly Span[],
  findings: Findings,
): void => {
  const starts = generationStarts(history)
  for (const [name, stream] of history.commits) {
    const [group, key] = name.split(' ').map(Number) as [number, number]
    checkGenerations(`group ${group} key ${key}`, stream, starts.get(group) ?? [], findings)
    checkLooks(`group ${group} key ${key}`, stream, logs.get(key), zombieTimes, findings)
  }
}

/** A commit of a generation is refused once a later one is at work. */
const checkGenerations = (
  name: string,
  stream: CommitStream,
  starts: readonly { generation: number; atMs: number }[],
  findings: Findings,
): void => {
  for (let row = 0; row < stream.offset.length; row++) {
    const generation = stream.generation.values[row]!
    if (stream.ok.values[row] === 0 || generation < 0) continue
    const later = starts.find((start) => start.generation > generation && start.atMs < stream.invokedMs.values[row]!)
    if (later === undefined) continue
    const what = `${name}: process ${stream.process.values[row]} committed ${stream.offset.values[row]} in generation ${generation}`
    findings.add('stale-commit', () => `${what} after generation ${later.generation} had begun`)
  }
}

const checkLooks = (
  name: string,
  stream: CommitStream,
  log: KeyLog | undefined,
  zombieTimes: readonly Span[],
  findings: Findings,
): void => {
  /** Rows of the commits of each offset. */
  const byOffset = Map.groupBy(stream.offset.values.subarray(0, stream.offset.length).keys(), (row) => stream.offset.values[row]!)
  const byStart = new Map<number, number[]>()
  // Who starts where nothing lies starts at what follows.
  if (log !== undefined) {
    for (const [offset, rows] of byOffset) {
      const start = log.nextRead(offset)
      byStart.set(start, [...(byStart.get(start) ?? []), ...rows])
    }
  }
  const supersededMs = latestInvocations(stream)
  const beginning = log?.nextRead(0) ?? -1
  for (let look = 0; look < stream.lookOffset.length; look++) {
    const offset = stream.lookOffset.values[look]!
    const isStart = stream.lookIsStart.values[look] === 1
    const [invokedMs, endedMs] = [stream.lookInvokedMs.values[look]!, stream.lookEndedMs.values[look]!]
    if (zombieTimes.some(({ fromMs, toMs }) => invokedMs <= toMs && endedMs >= fromMs)) continue
    /** A commit that ended before this time cannot be the last one. */
    const sinceMs = supersededMs(invokedMs)
    const isNothing = isStart ? offset === beginning : offset < 0
    if (isNothing && sinceMs < 0) continue
    const rows = (isStart ? byStart : byOffset).get(offset) ?? []
    const begun = rows.filter((row) => stream.invokedMs.values[row]! <= endedMs)
    if (begun.some((row) => stream.endedMs.values[row]! >= sinceMs)) continue
    const what = `${name}: ${isStart ? 'a member began at' : 'found committed:'} ${offset} at ${endedMs} ms`
    if (begun.length === 0 && !isNothing) findings.add('unwritten-commit', () => what)
    else findings.add('lost-commit', () => `${what}, and a commit that began at ${sinceMs} ms was acknowledged before ${invokedMs} ms`)
  }
}

/** By a time: when the latest of the commits began that had been acknowledged before it; -1: none had. */
const latestInvocations = (stream: CommitStream): ((beforeMs: number) => number) => {
  const rows = Array.from({ length: stream.offset.length }, (_, row) => row).filter((row) => stream.ok.values[row] === 1)
  rows.sort((a, b) => stream.endedMs.values[a]! - stream.endedMs.values[b]!)
  const ends = Int32Array.from(rows, (row) => stream.endedMs.values[row]!)
  const latest = new Int32Array(rows.length)
  for (let n = 0, most = -1; n < rows.length; n++) latest[n] = most = Math.max(most, stream.invokedMs.values[rows[n]!]!)
  return (beforeMs) => {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (ends[middle]! < beforeMs) low = middle + 1
      else high = middle
    }
    return low === 0 ? -1 : latest[low - 1]!
  }
}
