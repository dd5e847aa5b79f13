import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errors } from '../../src/protocol/index.ts'
import type { RaftReply } from '../../src/raft/core/messages.ts'
import {
  bootstrapSnapshot,
  type Endpoint,
  kraftVersionMax,
  kraftVersionMin,
  openRaft,
  type RaftDriver,
  type RaftTransport,
  type Voter,
  VoterSet,
  writeSnapshot,
} from '../../src/raft/index.ts'
import { type SimHost, World } from '../../src/sim/index.ts'
import { Recorder } from './listener-recorder.ts'

// Drivers on simulated disks in a quorum whose voters are in the log (KIP-853). Node 1 was formatted as the only voter.

const hostOf = (id: number): string => `node-${id}`
const keyOf = (id: number): Voter => ({
  id,
  directoryId: `AAAAAAAAAAAAAAAAAAA${id}0Q`,
  endpoints: [{ name: 'CONTROLLER', host: hostOf(id), port: 9093 }],
  kraftVersionMin,
  kraftVersionMax,
})

class Quorum {
  readonly world = new World({ seed: 5 })
  readonly raft = new Map<number, RaftDriver>()
  readonly recorders = new Map<number, Recorder>()
  /** To whom each host keeps its connections. */
  readonly linked = new Map<string, readonly number[]>()
  readonly #hosts = new Map<number, SimHost>()

  async start(id: number, more: { isBroker?: boolean; autoJoin?: boolean; bootstrap?: number } = {}): Promise<void> {
    const host = this.#hosts.get(id) ?? this.world.host(hostOf(id))
    this.#hosts.set(id, host)
    const { directoryId, endpoints } = keyOf(id)
    const raft = await this.world.run(async () => {
      if (id === 1 && (await host.disk.stat('/data')) === undefined) await this.#format(host)
      await host.disk.makeDirectory('/data')
      await host.disk.syncDirectory('/')
      return openRaft({
        ...{ host, nodeId: id, directoryId: directoryId!, logDirectory: '/data', staticVoters: VoterSet.none },
        endpoints: more.isBroker ? [] : endpoints,
        bootstrapServers: [{ host: hostOf(more.bootstrap ?? 1), port: 9093 }],
        autoJoin: more.autoJoin ?? false,
        transport: this.#transport(host),
        settings: { retentionBytes: 0, retentionMs: -1, cleaningIntervalMs: 1_000_000 },
      })
    })
    const recorder = new Recorder()
    raft.register(recorder)
    this.raft.set(id, raft)
    this.recorders.set(id, recorder)
  }

  async stop(id: number): Promise<void> {
    await this.world.run(() => this.raft.get(id)!.close())
    this.raft.delete(id)
  }

  get leader(): RaftDriver {
    return [...this.raft.values()].find((raft) => raft.isLeader)!
  }

  append(text: string): void {
    this.leader.append(this.leader.leaderAndEpoch.epoch, [{ value: Buffer.from(text) }])
  }

  async heard(id: number, ...texts: string[]): Promise<void> {
    const recorder = this.recorders.get(id)!
    const all = (): string[] => [...(recorder.snapshots.at(-1)?.values ?? []), ...recorder.values]
    await this.world.runUntil(() => all().join() === texts.join(), 60_000)
  }

  async voters(...ids: number[]): Promise<void> {
    await this.world.runUntil(() => [...this.raft.values()].every(({ voters }) => voters.map(({ id }) => id).join() === ids.join()), 60_000)
  }

  async #format(host: SimHost): Promise<void> {
    await host.disk.makeDirectory('/data')
    await host.disk.makeDirectory('/data/__cluster_metadata-0')
    const quorum = { kraftVersion: 1, voters: new VoterSet([keyOf(1)]) }
    await writeSnapshot(host, '/data/__cluster_metadata-0', { id: bootstrapSnapshot, lastContainedLogTimestamp: 0, quorum, records: [] })
  }

  /** By address alone, as the network: ids of bootstrap servers are made up. */
  #at([endpoint]: readonly Endpoint[]): RaftDriver | undefined {
    return [...this.raft.values()].find(({ core }) => hostOf(core.self.id) === endpoint?.host)
  }

  #transport(host: SimHost): RaftTransport {
    const later = (): Promise<void> => new Promise((resolve) => host.clock.after(1, resolve))
    return {
      traffic: { requests: 0, responses: 0, bytesOut: 0, bytesIn: 0 },
      send: async (to, request) => {
        await later()
        const target = this.#at(to.endpoints)
        if (target === undefined) return undefined
        if (request.type === 'versions') return { type: 'versions', error: Errors.NONE, kraftVersions: { min: 0, max: 1 } }
        const reply = await target.request(request)
        await later()
        return located(reply)
      },
      fetchSnapshot: async (from, { id, position }) => {
        await later()
        return this.#at(from.endpoints)?.parts.snapshots.slice(id, position, 100)
      },
      keepOnly: (ids) => void this.linked.set(host.name, [...ids].toSorted()),
    }
  }
}

/** As answers say on the wire. */
const located = (reply: RaftReply): RaftReply =>
  'leaderId' in reply && reply.leaderId !== undefined ? { ...reply, leaderEndpoints: keyOf(reply.leaderId).endpoints } : reply

test('a broker follows the log without a vote: it finds the leader through a bootstrap server, and hears all', async () => {
  const quorum = new Quorum()
  await quorum.start(1)
  await quorum.start(7, { isBroker: true })
  await quorum.world.runUntil(() => quorum.raft.get(7)!.voters.length === 1)
  quorum.append('a')
  await quorum.heard(7, 'a')
  const observer = quorum.raft.get(7)!
  assert.equal(observer.core.isVoter, false)
  assert.equal(observer.core.role, 'follower')
  assert.deepEqual(observer.leaderEndpoint, { id: 1, host: 'node-1', port: 9093 })
  assert.equal(observer.kraftVersion, 1)
})

test('an observer waits for the leader for ever, and never stands for election', async () => {
  const quorum = new Quorum()
  await quorum.start(1)
  await quorum.start(7, { isBroker: true })
  await quorum.world.runUntil(() => quorum.raft.get(7)!.leaderAndEpoch.leaderId === 1)
  await quorum.stop(1)
  await quorum.world.runFor(60_000)
  assert.equal(quorum.raft.get(7)!.leaderAndEpoch.epoch, 1)
  await quorum.start(1)
  await quorum.world.runUntil(() => quorum.raft.get(7)!.leaderAndEpoch.epoch > 1 && quorum.leader !== undefined)
  quorum.append('b')
  await quorum.heard(7, 'b')
})

test('an observer that starts late takes voters and kraft.version from the snapshot', async () => {
  const quorum = new Quorum()
  await quorum.start(1)
  await quorum.world.runUntil(() => quorum.leader?.highWatermark !== undefined)
  quorum.append('a')
  quorum.append('b')
  await quorum.heard(1, 'a', 'b')
  const { leader } = quorum
  const { epoch } = leader.leaderAndEpoch
  const end = leader.highWatermark!
  for (const [offset, texts] of [
    [end - 1, ['a']],
    [end, ['a', 'b']],
  ] as const) {
    const records = texts.map((text) => Buffer.from(text))
    assert.equal(await quorum.world.run(() => leader.createSnapshot({ offset, epoch }, 1, records)), true)
  }
  assert.equal(await quorum.world.run(() => leader.clean()), true)
  await quorum.start(7, { isBroker: true })
  await quorum.heard(7, 'a', 'b')
  assert.deepEqual(quorum.raft.get(7)!.voters, leader.voters)
  await quorum.stop(7)
  await quorum.start(7, { isBroker: true })
  assert.deepEqual(quorum.raft.get(7)!.voters, leader.voters)
})

test('controllers join, survive restarts with what they know of the voters, and one leads when the first has left', async () => {
  const quorum = new Quorum()
  await quorum.start(1)
  await quorum.start(2, { autoJoin: true })
  await quorum.start(3, { autoJoin: true })
  await quorum.voters(1, 2, 3)
  const { votersOffset } = quorum.leader.core.control
  await quorum.world.runFor(20_000)
  assert.equal(quorum.leader.core.control.votersOffset, votersOffset, 'nobody has anything more to say about itself')
  quorum.append('a')
  await quorum.heard(3, 'a')
  await quorum.stop(3)
  await quorum.start(3)
  assert.deepEqual(
    quorum.raft.get(3)!.voters.map(({ id }) => id),
    [1, 2, 3],
  )
  const removed = quorum.raft.get(1)!.request({ type: 'removeVoter', voter: keyOf(1) })
  await quorum.voters(2, 3)
  assert.deepEqual(await quorum.world.run(() => removed), { type: 'removeVoter', error: Errors.NONE, message: undefined })
  await quorum.world.runUntil(() => quorum.leader !== undefined && quorum.leader.core.self.id !== 1)
  await quorum.world.runUntil(() => quorum.raft.get(1)!.leaderAndEpoch.leaderId === quorum.leader.core.self.id, 60_000)
  quorum.append('b')
  await quorum.heard(1, 'a', 'b')
  for (const id of [1, 2, 3]) assert.deepEqual(quorum.linked.get(hostOf(id)), [2, 3], 'nobody keeps a connection to who votes no more')
})

test('a follower acknowledges the record that removes its leader to that leader', async () => {
  const quorum = new Quorum()
  await quorum.start(1)
  await quorum.start(2, { autoJoin: true })
  await quorum.voters(1, 2)
  await quorum.world.runFor(3000)
  // Known from the quorum state alone, without anybody telling where the leader listens.
  await quorum.stop(2)
  await quorum.start(2, { bootstrap: 2 })
  await quorum.world.runFor(100)
  const { epoch } = quorum.leader.leaderAndEpoch
  const removed = quorum.raft.get(1)!.request({ type: 'removeVoter', voter: keyOf(1) })
  const start = quorum.world.nowMs
  assert.deepEqual(await quorum.world.run(() => removed), { type: 'removeVoter', error: Errors.NONE, message: undefined })
  assert.ok(quorum.world.nowMs - start < 500, `took ${quorum.world.nowMs - start} ms`)
  assert.equal(quorum.raft.get(1)!.leaderAndEpoch.epoch, epoch)
})
