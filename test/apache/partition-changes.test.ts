import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { changePartition, type PartitionTarget } from '../../src/controller/partition-change.ts'
import type { PartitionRegistration } from '../../src/metadata/index.ts'
import { SeededRandom } from '../../src/sim/index.ts'
import { Scene, uuid } from '../controller/scene.ts'
import { runJava } from './java-program.ts'
import { withoutApache } from './kafka-home.ts'

const brokerIds = [1, 2, 3, 4, 5]
const casesMax = 20_000

interface Case {
  readonly level: number
  readonly elr: boolean
  readonly minIsr: number
  readonly partition: PartitionRegistration
  readonly target: Omit<PartitionTarget, 'isAcceptableLeader' | 'directories'>
  readonly acceptable: readonly number[]
}

/** Partitions as a controller may have them, and what may become of them. */
class Cases {
  readonly #random: SeededRandom

  constructor(seed: number) {
    this.#random = new SeededRandom(seed)
  }

  #chance(percent: number): boolean {
    return this.#random.below(100) < percent
  }
  #some<T>(list: readonly T[], percent: number): T[] {
    return list.filter(() => this.#chance(percent))
  }
  #shuffled<T>(list: readonly T[]): T[] {
    const rest = [...list]
    return list.map(() => rest.splice(this.#random.below(rest.length), 1)[0])
  }
  #one<T>(list: readonly T[]): T {
    return list[this.#random.below(list.length)]
  }

  next(): Case {
    const level = this.#one([11, 14, 17, 25, 30])
    const elr = level >= 25 && this.#chance(60)
    const minIsr = 1 + this.#random.below(3)
    const partition = this.#partition(elr, minIsr, level >= 17)
    const acceptable = this.#some(brokerIds, 60)
    return { level, elr, minIsr: Math.min(minIsr, partition.replicas.length), partition, acceptable, target: this.#target(partition) }
  }

  #partition(elr: boolean, minIsr: number, hasDirectories: boolean): PartitionRegistration {
    const replicas = this.#shuffled(brokerIds).slice(0, 1 + this.#random.below(4))
    const isReassigned = replicas.length > 1 && this.#chance(30)
    const removingReplicas = isReassigned ? this.#some(replicas.slice(1), 40) : []
    const addingReplicas = isReassigned
      ? this.#some(
          replicas.filter((id) => !removingReplicas.includes(id)),
          40,
        )
      : []
    const isLed = this.#chance(75)
    let isr = this.#shuffled(this.#some(replicas, 60))
    if (isr.length === 0 && (isLed || !elr)) isr = [this.#one(replicas)]
    if (!isLed && elr && this.#chance(80)) isr = []
    const outside = replicas.filter((id) => !isr.includes(id)).sort((a, b) => a - b)
    return {
      ...{ replicas, removingReplicas, addingReplicas, isr },
      directories: replicas.map((id) => (hasDirectories ? uuid(id) : uuid(-1000))),
      elr: elr && isr.length < Math.min(minIsr, replicas.length) ? this.#some(outside, 60) : [],
      lastKnownElr: elr && !isLed && this.#chance(60) ? [this.#one(replicas)] : [],
      leader: isLed ? this.#one(isr) : -1,
      leaderRecoveryState: isLed && this.#chance(15) ? 1 : 0,
      ...{ leaderEpoch: 7, partitionEpoch: 9 },
    }
  }

  #target(partition: PartitionRegistration): Case['target'] {
    const { replicas, isr, leader, addingReplicas } = partition
    const election = this.#one(['online', 'unclean'] as const)
    switch (this.#random.below(5)) {
      case 0: {
        // A leader proposes another ISR.
        const proposed = this.#shuffled(replicas.filter((id) => id === leader || this.#chance(60)))
        return { isr: proposed, leaderRecoveryState: 0, election }
      }
      case 1: {
        const gone = this.#one(brokerIds)
        const kept = isr.filter((id) => id !== gone)
        return { isr: kept, election, ...(this.#chance(40) && { uncleanShutdownReplicas: [gone] }) }
      }
      case 2:
        return { election: this.#one(['online', 'preferred', 'unclean'] as const) }
      case 3: {
        const wanted = this.#shuffled(brokerIds).slice(0, 1 + this.#random.below(4))
        const removing = replicas.filter((id) => !wanted.includes(id)).sort((a, b) => a - b)
        const adding = wanted.filter((id) => !replicas.includes(id)).sort((a, b) => a - b)
        const lists = { ...(removing.length > 0 && { removing }), ...(adding.length > 0 && { adding }) }
        return { replicas: [...wanted, ...removing], ...lists }
      }
      default: {
        const staying = (list: readonly number[]): number[] => list.filter((id) => !addingReplicas.includes(id))
        const left = staying(replicas)
        // Such a reassignment cannot be cancelled.
        if (left.length === 0) return { election }
        const inSync = staying(isr)
        return { isr: inSync.length > 0 ? inSync : left.slice(0, 1), replicas: left, removing: [], adding: [], election }
      }
    }
  }
}

/** What ours makes of it, with the fields that Kafka's program tells. */
const ourChange = (scenes: Map<string, Scene>, { level, elr, minIsr, partition, target, acceptable }: Case) => {
  const key = `${level} ${elr} ${minIsr}`
  let scene = scenes.get(key)
  if (scene === undefined) {
    const features = level >= 25 ? { features: new Map([['eligible.leader.replicas.version', elr ? 1 : 0]]) } : {}
    const settings = { staticConfig: new Map([['min.insync.replicas', String(minIsr)]]) }
    scene = new Scene({ metadataVersion: level, ...features, settings }).join(...brokerIds)
    scene.create('t', [brokerIds])
    scenes.set(key, scene)
  }
  const topic = { ...scene.state.image.topic('t')!, partitions: new Map([[0, partition]]) }
  const isAcceptableLeader = (id: number): boolean => acceptable.includes(id)
  const record = changePartition(scene.state, topic, 0, partition, { ...target, isAcceptableLeader })
  if (record === undefined) return null
  assert.ok(record.name === 'PartitionChangeRecord')
  const { version, message } = record
  return {
    ...{ version, leader: message.leader, leaderRecoveryState: message.leaderRecoveryState },
    ...{ isr: message.isr, replicas: message.replicas },
    ...{ removingReplicas: message.removingReplicas, addingReplicas: message.addingReplicas },
    ...{ eligibleLeaderReplicas: message.eligibleLeaderReplicas, lastKnownElr: message.lastKnownElr },
    directories: message.directories,
  }
}

type Change = Record<string, unknown> & { eligibleLeaderReplicas: readonly number[] | null; replicas: readonly number[] | null }

/** A replica that a reassignment takes away is not eligible here any more; Kafka 4.3.1 lets it linger in the list. */
const withoutLeavers = (change: Change | null, { partition }: Case): unknown => {
  if (change === null) return null
  const replicas = change.replicas ?? partition.replicas
  const elr = change.eligibleLeaderReplicas ?? partition.elr
  return { ...change, eligibleLeaderReplicas: elr.filter((id) => replicas.includes(id)) }
}

describe('changes of partitions, beside those of Apache Kafka', { skip: withoutApache }, () => {
  test('whatever shall become of a partition, both controllers write the same record', async () => {
    const cases = new Cases(Number(process.env.SEED ?? 1))
    const all = Array.from({ length: casesMax }, () => cases.next())
    const directories = brokerIds.map(uuid)
    const stdin = all.map((one) => JSON.stringify({ ...one, directories })).join('\n')
    const { stdout, stderr, code } = await runJava('PartitionChanges', [], { stdin, limitMs: 120_000 })
    assert.equal(code, 0, stderr)
    const theirs = stdout.trim().split('\n')
    assert.equal(theirs.length, all.length)
    const scenes = new Map<string, Scene>()
    for (const [index, one] of all.entries()) {
      const ours = ourChange(scenes, one)
      assert.deepEqual(withoutLeavers(ours, one), withoutLeavers(JSON.parse(theirs[index]), one), JSON.stringify(one))
    }
  })
})
