import type { Node, PartitionDescription } from '../client/index.ts'

export interface ReplicaMove {
  readonly partition: number
  readonly from: readonly number[]
  readonly to: readonly number[]
}

type Replicas = Pick<PartitionDescription, 'partition' | 'replicas' | 'isr'>

/**
 * Replicas of each partition so that each has `factor` of them, with as few moved as can be: the preferred leader stays the first. New
 * replicas go to racks that have none of the partition, then to the brokers with the fewest replicas of the topic; what goes first are
 * replicas out of sync, then those of brokers with the most. Partitions that have that many already are not in the answer. Undefined:
 * there are not so many brokers.
 */
export function replicationPlan(
  partitions: readonly Replicas[],
  brokers: readonly Pick<Node, 'id' | 'rack'>[],
  factor: number,
): ReplicaMove[] | undefined {
  if (factor > brokers.length) return undefined
  const racks = new Map(brokers.map(({ id, rack }) => [id, rack]))
  const load = new Map(brokers.map(({ id }) => [id, 0]))
  const count = (id: number, change: number): void => void load.set(id, (load.get(id) ?? 0) + change)
  for (const { replicas } of partitions) for (const id of replicas) count(id, 1)

  const grown = (replicas: number[]): number => {
    const taken = new Set(replicas.map((id) => racks.get(id) ?? null))
    const isNewRack = (id: number): boolean => !taken.has(racks.get(id) ?? null)
    const free = brokers.map(({ id }) => id).filter((id) => !replicas.includes(id))
    return free.reduce((best, id) => {
      if (isNewRack(id) !== isNewRack(best)) return isNewRack(id) ? id : best
      return load.get(id)! < load.get(best)! ? id : best
    })
  }
  const shed = (replicas: number[], isr: readonly number[]): number =>
    replicas.slice(1).reduce((worst, id) => {
      if (isr.includes(id) !== isr.includes(worst)) return isr.includes(id) ? worst : id
      return load.get(id)! >= load.get(worst)! ? id : worst
    })

  return partitions.flatMap(({ partition, replicas, isr }) => {
    const to = [...replicas]
    while (to.length < factor) {
      const id = grown(to)
      to.push(id)
      count(id, 1)
    }
    while (to.length > factor) {
      const id = shed(to, isr)
      to.splice(to.indexOf(id), 1)
      count(id, -1)
    }
    return to.length === replicas.length ? [] : [{ partition, from: replicas, to }]
  })
}
