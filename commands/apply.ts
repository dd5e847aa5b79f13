import {
  type ChangeItem,
  confirmFlags,
  counted,
  DesiredCommand,
  desiredFlags,
  divide,
  type FailedItem,
  Fault,
  Flags,
  loadDesiredChange,
  messageOf,
  readTextFile,
  textArg,
  unknownBrokerSettings,
  usageFault,
} from '../src/cli/index.ts'
import type { Admin } from '../src/client/index.ts'
import type { Timer } from '../src/host/index.ts'
import { type Change, type Ending, type Fact, loadDesired, type SavedPlan } from '../src/ops/index.ts'

const LINES_SHOWN = 40
/** Brokers learn a moment later what the controller has done. */
const SETTLE_MS = 5000
const LOOK_MS = 50
/** How long an answer is waited for by whoever was told to stop. */
const GIVE_UP_MS = 5000

/** Changes, and what they were computed from. */
type Work = Pick<SavedPlan, 'changes' | 'facts'>

export default class Apply extends DesiredCommand {
  static override summary = 'make a cluster what files say it shall be'
  static override description =
    'Topics are created, given more partitions and another replication factor; settings, rules and quotas are set. What no file names stays: topics, rules and quotas go only with --allow-delete, settings only with --prune-configs. The files are read, and the cluster is asked whether it would take every change, before the first is made; then what will be done is shown, and asked for. When something fails all the same, nothing is taken away after it. Ctrl-C ends it after the request under way; however it ends, what was made, what was not and what is not known is listed. Run again there is nothing to do. Standard input has to end in a line of three dots then, as tkafka export does. Files are as that writes them: below topics the name of each with partitions, replicationFactor and configs; below configs brokers (an id, or default), groups and client-metrics with their settings; acls, a list of principal, allow or deny, topic or the like, pattern and host; quotas, a list of user, client-id, ip or default, and values. With --plan nothing is changed, and the exit code is 3 when something would be. A plan that -o has kept is made as it is, or refused when the cluster is no longer what it was made for.'
  static override examples = [
    '<%= config.bin %> apply -f cluster.yaml',
    {
      description: 'To be looked at first, and then made exactly so:',
      command: '<%= config.bin %> apply -f cluster/ --plan -o plan.json && <%= config.bin %> apply plan.json --yes',
    },
    {
      description: 'Topics of one team that are in no file go, with all records:',
      command: '<%= config.bin %> apply -f billing/ --allow-delete topics --prune-prefix billing.',
    },
  ]
  static override args = { plan: textArg('a plan that --plan -o has kept') }
  static override flags = {
    ...confirmFlags,
    ...desiredFlags,
    'dry-run': Flags.boolean({
      aliases: ['plan', 'validate-only', 'dry'],
      summary: 'only show what would be done; --plan is the same',
    }),
    save: Flags.string({
      char: 'o',
      aliases: ['out', 'save-plan'],
      summary: 'with --plan: keep the plan here',
      helpValue: 'PLAN.json',
    }),
  }

  /** Settings that brokers keep, and do not tell of. */
  readonly #untold = new Set<string>()

  async run(): Promise<void> {
    const { flags, args } = await this.read(Apply)
    if (args.plan !== undefined && (flags.file !== undefined || flags['allow-delete'] !== undefined || flags['prune-configs']))
      throw usageFault('a plan holds all that is to be done', `Leave out -f, --allow-delete and --prune-configs, or ${args.plan}.`)
    if (flags.save !== undefined && !flags['dry-run']) throw usageFault('-o keeps a plan, and changes nothing', 'Add --plan.')
    const renew = args.plan === undefined ? await this.#fromFiles(flags) : await this.#fromPlan(args.plan)
    const admin = await this.openAdmin(flags)
    const work = await renew(admin)
    const { changes } = work
    const untaken = changes.length === 0 ? [] : await this.#untaken(admin, changes)
    if (untaken.length > 0) {
      await this.#show([], untaken)
      return this.tell(`tkafka ${this.id}: the cluster would not take all of it, and nothing was done`, 'always')
    }
    if (flags.save !== undefined) await this.#save(flags.save, admin, work)
    if (changes.length === 0) {
      this.tell('the cluster is as the files say: there is nothing to do')
      return this.#show([], [])
    }
    if (flags['dry-run']) {
      await this.#show(changes, [], 'WOULD-DO')
      return this.answerNo()
    }
    const { isDestructive, makeChanges } = await loadDesired()
    const { changeLine, changeName } = await loadDesiredChange()
    const losses = changes.filter(isDestructive).length
    const lines = changes
      .slice(0, LINES_SHOWN)
      .map((change) => `${changeLine(change)}${isDestructive(change) ? ' (cannot be undone)' : ''}`)
    const more = changes.length > LINES_SHOWN ? [`…${changes.length - LINES_SHOWN} more: see them all with --plan`] : []
    const question = `Make ${counted(changes.length, 'change')}${losses === 0 ? '' : `, ${losses} of which cannot be undone`}?`
    if (!flags.yes) {
      await this.confirm(flags, [...lines, ...more], question)
      // Answering takes time.
      await this.#refuseChanged(work.facts, (await renew(admin)).facts)
    }
    const ending = await this.#ending()
    const { outcomes, left, unknown, failure } = await makeChanges(admin, changes, ending)
    const { values, errors } = divide(outcomes, changeName)
    const made = values.map(({ item }) => item)
    const isCut = ending.stop.aborted || failure !== undefined
    if (!isCut) await this.#settled(admin, made, ending.stop)
    await this.#show(made, errors, undefined, left, unknown)
    if (unknown.length > 0)
      this.tell(`what came of ${counted(unknown.length, 'change')} is not known, for no answer came: see tkafka diff`, 'always')
    if (left.length > 0) {
      const why = isCut ? '' : ', for something failed before and they take away'
      this.tell(`${counted(left.length, 'change')} not made${why}: run it again`, 'always')
    }
    if (failure !== undefined) throw failure
    if (made.some(({ what }) => what === 'replication'))
      this.tell('the replicas are copied in the background: see tkafka reassign status; reassign throttle set bounds what that takes')
  }

  /** How to compute what is to be done, as often as wanted. */
  async #fromFiles(
    flags: Parameters<DesiredCommand['pruning']>[0] & { readonly file?: string[] | undefined },
  ): Promise<(admin: Admin) => Promise<Work>> {
    const desired = await this.desired(flags.file, flags['prune-configs'] || flags['allow-delete'] !== undefined)
    const pruning = this.pruning(flags, desired)
    const { factsOf, obstacleTo, placeKey } = await loadDesired()
    let isWarned = false
    return async (admin) => {
      const { changes, observed } = await this.compare(admin, desired, pruning)
      const obstacles = changes.flatMap((change) => {
        const obstacle = obstacleTo(change)
        const place = change.what === 'partitions' ? desired.places.get(placeKey('topics', change.topic)) : undefined
        return obstacle === undefined ? [] : [`${place === undefined ? '' : `${place}: `}${obstacle}`]
      })
      if (obstacles.length > 0)
        throw new Fault(`what the files say cannot be brought about, and nothing was done:\n  ${obstacles.join('\n  ')}`, {
          hint: 'Write as many as there are, or leave the number out; fewer take another topic.',
        })
      if (!isWarned) {
        isWarned = true
        const keys = changes.flatMap((each) => (each.what === 'setting' && each.type === 'brokers' && each.to !== null ? [each.key] : []))
        const unknown = await unknownBrokerSettings(admin, keys)
        for (const [key, remark] of unknown) {
          this.tell(remark, 'always')
          this.#untold.add(key)
        }
      }
      return { changes, facts: factsOf(desired, observed, pruning, changes) }
    }
  }

  async #fromPlan(path: string): Promise<(admin: Admin) => Promise<Work>> {
    const { observeCluster, readPlan, sameFacts, scopeOfFacts } = await loadDesired()
    const plan = readPlan(await readTextFile(this.shell, path))
    if (plan === undefined)
      throw usageFault(
        `${path} is no plan of tkafka apply, or was changed since`,
        'Make one with tkafka apply -f FILE --plan -o PLAN.json; files go with -f.',
      )
    return async (admin) => {
      const { clusterId } = await admin.describeCluster()
      if (clusterId !== plan.clusterId)
        throw new Fault(`the plan is for the cluster ${plan.clusterId}, and this is ${clusterId}`, {
          hint: 'Nothing was changed: name the right cluster with -b or --profile.',
        })
      const observed = await observeCluster(admin, scopeOfFacts(plan.facts))
      await this.refuseUnseen(observed)
      await this.#refuseChanged(
        plan.facts,
        sameFacts(
          plan.facts.map(({ of }) => of),
          observed,
        ),
      )
      return plan
    }
  }

  /** @throws Fault */
  async #refuseChanged(before: readonly Fact[], now: readonly Fact[]): Promise<void> {
    const { changedFacts } = await loadDesired()
    const changed = changedFacts(before, now)
    if (changed.length === 0) return
    const shown = changed.length > 10 ? [...changed.slice(0, 10), `…${changed.length - 10} more`] : changed
    throw new Fault(`the cluster has changed since the plan was made, and nothing was done:\n  ${shown.join('\n  ')}`, {
      hint: 'Make a new plan: tkafka apply -f FILE --plan.',
    })
  }

  /** What the cluster would refuse: then nothing is made. What fails together is told once. */
  async #untaken(admin: Admin, changes: readonly Change[]): Promise<FailedItem[]> {
    const { tryChanges } = await loadDesired()
    const { changeName } = await loadDesiredChange()
    const { errors } = divide(await tryChanges(admin, changes), changeName)
    return [...new Map(errors.map((error) => [`${error.item} ${error.message}`, error])).values()]
  }

  async #save(path: string, admin: Admin, { changes, facts }: Work): Promise<void> {
    const { planText } = await loadDesired()
    const { clusterId } = await admin.describeCluster()
    const { disk } = await this.shell.host()
    try {
      await disk.replaceFile(path, Buffer.from(planText({ clusterId, facts, changes })))
    } catch (error) {
      throw new Fault(`cannot write ${path}: ${messageOf(error)}`, { cause: error })
    }
    this.tell(`kept in ${path}: made by tkafka apply ${path}, as long as the cluster is as it is`)
  }

  /** From here on Ctrl-C ends it in order: after the request under way, whose answer is waited for a while. */
  async #ending(): Promise<Ending> {
    const stop = this.shell.stopSignal()
    const { clock } = await this.shell.host()
    const giveUp = new AbortController()
    let timer: Timer | undefined
    const onStop = (): void => {
      timer = clock.after(GIVE_UP_MS, () => giveUp.abort())
    }
    stop.addEventListener('abort', onStop, { once: true })
    this.scope.defer(() => {
      stop.removeEventListener('abort', onStop)
      timer?.cancel()
    })
    return { stop, giveUp: giveUp.signal }
  }

  /** Until the cluster tells of what was made: who looks next shall see it. */
  async #settled(admin: Admin, made: readonly Change[], stop: AbortSignal): Promise<void> {
    if (made.length === 0) return
    const { isMade, observeCluster, scopeOfChanges } = await loadDesired()
    const { clock } = await this.shell.host()
    const deadlineMs = clock.monotonic() + SETTLE_MS
    for (let waitMs = LOOK_MS; ; waitMs *= 2) {
      const observed = await observeCluster(admin, scopeOfChanges(made))
      const open = made.filter((change) => !isMade(change, observed) && !(change.what === 'setting' && this.#untold.has(change.key)))
      if (open.length === 0 || stop.aborted) return
      if (clock.monotonic() + waitMs > deadlineMs)
        return this.tell(`the cluster does not tell of ${counted(open.length, 'change')} yet: see tkafka diff`)
      await this.pause(waitMs)
    }
  }

  async #show(
    changes: readonly Change[],
    errors: readonly FailedItem[],
    status?: string,
    left: readonly Change[] = [],
    unknown: readonly Change[] = [],
  ): Promise<void> {
    const { changeColumns, changeItem } = await loadDesiredChange()
    const isEmpty = changes.length + left.length + unknown.length + errors.length === 0
    await this.render<ChangeItem>({
      kind: 'ClusterChanges',
      items: [
        ...changes.map((change) => changeItem(change, status ?? (change.what === 'replication' ? 'STARTED' : 'DONE'))),
        ...unknown.map((change) => changeItem(change, 'UNKNOWN')),
        ...left.map((change) => changeItem(change, 'NOT-DONE')),
      ],
      errors,
      columns: changeColumns,
      ...(isEmpty && { text: () => '' }),
    })
  }
}
