import { parseUuid } from '../base/index.ts'
import type { QuorumDescription } from '../client/index.ts'
import { Fault, usageFault } from './fault.ts'
import { Flags, parseDurationMs } from './flags.ts'

export const voterLagFlag = {
  'max-lag': Flags.string({ summary: 'how long a voter may be behind or silent', default: '5s', helpValue: 'TIME' }),
}

/** @throws Fault (usage) */
export function voterLagMs(flags: { readonly 'max-lag': string }): number {
  const lagMsMax = parseDurationMs(flags['max-lag'], '--max-lag')
  if (lagMsMax <= 0) throw usageFault('--max-lag must be more than nothing', 'Write 500ms, 5s, 1m.')
  return lagMsMax
}

/** How long a look at the quorum waits: its leader answers at once, and while there is none nobody does. */
export const QUORUM_LOOK_MS_MAX = 5000

/** What has to be done before votes can be given and taken, and what does without. */
export const fixedVotersHint = (change: string): string =>
  `Make it a dynamic one first: tkafka cluster features upgrade --feature kraft.version=1. Or ${change} controller.quorum.voters of all nodes, and restart them one after the other.`

/** Nobody is asked about what no quorum with fixed voters does. @throws Fault */
export async function refuseFixedVoters(quorum: Pick<QuorumDescription, 'voters'>, change: string): Promise<void> {
  const { hasFixedVoters } = await (await import('../ops/index.ts')).loadQuorumReport()
  if (hasFixedVoters(quorum))
    throw new Fault('the voters of this quorum are fixed by controller.quorum.voters (kraft.version 0)', { hint: fixedVotersHint(change) })
}

/** The id of a metadata directory, as meta.properties has it. @throws Fault (usage) */
export function directoryIdOf(text: string): string {
  const id = parseUuid(text)
  if (id === undefined)
    throw usageFault(`--directory-id ${text} is no id of a directory`, 'tkafka storage info shows it on the controller.')
  return id
}
