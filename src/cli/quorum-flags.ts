import { parseUuid } from '../base/index.ts'
import { usageFault } from './fault.ts'
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

/** The id of a metadata directory, as meta.properties has it. @throws Fault (usage) */
export function directoryIdOf(text: string): string {
  const id = parseUuid(text)
  if (id === undefined)
    throw usageFault(`--directory-id ${text} is no id of a directory`, 'tkafka storage info shows it on the controller.')
  return id
}
