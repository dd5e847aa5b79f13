import { SeededRandom } from '../../../src/sim/index.ts'

/** A node by its id, or by what it is at the moment at which the fault strikes. */
export type Target = number | 'controller' | 'leader' | 'follower'

/** `joiner`: whom the sender wants to have in sync. */
export type Victim = Target | 'sender' | 'receiver' | 'joiner'

interface At {
  /** Milliseconds after the beginning. */
  readonly atMs: number
}
interface For extends At {
  readonly forMs: number
}

/** What may befall a cluster. Everything is data: a schedule can be printed, thinned out and run again. */
export type Fault =
  /** The process dies; what it wrote is there when it starts again after `forMs`. */
  | (For & { readonly kind: 'kill'; readonly node: Target })
  /** As `kill`, that many steps of the node later: between any two awaits, within a call to the disk. */
  | (For & { readonly kind: 'kill within'; readonly node: Target; readonly steps: number })
  /** Power loss: of what was not synced some pages are lost, torn, garbled or misplaced. Strikes only where the promise covers it. */
  | (For & { readonly kind: 'power loss'; readonly node: Target; readonly steps: number; readonly lot: number })
  /** All brokers die one after the other, and come back in another order. */
  | (For & { readonly kind: 'kill all'; readonly order: readonly number[]; readonly eachMs: number; readonly lot: number })
  /** Power loss of all controllers that are no brokers: they sync what they promise. */
  | (For & { readonly kind: 'blackout'; readonly lot: number })
  /** The leader of the quorum dies, and the next one is elected slowly. */
  | (For & { readonly kind: 'slow election'; readonly lot: number })
  /** A voter dies over what it has written and not synced, while the quorum needs it. */
  | (For & { readonly kind: 'unsynced voter'; readonly lot: number })
  | (For & { readonly kind: 'stop'; readonly node: Target })
  | (For & { readonly kind: 'wipe'; readonly node: Target })
  | (For & { readonly kind: 'pause'; readonly node: Target })
  /** Nothing comes in and nothing goes out. */
  | (For & { readonly kind: 'cut off'; readonly node: Target })
  /** Two sides that do not hear each other; clients hear the first alone. */
  | (For & { readonly kind: 'split'; readonly side: readonly number[] })
  | (For & { readonly kind: 'one way'; readonly node: Target; readonly direction: 'in' | 'out' })
  | (For & { readonly kind: 'no link'; readonly from: Target; readonly to: Target })
  /** Links go down one by one and come back in another order. */
  | (For & { readonly kind: 'swizzle'; readonly order: readonly number[]; readonly healing: readonly number[] })
  | (For & { readonly kind: 'slow links'; readonly node: Target; readonly delayMs: number })
  /** Segments are lost and sent again: now and then a message takes much longer. */
  | (For & { readonly kind: 'loss'; readonly share: number; readonly lot: number })
  | (For & { readonly kind: 'repeats'; readonly share: number; readonly lateMs: number; readonly lot: number })
  /** Connections break in the moment in which something was asked: nobody knows what came of it. */
  | (For & { readonly kind: 'resets'; readonly share: number; readonly lot: number })
  /** Requests, and what decides something above all, are held back on their way. */
  | (For & { readonly kind: 'held'; readonly share: number; readonly holdMs: number; readonly lot: number })
  /** A broker that is no controller hears late of what is decided. */
  | (For & { readonly kind: 'late metadata'; readonly node: number; readonly holdMs: number })
  /** The next request of this API is held back, and meanwhile a node dies: who sends it, who shall hear it, whom it speaks of, or another. */
  | (For & {
      readonly kind: 'ambush'
      readonly api: string
      readonly holdMs: number
      readonly node: Victim
      readonly inMs: number
      readonly downMs: number
    })
  /** The receiver of the next request of this API reaches nobody but who asked, and dies while it deals with it, or right after. */
  | (For & { readonly kind: 'last words'; readonly api: string; readonly inMs: number; readonly downMs: number })
  /** A follower stands still and leaves the ISR; when it joins again, requests and answers that tell of it go astray. */
  | (For & { readonly kind: 'rejoining'; readonly stillMs: number; readonly lot: number })
  /** A broker stops, and is back; what it said when it left is heard once more, much later. */
  | (For & { readonly kind: 'late farewell'; readonly node: Target; readonly lateMs: number })
  | (For & { readonly kind: 'slow reader'; readonly node: Target | 'clients'; readonly delayMs: number })
  | (For & { readonly kind: 'slow disk'; readonly node: Target; readonly delayMs: number })
  | (For & { readonly kind: 'slow sync'; readonly node: Target; readonly delayMs: number })
  /** Calls fail until the node is gone, and the machine is exchanged for one with the same disk. */
  | (For & { readonly kind: 'disk error'; readonly node: Target; readonly operation: string })
  /** The disk of a broker that is no controller syncs nothing of what it says to be synced, and then loses power. */
  | (For & { readonly kind: 'lying disk'; readonly node: number; readonly lot: number })
  | (For & { readonly kind: 'disk full'; readonly node: Target; readonly freeBytes: number })
  | (At & { readonly kind: 'clock jump'; readonly node: Target; readonly byMs: number })

export type FaultKind = Fault['kind']

export interface Schedule {
  readonly durationMs: number
  readonly faults: readonly Fault[]
}

/** How often each kind strikes, in proportion to the others. */
export type Weights = Readonly<Partial<Record<FaultKind, number>>>

export interface ScheduleOptions {
  readonly nodes: readonly number[]
  readonly weights: Weights
  readonly durationMs: number
  /** From the beginning of one fault to that of the next, on average, while faults strike. */
  readonly everyMs: number
}

/** Faults overlap; a quarter of the time is quiet, so that what they left behind can show. */
export const newSchedule = (seed: number, { nodes, weights, durationMs, everyMs }: ScheduleOptions): Schedule => {
  const random = new SeededRandom(seed ^ 0x5eed)
  const faults: Fault[] = []
  const kinds = Object.entries(weights).flatMap(([kind, weight]) => Array.from({ length: weight }, () => kind as FaultKind))
  let atMs = 500 + random.below(3000)
  while (atMs < durationMs) {
    faults.push(newFault(kinds[random.below(kinds.length)]!, atMs, nodes, random))
    atMs += random.below(10) === 0 ? 6000 + random.below(8000) : random.below(2 * everyMs)
  }
  return { durationMs, faults }
}

const pick = <T>(random: SeededRandom, list: readonly T[]): T => list[random.below(list.length)]!

const shuffled = (random: SeededRandom, list: readonly number[]): number[] => {
  const left = [...list]
  return list.map(() => left.splice(random.below(left.length), 1)[0]!)
}

const newFault = (kind: FaultKind, atMs: number, nodes: readonly number[], random: SeededRandom): Fault => {
  const node = targetOf(random, nodes)
  // Some pass before anybody notices, some outlast every session.
  const forMs = random.below(3) === 0 ? 50 + random.below(1500) : 1000 + random.below(12_000)
  const lot = random.below(2 ** 31)
  switch (kind) {
    case 'kill':
    case 'stop':
    case 'pause':
    case 'cut off':
      return { atMs, forMs, kind, node }
    case 'wipe':
      return { atMs, forMs, kind, node: pick(random, nodes) }
    case 'kill within':
      return { atMs, forMs, kind, node, steps: random.below(400) }
    case 'power loss':
      return { atMs, forMs, kind, node, steps: random.below(200), lot }
    case 'kill all':
      return { atMs, forMs, kind, order: shuffled(random, nodes), eachMs: random.below(2500), lot }
    case 'blackout':
    case 'slow election':
    case 'unsynced voter':
      return { atMs, forMs, kind, lot }
    case 'split':
      return { atMs, forMs, kind, side: shuffled(random, nodes).slice(0, 1 + random.below(nodes.length - 1)) }
    case 'one way':
      return { atMs, forMs, kind, node, direction: pick(random, ['in', 'out']) }
    case 'no link':
      return { atMs, forMs, kind, from: pick(random, nodes), to: targetOf(random, nodes) }
    case 'swizzle':
      return { atMs, forMs, kind, order: shuffled(random, nodes), healing: shuffled(random, nodes) }
    case 'slow links':
      return { atMs, forMs, kind, node, delayMs: 5 + random.below(300) }
    case 'loss':
      return { atMs, forMs, kind, share: 0.02 + random.fraction() * 0.2, lot }
    case 'repeats':
      return { atMs, forMs, kind, share: 0.05 + random.fraction() * 0.4, lateMs: random.below(3) === 0 ? 8000 : 500, lot }
    case 'resets':
      return { atMs, forMs, kind, share: random.fraction() * 0.05, lot }
    case 'held':
      return { atMs, forMs, kind, share: random.fraction() * 0.05, holdMs: random.below(3) === 0 ? 3000 : 300, lot }
    case 'ambush':
      return { atMs, forMs: forMs + 2000, kind, ...newAmbush(random, nodes) }
    case 'rejoining':
      return { atMs, forMs: forMs + 5000, kind, stillMs: 2200 + random.below(1500), lot }
    case 'late farewell':
      return { atMs, forMs: 2500, kind, node, lateMs: 3000 + random.below(9000) }
    case 'last words': {
      const api = pick(random, ['OffsetCommit', 'OffsetCommit', 'OffsetCommit', 'Produce', 'AlterPartition', 'InitProducerId'])
      return { atMs, forMs: forMs + 4000, kind, api, inMs: 0.5 + random.fraction() * 4, downMs: 50 + random.below(3000) }
    }
    case 'late metadata':
      return { atMs, forMs, kind, node: pick(random, nodes), holdMs: 100 + random.below(1500) }
    case 'slow reader':
      return { atMs, forMs, kind, node: random.below(2) === 0 ? 'clients' : node, delayMs: 20 + random.below(400) }
    case 'slow disk':
    case 'slow sync':
      return { atMs, forMs, kind, node, delayMs: 5 + random.below(kind === 'slow sync' ? 800 : 80) }
    case 'disk error':
      return { atMs, forMs, kind, node, operation: pick(random, ['write', 'sync', 'rename', 'open', 'read', 'syncDirectory']) }
    case 'lying disk':
      return { atMs, forMs, kind, node: pick(random, nodes), lot }
    case 'disk full':
      return { atMs, forMs, kind, node, freeBytes: random.below(64 * 1024) }
    case 'clock jump':
      return { atMs, kind, node, byMs: (random.below(2) === 0 ? 1 : -1) * random.below(3_000_000) }
  }
}

/** What decides something, as often as it is worth it. */
const ambushed = ['AlterPartition', 'AlterPartition', 'AlterPartition', 'BrokerHeartbeat', 'BrokerHeartbeat', 'BrokerRegistration', 'Vote']

const newAmbush = (random: SeededRandom, nodes: readonly number[]) => {
  const api = pick(random, ambushed)
  const downMs = 50 + random.below(500)
  if (api === 'BrokerHeartbeat') {
    // It arrives when the next process of the broker has just been registered, or is about to be.
    const inMs = random.below(20)
    return { api, node: 'sender' as const, inMs, downMs, holdMs: inMs + downMs + random.below(250) }
  }
  const holdMs = 50 + random.below(random.below(2) === 0 ? 600 : 3000)
  const joiner = api === 'AlterPartition' && random.below(2) === 0
  const victim = pick<Victim>(random, ['sender', 'receiver', 'follower', pick(random, nodes), pick(random, nodes)])
  return { api, node: joiner ? ('joiner' as const) : victim, inMs: random.below(Math.min(holdMs, 100)), downMs, holdMs }
}

/** Leaders and the active controller are worth more than one of many. */
const targetOf = (random: SeededRandom, nodes: readonly number[]): Target => {
  const lot = random.below(10)
  if (lot < 3) return 'leader'
  if (lot < 5) return 'controller'
  if (lot < 6) return 'follower'
  return pick(random, nodes)
}
