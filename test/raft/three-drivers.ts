import { type OffsetAndEpoch, openRaft, type RaftDriver, type RaftTransport, type Voter, VoterSet } from '../../src/raft/index.ts'
import { type SimHost, World, type WorldOptions } from '../../src/sim/index.ts'
import { Recorder } from './listener-recorder.ts'

const voters = new VoterSet(
  [1, 2, 3].map((id): Voter => {
    const endpoints = [{ name: 'CONTROLLER', host: `node-${id}`, port: 9093 }]
    return { id, directoryId: undefined, endpoints, kraftVersionMin: 0, kraftVersionMax: 1 }
  }),
)

type FetchSnapshot = RaftTransport['fetchSnapshot']

/** Three drivers on simulated disks; requests go from one to the other by a call, after a while. */
export class ThreeDrivers {
  readonly world: World
  readonly raft = new Map<number, RaftDriver>()
  readonly recorders = new Map<number, Recorder>()
  readonly #hosts = new Map<number, SimHost>()
  /** Nodes that nothing reaches, and that reach nobody. */
  readonly cut = new Set<number>()
  pieceBytes = 1_000_000
  /** What becomes of a fetch of a piece of a snapshot. */
  piece: (fetch: FetchSnapshot, ...request: Parameters<FetchSnapshot>) => ReturnType<FetchSnapshot> = (fetch, ...request) =>
    fetch(...request)

  readonly #segmentBytes: number

  constructor({ segmentBytes = 1024 * 1024, ...options }: WorldOptions & { segmentBytes?: number } = {}) {
    this.world = new World({ seed: 11, ...options })
    this.#segmentBytes = segmentBytes
  }

  static async started(options?: ConstructorParameters<typeof ThreeDrivers>[0]): Promise<ThreeDrivers> {
    const quorum = new ThreeDrivers(options)
    for (const id of [1, 2, 3]) await quorum.start(id)
    await quorum.led()
    return quorum
  }

  async start(id: number): Promise<void> {
    const host = this.world.host(`node-${id}`)
    this.#hosts.set(id, host)
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
        transport: this.#transport(id, host),
        logConfig: { segmentBytes: this.#segmentBytes, segmentMs: 3_600_000 },
        settings: { retentionBytes: 0, retentionMs: -1, cleaningIntervalMs: 1_000_000 },
      })
    })
    const recorder = new Recorder()
    raft.register(recorder)
    this.raft.set(id, raft)
    this.recorders.set(id, recorder)
  }

  hostOf(id: number): SimHost {
    return this.#hosts.get(id)!
  }

  crash(id: number): void {
    this.raft.delete(id)
    this.world.crash(`node-${id}`)
  }

  /** The process dies, the machine goes on. */
  kill(id: number): void {
    this.raft.delete(id)
    this.world.kill(`node-${id}`)
  }

  get leader(): RaftDriver | undefined {
    return [...this.raft.values()].find((raft) => raft.isLeader)
  }

  /** One that follows. */
  get follower(): number {
    return [...this.raft.values()].find((raft) => !raft.isLeader)!.core.self.id
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

  valuesAt(id: number): string[] {
    const { snapshots, values } = this.recorders.get(id)!
    return [...(snapshots.at(-1)?.values ?? []), ...values]
  }

  async heard(ids: readonly number[], ...texts: string[]): Promise<void> {
    await this.world.runUntil(() => ids.every((id) => this.valuesAt(id).join() === texts.join()), 60_000)
  }

  allHeard(...texts: string[]): Promise<void> {
    return this.heard([...this.raft.keys()], ...texts)
  }

  /** A node writes a snapshot of all that is committed, and forgets the log before it. */
  async cutLog(id: number, ...texts: string[]): Promise<OffsetAndEpoch> {
    const raft = this.raft.get(id)!
    const { epoch } = raft.leaderAndEpoch
    const end = raft.highWatermark!
    const write = (offset: number, values: string[]): Promise<boolean> =>
      raft.createSnapshot(
        { offset, epoch },
        1,
        values.map((value) => Buffer.from(value)),
      )
    await this.world.run(async () => {
      await write(end - 1, texts.slice(0, -1))
      await write(end, texts)
      await raft.clean()
    })
    return { offset: end, epoch }
  }

  #transport(self: number, host: SimHost): RaftTransport {
    const later = (): Promise<void> => new Promise((resolve) => host.clock.after(1, resolve))
    const reached = (id: number): RaftDriver | undefined => (this.cut.has(id) || this.cut.has(self) ? undefined : this.raft.get(id))
    return {
      traffic: { requests: 0, responses: 0, bytesOut: 0, bytesIn: 0 },
      send: async (to, request) => {
        await later()
        const reply = await reached(to.id)?.request(request)
        await later()
        return this.cut.has(self) ? undefined : reply
      },
      keepOnly: () => {},
      fetchSnapshot: (from, request) =>
        this.piece(
          async ({ id }, { id: snapshot, position, maxBytes }) => {
            await later()
            return reached(id)?.parts.snapshots.slice(snapshot, position, Math.min(maxBytes, this.pieceBytes))
          },
          from,
          request,
        ),
    }
  }
}
