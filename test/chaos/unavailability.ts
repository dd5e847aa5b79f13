import { type History, type KeyStream, SendStatus } from './history.ts'
import type { FaultRecord } from './nemesis.ts'

/** From a time until the first value sent to the key afterwards was acknowledged; undefined: none was. */
export const unavailableMs = (stream: KeyStream, fromMs: number): number | undefined => {
  const { sentMs, endedMs, status } = stream
  let [low, high] = [0, sentMs.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sentMs.values[middle]! < fromMs) low = middle + 1
    else high = middle
  }
  let firstMs: number | undefined
  for (let value = low; value < sentMs.length && (firstMs === undefined || sentMs.values[value]! < firstMs); value++) {
    if (status.values[value] !== SendStatus.ok) continue
    firstMs = Math.min(firstMs ?? Number.POSITIVE_INFINITY, endedMs.values[value]!)
  }
  return firstMs === undefined ? undefined : firstMs - fromMs
}

export interface Unavailability {
  readonly kind: string
  readonly faults: number
  readonly downCount: number
  readonly p50Ms: number
  readonly maxMs: number
  readonly recoveryMaxMs: number
}

/** By kind and target of fault, over all faults and keys. */
export const unavailability = (history: History, records: readonly FaultRecord[]): Unavailability[] => {
  const groups = Map.groupBy(records, ({ kind, target }) => `${kind} ${target}`)
  return [...groups]
    .map(([kind, list]) => {
      const times = list
        .flatMap(({ beginMs }) => [...history.keys.values()].map((stream) => unavailableMs(stream, beginMs)))
        .filter((ms) => ms !== undefined)
        .sort((a, b) => a - b)
      const recoveryMaxMs = Math.max(-1, ...list.map(({ recoveryMs }) => recoveryMs))
      const downCount = list.reduce((sum, each) => sum + each.downCount, 0)
      return { kind, faults: list.length, downCount, p50Ms: times[times.length >> 1] ?? -1, maxMs: times.at(-1) ?? -1, recoveryMaxMs }
    })
    .sort((a, b) => a.kind.localeCompare(b.kind))
}
