import type { Admin } from '../client/index.ts'
import { type Change, type DesiredState, loadDesired, type ObservedState, type Pruning } from '../ops/index.ts'
import { ClusterCommand } from './cluster-command.ts'
import { Fault, usageFault } from './fault.ts'
import { Flags } from './flags.ts'

const FAULTS_SHOWN = 20
const prunable = ['topics', 'acls', 'quotas'] as const

/** Flags of verbs that compare files with a cluster. */
export const desiredFlags = {
  file: Flags.string({
    char: 'f',
    aliases: ['filename'],
    multiple: true,
    multipleNonGreedy: true,
    summary: 'a file, or a directory of files that end in .yaml or .yml; - is standard input',
    helpValue: 'FILE|DIR',
  }),
  'allow-delete': Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    summary: 'what no file names goes: topics, acls, quotas, one or several separated by commas',
    helpValue: 'KIND',
  }),
  'prune-prefix': Flags.string({
    aliases: ['prefix'],
    summary:
      "only what begins so goes: topics, what rules are about, users and clients; '' is everything but topics named _… and connect-…",
    helpValue: 'PREFIX',
  }),
  'prune-configs': Flags.boolean({
    summary: 'settings of their own that topics, brokers and groups in the files do not name go back to the default',
  }),
}

interface PruningFlags {
  readonly 'allow-delete'?: string[] | undefined
  readonly 'prune-prefix'?: string | undefined
  readonly 'prune-configs': boolean
}

export interface Comparison {
  readonly observed: ObservedState
  readonly changes: readonly Change[]
}

/** Where nobody may look at the cluster itself. */
export const unseenMoves = 'you may not see which replicas move: replication factors are told as of now'

/** A command that compares files with a cluster. */
export abstract class DesiredCommand extends ClusterCommand {
  #isTold = false

  /** What the files say; every mistake in them at once. With `isPruned` what they leave out may go: a pipe must not have been cut. @throws Fault */
  protected async desired(paths: readonly string[] | undefined, isPruned: boolean): Promise<DesiredState> {
    if (paths === undefined || paths.length === 0) throw usageFault('which files?', 'Name them with -f; tkafka export writes some.')
    const { desiredTexts, STANDARD_INPUT } = await import('./desired-files.ts')
    const texts = await desiredTexts(this.shell, paths)
    const { hasEndMark, readDesired } = await loadDesired()
    if (isPruned && texts.some(({ path, text }) => path === STANDARD_INPUT && !hasEndMark(text)))
      throw usageFault(
        'standard input may have been cut: it does not end in a line of three dots, and what it leaves out would go',
        'tkafka export writes that line when it could see everything; end what you write yourself with "...".',
      )
    const { state, faults } = readDesired(texts)
    const [first] = faults
    if (first !== undefined) {
      const lines = faults.slice(0, FAULTS_SHOWN).map(({ place, what, next }) => `  ${place}: ${what}. ${next}`.trimEnd())
      const more = faults.length > FAULTS_SHOWN ? [`  …${faults.length - FAULTS_SHOWN} more`] : []
      throw usageFault(
        ['the files have mistakes, and nothing was done:', ...lines, ...more].join('\n'),
        'What tkafka export writes is an example; tkafka apply --help says what else there is.',
      )
    }
    if (state.kinds.size === 0)
      throw usageFault('the files say nothing', 'They have topics:, configs:, acls: or quotas:; tkafka export writes an example.')
    return state
  }

  /** @throws Fault (usage) */
  protected pruning(flags: PruningFlags, desired: DesiredState): Pruning {
    const kinds = new Set<(typeof prunable)[number]>()
    for (const text of (flags['allow-delete'] ?? []).flatMap((each) => each.split(','))) {
      const kind = prunable.find((each) => each === text.trim())
      if (kind === undefined) throw usageFault(`--allow-delete ${text}`, `One of ${prunable.join(', ')}, several separated by commas.`)
      kinds.add(kind)
      if (!desired.kinds.has(kind)) this.tell(`no file has ${kind}: those of the cluster stay`, 'always')
    }
    if (kinds.size > 0 && flags['prune-prefix'] === undefined)
      throw usageFault(
        '--allow-delete needs --prune-prefix',
        "Say what the names of what may go begin with; --prune-prefix '' is everything but topics named _… and connect-….",
      )
    if (kinds.size === 0 && flags['prune-prefix'] !== undefined)
      throw usageFault('--prune-prefix goes with --allow-delete', `Say what may go: ${prunable.join(', ')}.`)
    return { configs: flags['prune-configs'], kinds, prefix: flags['prune-prefix'] ?? '' }
  }

  /** @throws Fault when something of the cluster cannot be found out */
  protected async compare(admin: Admin, desired: DesiredState, pruning: Pruning): Promise<Comparison> {
    const { changesBetween, observeCluster, scopeOf } = await loadDesired()
    const observed = await observeCluster(admin, scopeOf(desired, pruning))
    await this.refuseUnseen(observed)
    return { observed, changes: changesBetween(desired, observed, pruning) }
  }

  /** What cannot be seen cannot be compared. @throws Fault */
  protected async refuseUnseen({ areMovesUnseen, failures }: ObservedState): Promise<void> {
    if (areMovesUnseen && !this.#isTold) this.tell(unseenMoves)
    this.#isTold = true
    if (failures.length === 0) return
    await this.reportFailures(failures.map(({ kind, item, error }) => ({ ...error, item: item || kind })))
    throw new Fault('not all that the files are about could be seen; nothing was changed')
  }
}
