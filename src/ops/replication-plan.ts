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
 * replicas out of sync, the preferred leader before the others, then those of brokers with the most; a replica in sync follows a preferred
 * leader that goes. Partitions that have that many already are not in the answer. Undefined: there is no broker left for a new replica.
 */
export function replicationPlan(
  partitions: readonly Replicas[],
  brokers: readonly Pick<Node, 'id' | 'rack'>[],
  factor: number,
): ReplicaMove[] | undefined {
  const racks = new Map(brokers.map(({ id, rack }) => [id, rack]))
  const load = new Map(brokers.map(({ id }) => [id, 0]))
  const count = (id: number, change: number): void => void load.set(id, (load.get(id) ?? 0) + change)
  for (const { replicas } of partitions) for (const id of replicas) count(id, 1)

  const grown = (replicas: number[]): number | undefined => {
    const taken = new Set(replicas.map((id) => racks.get(id) ?? null))
    const isNewRack = (id: number): boolean => !taken.has(racks.get(id) ?? null)
    const free = brokers.map(({ id }) => id).filter((id) => !replicas.includes(id))
    return free.reduce<number | undefined>((best, id) => {
      if (best === undefined) return id
      if (isNewRack(id) !== isNewRack(best)) return isNewRack(id) ? id : best
      return load.get(id)! < load.get(best)! ? id : best
    }, undefined)
  }
  const shed = (replicas: number[], isr: readonly number[]): number => {
    const [preferred, ...others] = replicas
    if (!isr.includes(preferred!) && replicas.some((id) => isr.includes(id))) return preferred!
    return others.reduce((worst, id) => {
      if (isr.includes(id) !== isr.includes(worst)) return isr.includes(id) ? worst : id
      return load.get(id)! >= load.get(worst)! ? id : worst
    })
  }

  const moves: ReplicaMove[] = []
  for (const { partition, replicas, isr } of partitions) {
    const to = [...replicas]
    while (to.length < factor) {
      const id = grown(to)
      if (id === undefined) return undefined
      to.push(id)
      count(id, 1)
    }
    while (to.length > factor) {
      const id = shed(to, isr)
      to.splice(to.indexOf(id), 1)
      count(id, -1)
      if (id === replicas[0]) toFront(to, isr)
    }
    if (to.length !== replicas.length) moves.push({ partition, from: replicas, to })
  }
  return moves
}

/** The first replica in sync becomes the preferred leader. */
function toFront(replicas: number[], isr: readonly number[]): void {
  const at = replicas.findIndex((id) => isr.includes(id))
  replicas.unshift(...replicas.splice(at, 1))
}
