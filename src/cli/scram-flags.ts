import type { ScramMechanismName } from '../client/index.ts'
import { usageFault } from './fault.ts'
import { Flags } from './flags.ts'

export const mechanisms: readonly ScramMechanismName[] = ['SCRAM-SHA-256', 'SCRAM-SHA-512']

export const mechanismFlag = Flags.string({ char: 'm', summary: 'SCRAM-SHA-256 or SCRAM-SHA-512', helpValue: 'MECHANISM' })
export const iterationsFlag = Flags.string({ char: 'i', summary: 'rounds of hashing, 4096 to 16384', default: '4096', helpValue: 'N' })

/** `scram-sha-256`, `256`. @throws Fault (usage) */
export function mechanismOf(text: string): ScramMechanismName {
  const found = mechanisms.find((each) => each === text.toUpperCase() || each.endsWith(`-${text}`))
  if (found === undefined) throw usageFault(`there is no mechanism ${text}`, `One of ${mechanisms.join(', ')}.`)
  return found
}
