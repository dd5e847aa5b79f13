import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openRaft, type RaftDriver, type RaftTransport, type Voter, VoterSet } from '../../src/raft/index.ts'
import { type SimHost, World } from '../../src/sim/index.ts'
import { Recorder } from './listener-recorder.ts'

const voters = new VoterSet(
  [1, 2, 3].map((id): Voter => {
    const endpoints = [{ name: 'CONTROLLER', host: `node-${id}`, port: 9093 }]
    return { id, directoryId: undefined, endpoints, kraftVersionMin: 0, kraftVersionMax: 1 }
  }),
)

/** Three drivers on simulated disks; requests go from one to the other by a call, after a while. */
class Quorum {
  readonly world = new World({ seed: 11 })
  readonly raft = new Map<number, RaftDriver>()
  readonly recorders = new Map<number, Recorder>()
  readonly hosts = new Map<number, SimHost>()
  pieceBytes = 1_000_000

  async start(id: number): Promise<void> {
    const host = this.world.host(`node-${id}`)
    this.hosts.set(id, host)
    const raft = await this.world.run(async () => {
      await host.disk.makeDirectory('/data')
      await host.disk.syncDirectory('/')
      return openRaft({
        host,
        logDirectory: '/data',
        nodeId: id,
        directoryId: `AAAAAAAAAAAAAAAAAAA${id}0Q`,
        staticVoters: voters,
        endpoints: voters.get(id)!.endpoints,
        transport: this.#transport(host),
        settings: { retentionBytes: 0, retentionMs: -1, cleaningIntervalMs: 1_000_000 },
      })
    })
    const recorder = new Recorder()
    raft.register(recorder)
    this.raft.set(id, raft)
    this.recorders.set(id, recorder)
  }

  crash(id: number): void {
    this.raft.delete(id)
    this.world.crash(`node-${id}`)
  }

  get leader(): RaftDriver | undefined {
    return [...this.raft.values()].find((raft) => raft.isLeader)
  }

  async led(): Promise<RaftDriver> {
    const isLed = (): boolean =>
      this.leader !== undefined && [...this.raft.values()].every((raft) => raft.leaderAndEpoch.leaderId === this.leader!.core.self.id)
    await this.world.runUntil(isLed, 60_000)
    return this.leader!
  }

  append(...texts: string[]): void {
    const leader = this.leader!
    leader.append(
      leader.leaderAndEpoch.epoch,
      texts.map((text) => ({ value: Buffer.from(text) })),
    )
  }

  async allHeard(...texts: string[]): Promise<void> {
    const values = (id: number): string[] => {
      const { snapshots, values } = this.recorders.get(id)!
      return [...(snapshots.at(-1)?.values ?? []), ...values]
    }
    await this.world.runUntil(() => [...this.raft.keys()].every((id) => values(id).join() === texts.join()), 60_000)
  }

  #transport(host: SimHost): RaftTransport {
    const later = (): Promise<void> => new Promise((resolve) => host.clock.after(1, resolve))
    return {
      traffic: { requests: 0, responses: 0, bytesOut: 0, bytesIn: 0 },
      send: async (to, request) => {
        await later()
        const reply = await this.raft.get(to.id)?.request(request)
        await later()
        return reply
      },
      fetchSnapshot: async (from, { id, position }) => {
        await later()
        return this.raft.get(from.id)?.parts.snapshots.slice(id, position, this.pieceBytes)
      },
    }
  }
}

const threeStarted = async (): Promise<Quorum> => {
  const quorum = new Quorum()
  for (const id of [1, 2, 3]) await quorum.start(id)
  await quorum.led()
  return quorum
}

test('three nodes elect a leader and hear the same batches', async () => {
  const quorum = await threeStarted()
  quorum.append('a', 'b')
  quorum.append('c')
  await quorum.allHeard('a', 'b', 'c')
})

test('the others go on when the leader is lost, and it follows when it is back', async () => {
  const quorum = await threeStarted()
  quorum.append('a')
  await quorum.allHeard('a')
  const { id } = quorum.leader!.core.self
  quorum.append('written here, committed nowhere')
  quorum.crash(id)
  await quorum.led()
  quorum.append('b')
  await quorum.allHeard('a', 'b')
  await quorum.start(id)
  await quorum.allHeard('a', 'b')
  assert.notEqual(quorum.leader!.core.self.id, id)
})

test('a leader that closes hands over at once', async () => {
  const quorum = await threeStarted()
  const old = quorum.leader!
  const start = quorum.world.nowMs
  await quorum.world.run(() => old.close())
  quorum.raft.delete(old.core.self.id)
  await quorum.led()
  assert.ok(quorum.world.nowMs - start < 1000, `took ${quorum.world.nowMs - start} ms`)
})

test('a node whose log the leader no longer reaches takes the snapshot', async () => {
  const quorum = await threeStarted()
  const lagging = [...quorum.raft.values()].find((raft) => !raft.isLeader)!.core.self.id
  quorum.crash(lagging)
  quorum.append('a')
  quorum.append('b')
  await quorum.allHeard('a', 'b')
  const leader = quorum.leader!
  const { epoch } = leader.leaderAndEpoch
  const create = (offset: number, ...texts: string[]): Promise<boolean> =>
    quorum.world.run(() =>
      leader.createSnapshot(
        { offset, epoch },
        1,
        texts.map((text) => Buffer.from(text)),
      ),
    )
  const end = leader.highWatermark!
  assert.equal(await create(end - 1, 'a'), true)
  assert.equal(await create(end, 'a', 'b'), true)
  assert.equal(await quorum.world.run(() => leader.clean()), true)
  quorum.append('c')
  quorum.pieceBytes = 100
  await quorum.start(lagging)
  await quorum.allHeard('a', 'b', 'c')
  assert.equal(quorum.raft.get(lagging)!.logStartOffset, end)
})
