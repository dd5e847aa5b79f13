import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { JoinAnswer } from '../../src/coordinator/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import { GroupWorld } from './group-world.ts'

/** What random clients do to one group, in any order, with time passing, a log that is slow or fails, and coordinators that die. */
type Step =
  | { kind: 'join' | 'sync' | 'beat' | 'leave' | 'commit'; who: number }
  | { kind: 'wait'; ms: number }
  | { kind: 'round' | 'hold' | 'release' | 'fail' | 'failover' | 'fetch' }

const who = fc.integer({ min: 0, max: 4 })
const act = (kind: 'join' | 'sync' | 'beat' | 'leave' | 'commit', weight: number) => ({
  weight,
  arbitrary: fc.record({ kind: fc.constant(kind), who }) as fc.Arbitrary<Step>,
})
const step: fc.Arbitrary<Step> = fc.oneof(
  act('join', 10),
  act('sync', 10),
  act('beat', 3),
  act('leave', 1),
  act('commit', 6),
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(0, 0, 1, 600, 4000, 11_000, 30_000) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('round' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hold' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('failover' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('fetch' as const) }) },
)

interface Client {
  readonly name: string
  /** Clients 3 and 4 are static members, 4 restarts all the time under 3's instance id. */
  readonly instance: string | null
  readonly apiVersion: number
  memberId: string
  generationId: number
  leads: boolean
  members: string[]
}

const GROUP = 'g'
const ZERO = 'AAAAAAAAAAAAAAAAAAAAAA'
const newClient = (index: number): Client => ({
  name: `c${index}`,
  instance: index >= 3 ? 'instance' : null,
  apiVersion: [9, 3, 5, 9, 6][index],
  memberId: '',
  generationId: -1,
  leads: false,
  members: [],
})

class Run {
  readonly world: GroupWorld
  readonly clients = [0, 1, 2, 3, 4].map(newClient)
  failure: unknown
  asked = 0
  answered = 0
  /** generation → what its one assignment gave to each member. */
  readonly assignments = new Map<number, Map<string, string>>()
  /** Part → the member that was told it is its own, of all generations. */
  readonly owners = new Map<string, string>()
  readonly protocols = new Map<string, string>()
  newestAssigned = -1
  offered = 0
  acknowledged = 0
  /** A commit that failed may count still. */
  possible = new Set<number>([-1])

  constructor(seed: number) {
    this.world = new GroupWorld({ initialRebalanceDelayMs: 500, groupSizeMax: 4 }, seed)
  }

  ask<A>(request: Promise<A>, told: (answer: A) => void): void {
    this.asked++
    void request.then((answer) => {
      this.answered++
      try {
        told(answer)
      } catch (error) {
        this.failure ??= error
      }
    })
  }

  get isOver(): boolean {
    const { groups, groupsByState } = this.world.coordinator.metrics()
    return this.asked === this.answered && groupsByState.Empty === groups
  }

  async play(next: Step): Promise<void> {
    const { world } = this
    switch (next.kind) {
      case 'join':
        return this.join(this.clients[next.who])
      case 'sync':
        return this.sync(this.clients[next.who])
      case 'beat':
        return this.beat(this.clients[next.who])
      case 'leave':
        return this.leave(this.clients[next.who])
      case 'commit':
        return this.commit(this.clients[next.who])
      case 'wait':
        return world.world.runFor(next.ms)
      case 'round':
        // What well-behaved clients do: all join, all sync.
        for (const client of this.clients) this.join(client)
        await world.world.runFor(1100)
        for (const client of this.clients) this.sync(client)
        return
      case 'hold':
        world.partition.afterAppend = undefined
        return
      case 'release':
        return this.release()
      case 'fail':
        world.partition.appendError = Errors.KAFKA_STORAGE_ERROR
        await world.world.runFor(0)
        world.partition.appendError = Errors.NONE
        return world.world.runFor(10)
      case 'failover':
        await world.failOver()
        return
      case 'fetch':
        return this.fetch()
    }
  }

  release(): void {
    const { partition } = this.world
    partition.afterAppend = (appended) => appended.commit()
    partition.commit()
  }

  join(client: Client): void {
    const protocols = ['range', 'sticky'].map((name) => ({ name, metadata: Buffer.from(client.name) }))
    if (client.apiVersion % 2 === 1) protocols.reverse()
    const request = {
      groupId: GROUP,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 20_000,
      memberId: client.memberId,
      groupInstanceId: client.instance,
      protocolType: 'opaque',
      protocols,
      reason: null,
    }
    this.ask(this.world.coordinator.joinGroup(request, this.world.client(client.apiVersion, client.name)), (answer) =>
      this.joined(client, answer),
    )
  }

  joined(client: Client, answer: JoinAnswer): void {
    const { errorCode = 0, memberId = '', generationId = -1 } = answer
    if (errorCode === Errors.MEMBER_ID_REQUIRED) {
      client.memberId = memberId
      this.join(client)
    }
    if (errorCode === Errors.UNKNOWN_MEMBER_ID || errorCode === Errors.FENCED_INSTANCE_ID) client.memberId = ''
    if (errorCode !== 0) return
    client.memberId = memberId
    client.generationId = generationId
    client.leads = answer.leader === memberId && answer.skipAssignment !== true
    client.members = answer.members!.map((member) => member.memberId!)
    assert.ok(generationId >= 1)
    assert.equal(
      client.leads || answer.skipAssignment === true,
      answer.members!.length > 0 || answer.leader === memberId,
      'leaders, and no others, learn who is there',
    )
    assert.equal(new Set(client.members).size, client.members.length)
    assert.ok(client.members.length <= 4, 'no more members than allowed')
    assert.ok(['range', 'sticky'].includes(answer.protocolName!))
  }

  sync(client: Client): void {
    const { memberId, generationId } = client
    const give = client.leads
      ? client.members.map((member, index) => ({
          memberId: member,
          assignment: Buffer.from(`${generationId}/${client.memberId}/${this.asked}/${index}`),
        }))
      : []
    const request = {
      groupId: GROUP,
      generationId,
      memberId,
      groupInstanceId: client.instance,
      protocolType: null,
      protocolName: null,
      assignments: give,
    }
    this.ask(this.world.coordinator.syncGroup(request, this.world.client(4)), ({ errorCode = 0, assignment }) => {
      if (errorCode !== 0) return
      const text = Buffer.from(assignment!).toString()
      this.newestAssigned = Math.max(this.newestAssigned, generationId)
      if (text === '') return
      assert.equal(text.split('/')[0], String(generationId), 'an assignment is of the generation it is told to')
      // G1: a part has one owner, or two lives of one instance.
      const owner = client.instance ?? memberId
      assert.equal(this.owners.get(text) ?? owner, owner, 'nobody else was given this part')
      this.owners.set(text, owner)
      const source = text.split('/').slice(0, 3).join('/')
      const first = this.protocols.get(String(generationId)) ?? source
      assert.equal(source, first, 'one assignment per generation')
      this.protocols.set(String(generationId), source)
    })
  }

  beat(client: Client): void {
    const { memberId, generationId, instance } = client
    const stale = this.newestAssigned > generationId
    this.ask(
      this.world.coordinator.heartbeat({ groupId: GROUP, generationId, memberId, groupInstanceId: instance }),
      ({ errorCode = 0 }) => {
        if (stale)
          assert.ok(errorCode !== Errors.NONE && errorCode !== Errors.REBALANCE_IN_PROGRESS, 'an old generation has no place in the group')
      },
    )
  }

  leave(client: Client): void {
    const members = [{ memberId: client.memberId, groupInstanceId: client.instance, reason: null }]
    this.ask(this.world.coordinator.leaveGroup({ groupId: GROUP, memberId: '', members }, this.world.client(5)), () => {})
  }

  commit(client: Client): void {
    const offset = ++this.offered
    const { memberId, generationId, instance } = client
    const stale = this.newestAssigned > generationId
    const partition = { partitionIndex: 0, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: null }
    const topics = [{ name: 'orders', topicId: ZERO, partitions: [partition] }]
    const request = {
      groupId: GROUP,
      generationIdOrMemberEpoch: generationId,
      memberId,
      groupInstanceId: instance,
      retentionTimeMs: -1,
      topics,
    }
    this.possible.add(offset)
    this.ask(this.world.coordinator.commitOffsets(request, this.world.client(8)), (answer) => {
      const { errorCode } = answer.topics![0].partitions![0]
      if (errorCode !== Errors.NONE) return
      // G2: who never joined may commit as long as nobody is a member.
      assert.ok(!stale || generationId === -1, 'an old generation commits nothing')
      this.acknowledged = Math.max(this.acknowledged, offset)
    })
  }

  fetch(): void {
    const before = this.acknowledged
    this.ask(this.world.coordinator.fetchOffsets({ groupId: GROUP, memberId: null, memberEpoch: -1, topics: null }, true, 8), (answer) => {
      if ((answer.errorCode ?? 0) !== 0) return
      const offset = Number(answer.topics?.[0]?.partitions?.[0]?.committedOffset ?? -1)
      assert.ok(offset >= before || (before === 0 && offset === -1), `G3: ${before} was acknowledged, ${offset} is told`)
      assert.ok(this.possible.has(offset))
    })
  }
}

describe('a group under random clients', () => {
  test('keeps its promises, and leaves no request without an answer', async () => {
    let answered = 0
    let assigned = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 120, size: 'max' }),
        fc.integer({ min: 1, max: 1_000_000 }),
        async (steps, seed) => {
          const run = new Run(seed)
          await run.world.start()
          for (const next of steps) {
            await run.play(next)
            if (run.failure !== undefined) throw run.failure
          }
          run.release()
          // Sessions, rebalances and the five minutes of members that nobody knows yet are over by then.
          for (let minutes = 0; minutes < 15 && !run.isOver; minutes++) await run.world.world.runFor(60_000)
          run.fetch()
          await run.world.world.runFor(1000)
          assert.equal(run.answered, run.asked, 'timers answer what nobody else does')
          const metrics = run.world.coordinator.metrics()
          assert.equal(metrics.parkedRequests, 0)
          assert.equal(metrics.groupsByState.Empty, metrics.groups, 'nobody is left in the group')
          answered += run.answered
          assigned += run.owners.size
          // What is replayed from the log is what was there.
          const described = await run.world.world.run(() => run.world.coordinator.describeGroups([GROUP], run.world.client(6)))
          await run.world.failOver(run.world.partition.logEndOffset)
          assert.deepEqual(await run.world.world.run(() => run.world.coordinator.describeGroups([GROUP], run.world.client(6))), described)
          run.fetch()
          await run.world.world.runFor(0)
          if (run.failure !== undefined) throw run.failure
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 200) },
    )
    assert.ok(answered > 5000 && assigned > 200, `the clients got somewhere: ${answered} answers, ${assigned} parts given`)
  })
})
