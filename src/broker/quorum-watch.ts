import type { Host, Journal, Timer } from '../host/index.ts'
import type { RaftDriver } from '../raft/index.ts'
import type { ControllerClient } from './controller-client.ts'

const LOOK_MS = 1000
/** An election takes less, mostly: no one needs to be told of it. */
const PATIENCE_MS = 5000

type Decider = Pick<ControllerClient, 'decide'>

/** The metadata quorum as one node sees it. */
export interface QuorumReport {
  readonly leaderId: number | null
  readonly epoch: number
  readonly voters: readonly number[]
  readonly problem: string | null
}

/** The ways in which a node loses sight of the active controller. */
type Loss = 'leader' | 'heartbeats'

/**
 * Whether this node can tell who the active controller is, and as a broker is answered by it. Tells the journal once when that is no
 * longer so, and once when it is again.
 */
export class QuorumWatch {
  private readonly host: Host
  private readonly journal: Journal
  private readonly raft: RaftDriver
  private readonly lostSinceMs = new Map<Loss, number>()
  private lastLeaderId: number | undefined
  private told: { readonly sinceMs: number } | undefined
  private timer: Timer | undefined

  constructor(host: Host, nodeId: number, raft: RaftDriver) {
    this.host = host
    this.journal = host.journal.child('quorum', { node: nodeId })
    this.raft = raft
    this.look()
  }

  /** The same client, whose answers and silences are reckoned with: for what a broker says of itself. */
  watched(controller: Decider): Decider {
    return {
      decide: async (name, request, apiVersion) => {
        this.lose('heartbeats')
        const answer = await controller.decide(name, request, apiVersion)
        this.lostSinceMs.delete('heartbeats')
        return answer
      },
    }
  }

  get report(): QuorumReport {
    const { leaderAndEpoch, voters } = this.raft
    const leaderId = this.raft.core.isLed ? (leaderAndEpoch.leaderId ?? null) : null
    return { leaderId, epoch: leaderAndEpoch.epoch, voters: voters.map(({ id }) => id), problem: this.problem ?? null }
  }

  /** In words; undefined: there is none, or it is too young to be one. */
  get problem(): string | undefined {
    const last = this.lastLeaderId === undefined ? 'none led before' : `last leader ${this.lastLeaderId}`
    const voters = this.raft.voters.map(({ id }) => id).join(', ')
    const leaderlessMs = this.lostForMs('leader')
    if (leaderlessMs > PATIENCE_MS) return `no active controller is known since ${seconds(leaderlessMs)}: voters ${voters}, ${last}`
    const unansweredMs = this.lostForMs('heartbeats')
    if (unansweredMs <= PATIENCE_MS) return undefined
    return `the active controller does not answer this broker since ${seconds(unansweredMs)}: voters ${voters}, ${last}`
  }

  close(): void {
    this.timer?.cancel()
    this.timer = undefined
  }

  private lose(what: Loss): void {
    if (!this.lostSinceMs.has(what)) this.lostSinceMs.set(what, this.host.clock.monotonic())
  }

  private lostForMs(what: Loss): number {
    const sinceMs = this.lostSinceMs.get(what)
    return sinceMs === undefined ? 0 : this.host.clock.monotonic() - sinceMs
  }

  private look(): void {
    const { leaderId } = this.raft.leaderAndEpoch
    if (this.raft.core.isLed) {
      this.lastLeaderId = leaderId
      this.lostSinceMs.delete('leader')
    } else this.lose('leader')
    this.tell()
    this.timer = this.host.clock.after(LOOK_MS, () => this.look())
  }

  private tell(): void {
    const { problem } = this
    const nowMs = this.host.clock.monotonic()
    // A node that starts before its quorum says that it waits for it.
    if (problem !== undefined && this.told === undefined && this.lastLeaderId !== undefined) {
      this.told = { sinceMs: Math.min(...this.lostSinceMs.values()) }
      this.journal.warn(problem)
    } else if (problem === undefined && this.told !== undefined) {
      this.journal.info('the active controller is known again', {
        leader: this.lastLeaderId,
        afterMs: Math.round(nowMs - this.told.sinceMs),
      })
      this.told = undefined
    }
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`
