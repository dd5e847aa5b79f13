import type { Host, Journal, Timer } from '../host/index.ts'
import { Ledger } from '../ledger/index.ts'
import { type MetadataDelta, MetadataImage, type MetadataLoader, type MetadataRecord, type MetadataSubscriber } from '../metadata/index.ts'
import { type ErrorCode, Errors } from '../protocol/index.ts'
import type { LeaderAndEpoch, RaftDriver } from '../raft/index.ts'
import { activate } from './activation.ts'
import { type DeciderAnswer, type DeciderName, type DeciderRequest, deciders } from './deciders.ts'
import { MetadataLedgerLog } from './metadata-ledger-log.ts'
import {
  balanceLeaders,
  electUncleanLeaders,
  fenceOneStaleBroker,
  type PeriodicDecision,
  sweepExpiredTokens,
  writeNoOp,
} from './periodic.ts'
import type { ControllerSettings } from './settings.ts'
import { ControllerState } from './state.ts'
import { type ApiError, apiError, type Decision, type RequestContext } from './types.ts'

export type ControllerQuorum = Pick<
  RaftDriver,
  'append' | 'resign' | 'isLeader' | 'leaderAndEpoch' | 'highWatermark' | 'logEndOffset' | 'kraftVersion' | 'voters' | 'addWriter'
>

export interface ControllerOptions {
  readonly host: Pick<Host, 'clock' | 'random' | 'journal'>
  readonly quorum: ControllerQuorum
  /** The node's committed metadata; registered with the quorum by whoever made it. */
  readonly loader: MetadataLoader
  readonly settings: Omit<ControllerSettings, 'kraftVersion' | 'voterIds'>
  readonly timing: ControllerTiming
  /** Of the ledger. */
  readonly waitingAnswersMax?: number | undefined
  /** Raises kraft.version; without it the quorum stays at its level. */
  upgradeKraftVersion?(level: number, validateOnly: boolean): ApiError | undefined
}

export interface ControllerTiming {
  /** metadata.max.idle.interval.ms; undefined: no records to keep the log moving. */
  readonly idleIntervalMs: number | undefined
  /** leader.imbalance.check.interval.seconds, when auto.leader.rebalance.enable; undefined: not. */
  readonly imbalanceCheckIntervalMs: number | undefined
  /** unclean.leader.election.interval.ms */
  readonly uncleanElectionIntervalMs: number
  /** delegation.token.expiry.check.interval.ms */
  readonly tokenExpiryCheckIntervalMs: number
  /** After this an answer whose records are not committed is REQUEST_TIMED_OUT. */
  readonly answerTimeoutMs: number
}
export const defaultControllerTiming: ControllerTiming = {
  idleIntervalMs: 500,
  imbalanceCheckIntervalMs: 300_000,
  uncleanElectionIntervalMs: 300_000,
  tokenExpiryCheckIntervalMs: 3_600_000,
  answerTimeoutMs: 30_000,
}

/** Of whom a request is, as the broker knows it. */
export type Asker = Pick<RequestContext, 'apiVersion' | 'isForwarded' | 'allows' | 'chargePartitions'>

export type Outcome<A> =
  | { readonly errorCode: typeof Errors.NONE; readonly answer: A }
  /** NOT_CONTROLLER, REQUEST_TIMED_OUT, …: the request as a whole has no answer. */
  | { readonly errorCode: ErrorCode; readonly answer: undefined }

interface Task {
  readonly name: string
  readonly intervalMs: number
  decide(state: ControllerState, nowMs: number): PeriodicDecision
}
/** How soon a task runs again that has more to do. */
const TASK_AGAIN_MS = 10

/**
 * The controller of a node: decides while the node leads the metadata quorum, refuses with NOT_CONTROLLER while it does not. Its state is
 * a copy of the committed image that runs ahead by the decisions that are not committed yet; when leadership goes, it is thrown away.
 */
export class Controller implements MetadataSubscriber {
  private readonly options: ControllerOptions
  private readonly journal: Journal
  private readonly settings: ControllerSettings
  private readonly ledger: Ledger<ControllerState, MetadataRecord>
  private readonly timers = new Map<string, Timer>()
  private readonly unsubscribe: () => void
  /** Epoch in which this node is the active controller; -1: it is not. */
  private epoch = -1
  private closed = false

  constructor(options: ControllerOptions) {
    const { host, quorum, loader } = options
    this.options = options
    this.journal = host.journal.child('controller', { node: options.settings.nodeId })
    this.settings = {
      ...options.settings,
      get voterIds() {
        return quorum.voters.map(({ id }) => id)
      },
      kraftVersion: {
        get level() {
          return quorum.kraftVersion
        },
        upgrade: (level, validateOnly) => this.upgradeKraftVersion(level, validateOnly),
      },
    }
    this.ledger = new Ledger<ControllerState, MetadataRecord>({
      clock: host.clock,
      newState: () => new ControllerState(this.epoch >= 0 ? loader.image.copy() : new MetadataImage(), this.settings),
      inactiveError: Errors.NOT_CONTROLLER,
      loadingError: Errors.NOT_CONTROLLER,
      answerTimeoutMs: options.timing.answerTimeoutMs,
      waitingAnswersMax: options.waitingAnswersMax,
      // Apache Kafka's controller queues without end, and times out what it did not come to.
      fullError: Errors.REQUEST_TIMED_OUT,
      onFailed: (error) => this.failed(error),
    })
    const unsubscribe = loader.subscribe(this)
    const leave = quorum.addWriter({ flush: () => this.ledger.flush(), skipTo: (endOffset) => this.skipTo(endOffset) })
    this.unsubscribe = () => {
      unsubscribe()
      leave()
    }
  }

  get isActive(): boolean {
    return this.ledger.status === 'active'
  }
  get activeEpoch(): number {
    return this.isActive ? this.epoch : -1
  }
  /** Metadata as the active controller sees it, what is not committed included; for metrics. */
  get state(): ControllerState | undefined {
    return this.isActive ? this.ledger.state : undefined
  }

  /** Decides a request; resolves when what was decided is committed. Never rejects. */
  request<N extends DeciderName>(name: N, request: DeciderRequest<N>, asker: Asker): Promise<Outcome<DeciderAnswer<N>>> {
    const decide = deciders[name] as (
      state: ControllerState,
      request: DeciderRequest<N>,
      context: RequestContext,
    ) => Decision<DeciderAnswer<N>>
    const { clock, random } = this.options.host
    return new Promise((resolve) => {
      this.ledger.write(
        (state) => decide(state, request, { ...asker, nowMs: clock.monotonic(), random }),
        (errorCode, answer) =>
          resolve(errorCode === Errors.NONE ? { errorCode, answer: answer as DeciderAnswer<N> } : { errorCode, answer: undefined }),
      )
    })
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.unsubscribe()
    this.stopTasks()
    this.epoch = -1
    this.ledger.close()
  }

  onMetadata(_delta: MetadataDelta, { provenance }: MetadataImage): void {
    this.ledger.onCommitted(provenance.offset + 1)
  }

  onLeaderChange({ leaderId, epoch }: LeaderAndEpoch): void {
    if (this.closed) return
    const leads = leaderId === this.settings.nodeId
    if (this.epoch >= 0 && !(leads && this.isActive && epoch === this.epoch)) this.renounce()
    if (leads && this.epoch < 0) this.claim(epoch)
  }

  onFatal(): void {
    this.close()
  }

  /** The quorum wrote about its voters in between. */
  private skipTo(endOffset: number): void {
    if (!this.isActive) return
    this.ledger.skipTo(endOffset)
    this.ledger.state.nextOffset = endOffset
  }

  private claim(epoch: number): void {
    const { quorum, host } = this.options
    const log = new MetadataLedgerLog(quorum, epoch)
    // The quorum may have moved on since it said so; it will say that too.
    if (log.refusal() !== Errors.NONE) return
    this.epoch = epoch
    this.ledger.startLoading()
    this.ledger.activate(log)
    this.ledger.state.nextOffset = log.endOffset
    this.journal.info('this node is the active controller', { epoch, offset: log.endOffset })
    this.ledger.write(
      (state) => activate(state, host.clock.monotonic()),
      (error) => {
        if (error !== Errors.NONE) this.journal.warn('activation was not committed', { epoch, error })
      },
    )
    this.startTasks()
  }

  private renounce(): void {
    this.journal.info('this node is the active controller no more', { epoch: this.epoch })
    this.stopTasks()
    this.epoch = -1
    this.ledger.deactivate()
  }

  /** The ledger dropped its state: another leadership, of this node perhaps, starts from what is committed. */
  private failed(error: ErrorCode): void {
    const { epoch } = this
    // Raft has stepped down and this node has not heard of it yet: that is how leaderships end.
    if (error === Errors.NOT_CONTROLLER && !this.options.quorum.isLeader)
      this.journal.info('the metadata log takes no records of this node any more', { epoch })
    else this.journal.error('the metadata log took no records', { epoch, error })
    this.stopTasks()
    this.epoch = -1
    this.options.quorum.resign(epoch)
  }

  private upgradeKraftVersion(level: number, validateOnly: boolean): ApiError | undefined {
    const { quorum, upgradeKraftVersion } = this.options
    if (level === quorum.kraftVersion) return undefined
    if (upgradeKraftVersion !== undefined) return upgradeKraftVersion(level, validateOnly)
    return apiError(Errors.INVALID_UPDATE_VERSION, `kraft.version stays at ${quorum.kraftVersion} in this quorum.`)
  }

  private startTasks(): void {
    const { timing, settings, host } = this.options
    const { clock } = host
    const tasks: Task[] = [
      // Eight looks per session, and one when it is over.
      { name: 'fence stale brokers', intervalMs: settings.sessionTimeoutMs / 8, decide: fenceOneStaleBroker },
      { name: 'elect unclean leaders', intervalMs: timing.uncleanElectionIntervalMs, decide: electUncleanLeaders },
      {
        name: 'remove expired tokens',
        intervalMs: timing.tokenExpiryCheckIntervalMs,
        decide: (state) => sweepExpiredTokens(state, clock.now()),
      },
    ]
    if (timing.idleIntervalMs !== undefined) tasks.push({ name: 'keep moving', intervalMs: timing.idleIntervalMs, decide: writeNoOp })
    if (timing.imbalanceCheckIntervalMs !== undefined)
      tasks.push({ name: 'balance leaders', intervalMs: timing.imbalanceCheckIntervalMs, decide: balanceLeaders })
    for (const task of tasks) this.schedule(task, task.intervalMs)
  }

  private stopTasks(): void {
    for (const timer of this.timers.values()) timer.cancel()
    this.timers.clear()
  }

  private schedule(task: Task, delayMs: number): void {
    const { clock } = this.options.host
    const { epoch } = this
    const run = (): void =>
      this.ledger.write(
        (state) => task.decide(state, clock.monotonic()),
        (error, answer) => {
          if (this.epoch !== epoch || this.closed) return
          // That is how leaderships end: raft has stepped down, and this node is about to hear of it.
          if (error !== Errors.NONE && error !== Errors.NOT_CONTROLLER)
            this.journal.warn('a periodic task of the controller failed', { task: task.name, error })
          const { again = false, withinMs = task.intervalMs } = error === Errors.NONE ? (answer ?? {}) : {}
          this.schedule(task, again ? TASK_AGAIN_MS : Math.min(task.intervalMs, withinMs + 1))
        },
      )
    this.timers.set(task.name, clock.after(delayMs, run))
  }
}
