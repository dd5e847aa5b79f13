import {
  bytesText,
  type ClusterFlags,
  confirmFlags,
  cordonOutlives,
  counted,
  dryRunFlag,
  type FailedItem,
  Fault,
  Flags,
  fixedVotersHint,
  loadReassignmentFile,
  loadReassignmentText,
  moveFlags,
  parseCount,
  parsePartitions,
  plainStyle,
  ReassignCommand,
  type ThrottleWish,
  textArgs,
  usageFault,
} from '../../src/cli/index.ts'
import type { Admin } from '../../src/client/index.ts'
import {
  type BrokerHolding,
  type Drain,
  loadDecommission,
  loadLeaderElection,
  loadQuorumReport,
  loadReassignmentPlan,
  type PlannedMove,
} from '../../src/ops/index.ts'

/** Topics that are made meanwhile may put replicas on the broker again. */
const ROUNDS_MAX = 10
const LOOK_MS = 1000
const AGREE_MS = 300
const LOOKS_MAX = 10

export interface Decommission extends BrokerHolding {
  readonly status: 'WOULD-DRAIN' | 'DRAINING' | 'DRAINED' | 'UNREGISTERED'
}

export default class BrokerDecommission extends ReassignCommand {
  static override summary = 'take everything from brokers that shall go'
  static override description =
    'Their replicas move to the others, racks kept apart, and with them what they lead; when they have stopped, the cluster forgets them, if that is wanted. The plan is shown first. Run again, it goes on where it was, also after Ctrl-C or --detach: the moves go on in the cluster. New replicas are kept away from them (cordoned.log.dirs, from metadata.version 4.3 on), which lasts until the broker is forgotten with --unregister, or broker recommission lets it stay.'
  static override examples = [
    { description: 'What it would cost:', command: '<%= config.bin %> broker decommission 3 --dry-run' },
    '<%= config.bin %> broker decommission 3 --throttle auto',
    {
      description: 'In the background; the second time it tells how far that is:',
      command: '<%= config.bin %> broker decommission 3 --detach --yes',
    },
    {
      description: 'Two at once, forgotten as soon as they have stopped:',
      command: '<%= config.bin %> broker decommission 3 4 --unregister',
    },
  ]
  static override args = { id: textArgs('node.id of the brokers') }
  static override flags = {
    ...confirmFlags,
    ...moveFlags,
    detach: Flags.boolean({ aliases: ['no-wait'], summary: 'start the moves and do not stay' }),
    unregister: Flags.boolean({ summary: 'forget the brokers afterwards; waits until they have stopped' }),
    file: Flags.string({ char: 'f', summary: 'where to keep the plan, for reassign rollback', helpValue: 'FILE' }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(BrokerDecommission)
    const ids = [...new Set(argv.flatMap((text) => parsePartitions(text, 'the broker')))]
    if (ids.length === 0) throw usageFault('which brokers?', 'See tkafka cluster describe --include-fenced.')
    if (flags.detach && flags.unregister) throw usageFault('--unregister waits for the end', 'Leave out --detach.')
    const throttle = await this.throttleWish(flags.throttle, !flags.detach)
    const batch = flags.batch === undefined ? undefined : parseCount(flags.batch, '--batch', 1)
    const admin = await this.openAdmin(flags)
    const { brokerHoldings } = await loadDecommission()
    const before = await brokerHoldings(admin, ids)
    const unknown = before.filter(({ state, replicas }) => state === 'gone' && replicas === 0)
    if (unknown.length > 0)
      throw new Fault(`there is no broker ${unknown.map(({ broker }) => broker).join(', ')}`, {
        hint: 'See tkafka cluster describe --include-fenced.',
      })
    const drain = await this.#plan(admin, ids)
    if (flags['dry-run']) return this.#showPlan(drain, before)
    const outcome = await this.#drain(admin, ids, drain, { ...flags, throttle, batch })
    const after = await brokerHoldings(admin, ids)
    const forgotten = outcome.isDone ? await this.#forget(admin, after, flags) : []
    await this.#show(
      after.map((each) => ({ ...each, status: forgotten.includes(each.broker) ? 'UNREGISTERED' : statusOf(each) })),
      outcome.errors,
    )
    if (outcome.isDone) return
    const throttled = throttle === undefined ? '' : ', and stay throttled'
    const words = ids.join(' ')
    this.tell(
      `the moves go on in the cluster${throttled}: see tkafka reassign status. tkafka broker decommission ${words} stays with them to the end${throttled === '' ? '' : ', and takes the throttles away'}; tkafka broker recommission ${words} stops them`,
    )
    if (!flags.detach) this.answerNo()
  }

  /**
   * The plan that two looks agree on: right after a move the broker that is asked may still tell of replicas that are gone, which a plan
   * would give a new place.
   */
  async #plan(admin: Admin, ids: readonly number[]): Promise<Drain> {
    const { planDrain } = await loadDecommission()
    const { PlanError } = await loadReassignmentPlan()
    let last: string | undefined
    for (let look = 1; ; look++) {
      const drain = await planDrain(admin, ids).catch((error: unknown) => {
        if (error instanceof PlanError) return error
        throw error
      })
      const told = drain instanceof PlanError ? drain.message : JSON.stringify([drain.moves, drain.moving].map((list) => list.map(wayOf)))
      if (told === last || look === LOOKS_MAX) {
        if (!(drain instanceof PlanError)) return drain
        throw new Fault(drain.message, {
          hint: 'Add a broker first, or lower replication factors: tkafka topics alter --replication-factor.',
        })
      }
      last = told
      await this.pause(AGREE_MS)
    }
  }

  async #drain(
    admin: Admin,
    ids: readonly number[],
    first: Drain,
    flags: {
      readonly yes: boolean
      readonly detach: boolean
      readonly file?: string | undefined
      readonly throttle: ThrottleWish
      readonly batch: number | undefined
    },
  ): Promise<{ readonly isDone: boolean; readonly errors: readonly FailedItem[] }> {
    const moved: PlannedMove[] = []
    let drain = first
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const { moves, moving, diverted, leaderless } = drain
      if (moves.length + moving.length === 0) {
        await this.#leadElsewhere(admin, moved)
        return { isDone: true, errors: [] }
      }
      if (leaderless.length > 0)
        this.tell(
          `without a leader, so that nothing can be copied: ${leaderless.slice(0, 5).join(', ')}; see topics elect-leaders`,
          'always',
        )
      if (moving.length > 0 && round === 0) this.tell(`${counted(moving.length, 'partition is', 'partitions are')} on their way already`)
      if (moves.length > 0 && round === 0) await this.#agree(drain, ids, flags)
      if (round === 0) await this.#cordon(admin, ids)
      const { started, errors, isDone } = await this.carryOut(admin, { ...flags, moves, moving, diverted, wait: !flags.detach })
      moved.push(...started, ...moving)
      if (!isDone || errors.length > 0) return { isDone: false, errors }
      drain = await this.#plan(admin, ids)
    }
    throw new Fault(`after ${ROUNDS_MAX} rounds there are still replicas on broker ${ids.join(', ')}`, {
      hint: 'Who makes topics there?',
    })
  }

  /** What is made meanwhile shall not come to those that go. Where that cannot be had, further rounds see to it. */
  async #cordon(admin: Admin, ids: readonly number[]): Promise<void> {
    const { cordonBrokers } = await loadDecommission()
    for (const { broker, reason, unchanged } of await cordonBrokers(admin, ids)) {
      if (reason !== null) this.tell(`broker ${broker} may still be given new replicas: ${reason}`, 'always')
      else if (!unchanged)
        this.tell(`broker ${broker} takes no new replicas from now on; should it stay after all: tkafka broker recommission ${broker}`)
    }
  }

  async #agree(drain: Drain, ids: readonly number[], flags: { readonly yes: boolean; readonly file?: string | undefined }): Promise<void> {
    const { planText } = await loadReassignmentText()
    if (!flags.yes)
      for (const line of (await planText(drain.moves, drain.shares, plainStyle)).trimEnd().split('\n')) this.tell(line, 'always')
    await this.confirm(flags, [], `Take everything from broker ${ids.join(', ')}?`)
    if (flags.file === undefined) return
    const { movesJson } = await loadReassignmentFile()
    await (await this.shell.host()).disk.replaceFile(flags.file, Buffer.from(movesJson(drain.moves, 'to')))
    this.tell(`${flags.file} keeps the plan: tkafka reassign rollback ${flags.file} takes it back`)
  }

  /** Those that lead by preference now do so; where they do already, or cannot yet, it is no failure. */
  async #leadElsewhere(admin: Admin, moved: readonly PlannedMove[]): Promise<void> {
    if (moved.length === 0) return
    const { holdElection } = await loadLeaderElection()
    const partitions = moved.map(({ topic, partition }) => ({ topic, partition }))
    const failed = (await holdElection(admin, 'preferred', partitions, [])).filter(({ error }) => error !== null)
    if (failed.length > 0)
      this.tell(
        `${counted(failed.length, 'partition is', 'partitions are')} not led by their preferred leader yet: tkafka topics elect-leaders`,
      )
  }

  /** Gives those that the cluster has forgotten. */
  async #forget(
    admin: Admin,
    holdings: readonly BrokerHolding[],
    flags: ClusterFlags & { readonly yes: boolean; readonly unregister: boolean },
  ): Promise<number[]> {
    const { brokerHoldings, forgetBroker } = await loadDecommission()
    const stop = this.shell.stopSignal()
    const forgotten: number[] = []
    for (const { broker, votes, state } of holdings) {
      if (state === 'gone') continue
      if (votes === true) await this.#tellOfVote(admin, broker)
      if (!flags.unregister && (state === 'up' || this.shell.stdin.isTTY !== true)) {
        const first = state === 'up' ? 'stop it, then ' : ''
        this.tell(`broker ${broker} holds nothing any more: ${first}tkafka broker unregister ${broker}`)
        continue
      }
      let now: BrokerHolding['state'] = state
      if (now === 'up') this.tell(`broker ${broker} holds nothing any more: stop it; waiting …`)
      while (now === 'up' && !stop.aborted) {
        await this.pause(LOOK_MS)
        now = (await brokerHoldings(admin, [broker]))[0]!.state
      }
      if (stop.aborted) break
      try {
        await this.confirm(flags, [`broker ${broker} is ${now}, and holds nothing`], `Forget broker ${broker}?`)
      } catch (error) {
        // Who only asked to drain it may say no: that is done.
        if (flags.unregister || !(error instanceof Fault)) throw error
        continue
      }
      const cordoned = await forgetBroker(admin, broker, (servers) => this.openControllers(servers, flags))
      if (cordoned !== null) this.tell(cordonOutlives(broker, cordoned), 'always')
      forgotten.push(broker)
    }
    return forgotten
  }

  /** What takes its vote, which it keeps. */
  async #tellOfVote(admin: Admin, broker: number): Promise<void> {
    const { hasFixedVoters } = await loadQuorumReport()
    const kept = `broker ${broker} has a vote in the metadata quorum, which it keeps`
    const remove = `tkafka cluster quorum remove-controller -i ${broker}`
    if (!hasFixedVoters(await admin.describeQuorum())) return this.tell(`${kept}: ${remove}`)
    this.tell(`${kept}, for controller.quorum.voters fixes it (kraft.version 0). ${fixedVotersHint(`take ${broker} out of`)}`)
  }

  async #showPlan({ moves, moving, shares }: Drain, holdings: readonly BrokerHolding[]): Promise<void> {
    if (moving.length > 0) this.tell(`${counted(moving.length, 'partition is', 'partitions are')} on their way already`)
    if (moves.length + moving.length === 0)
      return this.#show(
        holdings.map((each) => ({ ...each, status: 'DRAINED' })),
        [],
      )
    const { moveColumns, planText } = await loadReassignmentText()
    await this.render<PlannedMove>({
      kind: 'ReassignmentPlan',
      items: moves,
      columns: moveColumns,
      text: (items, style) => (items.length === 0 ? '' : planText(items, shares, style)),
    })
  }

  #show(items: readonly Decommission[], errors: readonly FailedItem[]): Promise<void> {
    return this.render<Decommission>({
      kind: 'BrokerDecommission',
      items,
      errors,
      columns: [
        { name: 'BROKER', value: ({ broker }) => broker, right: true },
        { name: 'STATE', value: ({ state }) => state },
        { name: 'REPLICAS', value: ({ replicas }) => replicas, right: true },
        { name: 'LEADERS', value: ({ leaders }) => leaders, right: true },
        { name: 'SIZE', value: ({ bytes }) => bytes, text: ({ bytes }) => bytesText(bytes), right: true },
        { name: 'STATUS', value: ({ status }) => status },
      ],
    })
  }
}

const wayOf = ({ topic, partition, to }: PlannedMove): unknown => [topic, partition, to]
const statusOf = ({ replicas }: BrokerHolding): Decommission['status'] => (replicas === 0 ? 'DRAINED' : 'DRAINING')
