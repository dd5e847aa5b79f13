/**
 * How long a cluster of three nodes, each broker and controller and a process of its own, keeps its clients waiting:
 * `node bench/failover.ts [--kind tkafka|apache] [--rounds 5] [--session-ms 9000]`. Wants a quiet machine; tkafka runs from the sources.
 *
 * - leader killed: kill -9 of a leader that is not the active controller; the longest time without an acknowledgement (acks=all, min.insync.replicas=2)
 * - leader stopped: the same for SIGTERM, which hands leadership over
 * - controller killed: kill -9 of the active controller, until a topic can be created
 */
import { parseArgs } from 'node:util'
import { activeController, ledBy, pauseOfCreation, pauseOfProduce } from '../test/apache/interruption.ts'
import { type Kind, MixedCluster } from '../test/apache/mixed-cluster.ts'

const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: 'tkafka' },
    rounds: { type: 'string', default: '5' },
    'session-ms': { type: 'string', default: '9000' },
  },
})
const kind = values.kind as Kind
const rounds = Number(values.rounds)
const sessionMs = Number(values['session-ms'])
if (kind !== 'tkafka' && kind !== 'apache') throw new Error(`--kind ${kind} is neither tkafka nor apache`)

const settings = { 'broker.session.timeout.ms': sessionMs, 'broker.heartbeat.interval.ms': Math.floor(sessionMs / 4.5) }
await using cluster = await MixedCluster.start([kind, kind, kind], settings)

/** A broker that was started a moment ago speaks at the same moments in every round: what is left of its session shall differ. */
const someTime = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * settings['broker.heartbeat.interval.ms']))

const follower = async (): Promise<number> => {
  const active = await activeController(cluster)
  return cluster.ids.find((id) => id !== active)!
}

const again = async (id: number): Promise<void> => {
  await cluster.run(id, kind)
  for (const { name } of await cluster.admin.listTopics()) await cluster.inSync(name)
}

const cases: Record<string, (round: number) => Promise<number>> = {
  'leader killed': async (round) => {
    const victim = await follower()
    await ledBy(cluster, `killed-${round}`, victim)
    await someTime()
    const pauseMs = await pauseOfProduce(cluster, `killed-${round}`, () => cluster.kill(victim))
    await again(victim)
    return pauseMs
  },
  'leader stopped': async (round) => {
    const victim = await follower()
    await ledBy(cluster, `stopped-${round}`, victim)
    const pauseMs = await pauseOfProduce(cluster, `stopped-${round}`, () => cluster.stop(victim))
    await again(victim)
    return pauseMs
  },
  'controller killed': async (round) => {
    const victim = await activeController(cluster)
    const pauseMs = await pauseOfCreation(cluster, `created-${round}`, () => cluster.kill(victim))
    await again(victim)
    return pauseMs
  },
}

console.log(`${kind}, broker.session.timeout.ms=${sessionMs}, ${rounds} rounds: ms`)
for (const [name, run] of Object.entries(cases)) {
  const taken: number[] = []
  for (let round = 0; round < rounds; round++) taken.push(Math.round(await run(round)))
  const sorted = taken.toSorted((a, b) => a - b)
  console.log(`${name.padEnd(18)} min ${sorted[0]}  median ${sorted[Math.floor(rounds / 2)]}  max ${sorted.at(-1)}  (${taken.join(' ')})`)
}
