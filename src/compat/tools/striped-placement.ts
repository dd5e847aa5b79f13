import type { Random } from '../../host/index.ts'

interface Candidate {
  readonly id: number
  /** Null: none is known. */
  readonly rack: string | null
}

/**
 * Replicas for partitions 0 and up, spread as a new topic's are: from rack to rack, in each from broker to broker, both begun anywhere;
 * each partition begins one rack further. Undefined: there are not so many brokers.
 */
export function stripedPlacement(
  brokers: readonly Candidate[],
  partitionCount: number,
  factor: number,
  random: Random,
): number[][] | undefined {
  if (brokers.length < factor) return undefined
  const racks = new Map<string | null, number[]>()
  for (const { id, rack } of brokers) racks.set(rack, [...(racks.get(rack) ?? []), id])
  const lists = [...racks.values()].map((ids) => shuffled(ids, random))
  const at = lists.map(() => 0)
  let firstRack = random.below(lists.length)
  const placements: number[][] = []
  for (let partition = 0; partition < partitionCount; partition++) {
    const replicas: number[] = []
    const first = [...at]
    for (let step = 0; replicas.length < factor; step++) {
      const rack = (firstRack + step) % lists.length
      const list = lists[rack]!
      const id = list[(first[rack]! + Math.floor(step / lists.length)) % list.length]!
      if (!replicas.includes(id)) replicas.push(id)
    }
    placements.push(replicas)
    at[firstRack] = first[firstRack]! + 1
    firstRack = (firstRack + 1) % lists.length
  }
  return placements
}

function shuffled(ids: readonly number[], random: Random): number[] {
  const list = [...ids].sort((a, b) => a - b)
  for (let last = list.length - 1; last > 0; last--) {
    const other = random.below(last + 1)
    ;[list[last], list[other]] = [list[other]!, list[last]!]
  }
  return list
}
