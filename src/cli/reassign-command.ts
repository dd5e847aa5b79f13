import type { Admin } from '../client/index.ts'
import { loadReassignment, type Target } from '../ops/index.ts'
import { ClusterCommand } from './cluster-command.ts'
import { usageFault } from './fault.ts'
import { Flags } from './flags.ts'

/** How kafka-reassign-partitions names the file. */
export const reassignmentFileFlags = {
  'reassignment-json-file': Flags.string({ aliases: ['file'], charAliases: ['f'], hidden: true }),
}
export const preserveThrottlesFlag = {
  'preserve-throttles': Flags.boolean({ summary: 'leave throttles as they are' }),
}

/** A command about moves that a file lists. */
export abstract class ReassignCommand extends ClusterCommand {
  /** @throws Fault */
  protected async targets(path: string | undefined, flags: { readonly 'reassignment-json-file'?: string | undefined }): Promise<Target[]> {
    const file = path ?? flags['reassignment-json-file']
    if (file === undefined)
      throw usageFault('which file?', 'Name one that tkafka reassign plan -f, or kafka-reassign-partitions, has written.')
    const { readTargets } = await import('./reassignment-file.ts')
    return readTargets(this.shell, file)
  }

  /** Once nothing is being moved in the cluster any more: throttles belong to all moves together. */
  protected async clearThrottles(admin: Admin, targets: readonly { readonly topic: string }[]): Promise<void> {
    const { activeMoves, clearThrottles } = await loadReassignment()
    if ((await activeMoves(admin)).length > 0) return
    const { throttleLines } = await import('./reassignment-text.ts')
    const outcome = await clearThrottles(
      admin,
      targets.map(({ topic }) => topic),
    )
    for (const line of throttleLines(outcome, 'cleared')) this.tell(line, outcome.failures.length > 0 ? 'always' : 'unless quiet')
  }
}
