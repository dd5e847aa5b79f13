import { Apis } from '../../../src/protocol/index.ts'
import { type MessageFate, SeededRandom } from '../../../src/sim/index.ts'
import { nameOf } from '../cluster.ts'

type Fate = (apiKey: number, from: string, to: string) => MessageFate | undefined

/** Changes of in-sync replicas are made, mostly nobody hears of that, and the metadata that tells it comes late. Where it travels alone. */
export const unheardChanges = (controllers: readonly number[], lot: number): Fate => {
  const random = new SeededRandom(lot)
  const apart = new Set(controllers.map(nameOf))
  const holdMs = 300 + random.below(1200)
  return (apiKey, from, to) => {
    if (apiKey === Apis.AlterPartition.key) return random.below(3) > 0 ? { breakMs: 0.8 + random.fraction() * 5 } : undefined
    return apiKey === Apis.Fetch.key && apart.has(to) && !apart.has(from) ? { holdMs } : undefined
  }
}

export interface GoneJoiner {
  /** Undefined: the sender of the request does not want anybody in sync who is not. */
  joiner(sender: string): number | undefined
  stop(id: number, inMs: number): void
}

/** Who is about to be in sync stops: the controller has let it go when the request arrives that speaks of it. */
export const goneJoiner = ({ joiner, stop }: GoneJoiner, lot: number): Fate => {
  const random = new SeededRandom(lot)
  const gone = new Set<number>()
  return (apiKey, from) => {
    const id = apiKey === Apis.AlterPartition.key ? joiner(from) : undefined
    if (id === undefined || gone.has(id)) return undefined
    gone.add(id)
    stop(id, random.below(20))
    return { holdMs: 100 + random.below(900) }
  }
}
