import { type Cluster, fair, type Replica } from './core-cluster.ts'

/** What happens to a cluster in tests that make it up at random. */
export type Act =
  | 'append'
  | 'crash'
  | 'start'
  | 'partition'
  | 'heal'
  | 'storm'
  | 'calm'
  | 'wait'
  | 'resign'
  | 'snapshot'
  | 'addVoter'
  | 'removeVoter'

const leading = ({ replicas }: Cluster): Replica[] => replicas.filter(({ alive, core }) => alive && core.role === 'leader')

export const perform = (cluster: Cluster, act: Act): void => {
  const { random, replicas } = cluster
  const someone = replicas[random.below(replicas.length)]!
  switch (act) {
    case 'append':
      // Every node that takes itself for the leader is written to, as clients of an old one would.
      for (const replica of leading(cluster)) cluster.append(replica)
      break
    case 'crash':
      if (someone.alive) cluster.crash(someone)
      break
    case 'start':
      if (!someone.alive) cluster.start(someone)
      break
    case 'partition': {
      const side = new Set(replicas.filter(() => random.below(2) === 0).map(({ key }) => key.id))
      const oneWay = random.below(3) === 0
      cluster.connected = (from, to) => side.has(from) === side.has(to) || (oneWay && side.has(from))
      break
    }
    case 'heal':
      cluster.connected = () => true
      break
    case 'storm':
      cluster.weather = { dropPercent: random.below(40), duplicatePercent: random.below(30), delayMsMax: 1 + random.below(3000) }
      break
    case 'calm':
      cluster.weather = fair
      break
    case 'resign':
      if (someone.alive) {
        someone.core.resign(cluster.now)
        cluster.drain(someone)
      }
      break
    case 'snapshot':
      if (someone.alive) cluster.snapshot(someone)
      break
    case 'addVoter':
      for (const replica of leading(cluster))
        cluster.ask(replica, { type: 'addVoter', voter: someone.key, ackWhenCommitted: random.below(2) === 0 })
      break
    case 'removeVoter':
      for (const replica of leading(cluster)) cluster.ask(replica, { type: 'removeVoter', voter: someone.key })
      break
    case 'wait':
      break
  }
  cluster.runFor(random.below(act === 'wait' ? 8000 : 1500))
}
