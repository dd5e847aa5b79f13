import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LeaderProgress } from '../../src/raft/core/leader-progress.ts'
import { type ReplicaKey, type Voter, VoterSet } from '../../src/raft/index.ts'
import { SeededRandom } from '../../src/sim/index.ts'
import { runJava } from './java-program.ts'
import { withoutApache } from './kafka-home.ts'

/** A node, and which of its disks: one that was replaced is another replica. */
type Replica = readonly [id: number, disk: number]
type Event =
  | { readonly nowMs: number; readonly synced: number; readonly voters: readonly Replica[] }
  | { readonly nowMs: number; readonly replica: Replica; readonly offset: number }
  /** A piece of a snapshot was fetched. */
  | { readonly nowMs: number; readonly replica: Replica }

const fetchTimeoutMs = 2000
const startMs = 10_000
const caughtUpWithinMs = 3_600_000
const self: Replica = [1, 0]
const others: readonly Replica[] = [2, 3, 4, 5].flatMap((id): Replica[] => [
  [id, 0],
  [id, 1],
])

const madeUp = (random: SeededRandom) => {
  let voters: Replica[] = [self, [2, 0], [3, 0], [4, 0]].slice(0, 2 + random.below(3)) as Replica[]
  const first = voters
  const epochStart = 10
  let synced = epochStart
  let nowMs = startMs
  const events: Event[] = []
  const held = new Map<string, number>()
  for (let count = 0; count < 60; count++) {
    nowMs += random.below(8) === 0 ? random.below(20 * 60_000) : random.below(900)
    const replica = others[random.below(others.length)]
    const kind = random.below(10)
    if (kind < 3 || count === 0) {
      synced += random.below(4)
      // One voter comes or goes at a time, and two are always left.
      if (random.below(3) === 0) {
        const isVoter = voters.some(([id]) => id === replica[0])
        if (!isVoter) voters = [...voters, replica]
        else if (voters.length > 2) voters = voters.filter(([id]) => id !== replica[0])
      } else if (random.below(12) === 0 && voters.length > 2) voters = voters.filter(([id]) => id !== self[0])
      events.push({ nowMs, synced, voters })
    } else if (kind < 9) {
      const from = held.get(String(replica)) ?? 0
      const offset = Math.min(synced, random.below(2) === 0 ? synced : from + random.below(5))
      held.set(String(replica), offset)
      events.push({ nowMs, replica, offset })
    } else events.push({ nowMs, replica })
  }
  return { ...{ startMs, fetchTimeoutMs, self, epochStart, events }, voters: first, replicas: others }
}

const keyOf = ([id, disk]: Replica): ReplicaKey => ({ id, directoryId: `disk ${disk} of ${id}` })
const votersOf = (replicas: readonly Replica[]): VoterSet =>
  new VoterSet(replicas.map((replica): Voter => ({ ...keyOf(replica), endpoints: [], kraftVersionMin: 0, kraftVersionMax: 1 })))

const ourAnswers = ({ voters, epochStart, events, replicas }: ReturnType<typeof madeUp>) => {
  const progress = new LeaderProgress(keyOf(self), votersOf(voters), epochStart, [], fetchTimeoutMs, startMs)
  let synced = epochStart
  return events.map((event) => {
    const { nowMs } = event
    let moved = false
    if ('synced' in event) {
      synced = event.synced
      progress.setVoters(votersOf(event.voters), nowMs)
      moved = progress.localSynced(synced)
    } else if ('offset' in event) moved = progress.fetched(keyOf(event.replica), event.offset, synced, nowMs)
    else progress.heard(keyOf(event.replica), nowMs)
    return {
      ...{ moved, highWatermark: progress.highWatermark ?? -1, quorumLostInMs: Math.max(0, progress.quorumLostAt() - nowMs) },
      successors: progress.successors().map(({ id }) => id),
      caughtUp: replicas.map((replica) => progress.isCaughtUp(keyOf(replica), nowMs, caughtUpWithinMs)),
      silent: progress
        .takeSilentVoters(nowMs)
        .map(({ id }) => id)
        .sort((a, b) => a - b),
    }
  })
}

/** A voter that was removed counts for the check of the quorum at Kafka until its next majority; here it counts no more at once. */
const withoutStrangers = (answer: object, events: readonly Event[]): object => {
  const sizes = events.flatMap((event) => ('voters' in event ? [event.voters.length] : []))
  const hasRemoved = sizes.some((size, at) => at > 0 && size < sizes[at - 1])
  return hasRemoved ? { ...answer, quorumLostInMs: undefined } : answer
}

describe('leaderships of the quorum, beside those of Apache Kafka', { skip: withoutApache }, () => {
  test('both say the same of the high watermark, of who follows, and of who succeeds', async () => {
    const random = new SeededRandom(Number(process.env.SEED ?? 1))
    const all = Array.from({ length: 500 }, () => madeUp(random))
    const stdin = all.map((one) => JSON.stringify(one)).join('\n')
    const { stdout, stderr, code } = await runJava('Leaderships', [], { stdin, limitMs: 120_000 })
    assert.equal(code, 0, stderr)
    const theirs = stdout.trim().split('\n')
    assert.equal(theirs.length, all.length, stderr)
    for (const [index, one] of all.entries()) {
      const kafkas = JSON.parse(theirs[index])
      for (const [at, answer] of ourAnswers(one).entries()) {
        const events = one.events.slice(0, at + 1)
        const what = `${at} of ${JSON.stringify({ ...one, events })}`
        assert.deepEqual(withoutStrangers(answer, events), withoutStrangers(kafkas[at], events), what)
      }
    }
  })
})
