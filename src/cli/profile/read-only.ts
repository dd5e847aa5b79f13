import type { Admin } from '../../client/index.ts'
import { type Fault, usageFault } from '../fault.ts'

/** Verbs that only look. One that is not here may change something. */
const lookingVerbs = new Set([
  ...['list', 'describe', 'show', 'status', 'health', 'id', 'offsets', 'plan', 'verify', 'api-versions', 'version-mapping'],
  ...[
    'feature-dependencies',
    'replication',
    'resolve',
    'check',
    'export',
    'producers',
    'find-hanging',
    'diff',
    'doctor',
    'analyze',
    'bundle',
  ],
  // What it sends goes to a topic that is not there.
  ...['consume', 'top', 'network'],
])

/** Whether a command line of a command may change something in its cluster. */
export function mayChange(id: string, flags: Readonly<Record<string, unknown>>): boolean {
  const verb = id.split(' ').at(-1)!
  if (verb === 'consume') return flags.group !== undefined || flags['share-group'] !== undefined
  // It shows what it would do, unless it is told to do it.
  if (id === 'groups reset') return flags.execute === true
  return !lookingVerbs.has(verb) || flags.abort === true
}

export const readOnlyFault = (profile: string, what: string): Fault =>
  usageFault(`profile ${profile} is read-only: ${what} is refused`, 'Name another profile with --profile, or look with --dry-run.')

/** An administrator that only looks, whatever is asked of it. */
export function readOnlyAdmin(admin: Admin, profile: string): Admin {
  const refused = Object.entries(admin).filter(([name, value]) => typeof value === 'function' && !/^(describe|list|close$)/.test(name))
  const refusals = refused.map(([name]) => [name, () => Promise.reject(readOnlyFault(profile, name))])
  return Object.assign({ ...admin }, Object.fromEntries(refusals))
}
