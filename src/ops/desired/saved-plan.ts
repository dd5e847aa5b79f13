import { createHash } from 'node:crypto'
import type { Change, Pruning } from './changes.ts'
import { byText, type DesiredState, quotaEntityKey, ruleKey, type Settings } from './desired-state.ts'
import type { ObservedState, Scope } from './observed-state.ts'

/** What a plan was computed from: something of the cluster, and what it was; null: it was not there. */
export interface Fact {
  readonly of: readonly string[]
  readonly is: string | null
}

/** Changes that somebody may look at before they are made. */
export interface SavedPlan {
  readonly apiVersion: 'tkafka/v1'
  readonly kind: 'ApplyPlan'
  readonly clusterId: string
  /** Of what it was computed from, and of what came of that: a plan that was changed since is none. */
  readonly hash: string
  readonly facts: readonly Fact[]
  readonly changes: readonly Change[]
}

/** Everything of the cluster that the files, and the pruning, say something about. */
export function factsOf(desired: DesiredState, observed: ObservedState, pruning: Pruning, changes: readonly Change[]): Fact[] {
  const keys: string[][] = []
  const own = new Map<string, Settings>([
    ...observed.topics.map(({ name, configs }) => [`topics ${name}`, configs] as const),
    ...observed.configs.map(({ type, name, configs }) => [`${type} ${name}`, configs] as const),
  ])
  const settings = (type: string, name: string, wanted: readonly string[]): void => {
    const known = pruning.configs ? Object.keys(own.get(`${type} ${name}`) ?? {}) : []
    for (const key of new Set([...wanted, ...known])) keys.push(['setting', type, name, key])
  }
  for (const { name, configs } of desired.topics) {
    keys.push(['topic', name])
    settings('topics', name, Object.keys(configs))
  }
  for (const { type, name, configs } of desired.configs) settings(type, name, Object.keys(configs))
  for (const rule of desired.acls) keys.push(['rule', ruleKey(rule)])
  for (const { entity, values } of desired.quotas)
    for (const quota of Object.keys(values)) keys.push(['quota', quotaEntityKey(entity), quota])
  // What goes was looked at too.
  for (const change of changes) {
    if (change.what === 'delete-topic') keys.push(['topic', change.topic])
    if (change.what === 'remove-rule') keys.push(['rule', ruleKey(change.rule)])
    if (change.what === 'quota') keys.push(['quota', quotaEntityKey(change.entity), change.quota])
  }
  const texts = [...new Set(keys.map((key) => JSON.stringify(key)))].sort(byText)
  return sameFacts(
    texts.map((text) => JSON.parse(text) as string[]),
    observed,
  )
}

/** The same things as they are now. */
export function sameFacts(keys: readonly (readonly string[])[], observed: ObservedState): Fact[] {
  const known = new Map<string, string>()
  const note = (of: readonly string[], is: string): void => void known.set(JSON.stringify(of), is)
  for (const { name, id, partitions, replicationFactor, configs } of observed.topics) {
    note(['topic', name], `${partitions} partitions of ${replicationFactor} replicas${id === null ? '' : `, id ${id}`}`)
    for (const [key, value] of Object.entries(configs)) note(['setting', 'topics', name, key], value)
  }
  for (const { type, name, configs } of observed.configs)
    for (const [key, value] of Object.entries(configs)) note(['setting', type, name, key], value)
  for (const rule of observed.acls) note(['rule', ruleKey(rule)], 'there')
  for (const { entity, values } of observed.quotas)
    for (const [quota, value] of Object.entries(values)) note(['quota', quotaEntityKey(entity), quota], String(value))
  return keys.map((of) => ({ of, is: known.get(JSON.stringify(of)) ?? null }))
}

/** What has to be looked at to tell whether facts still hold. */
export function scopeOfFacts(facts: readonly Fact[]): Scope {
  const topics = new Set(facts.flatMap(({ of: [what, one, name] }) => (what === 'topic' ? [one] : one === 'topics' ? [name] : [])))
  const resources = facts.flatMap(({ of: [what, type, name] }) => (what === 'setting' && type !== 'topics' ? [`${type} ${name}`] : []))
  return {
    topics: (name) => topics.has(name),
    resources: [...new Set(resources)].map((text) => {
      const at = text.indexOf(' ')
      return { type: text.slice(0, at) as 'brokers', name: text.slice(at + 1) }
    }),
    acls: facts.some(({ of }) => of[0] === 'rule'),
    quotas: facts.some(({ of }) => of[0] === 'quota'),
  }
}

type Hashed = Pick<SavedPlan, 'clusterId' | 'facts' | 'changes'>

const hashOf = ({ clusterId, facts, changes }: Hashed): string =>
  createHash('sha256')
    .update(JSON.stringify([clusterId, facts, changes]))
    .digest('hex')

/** Facts that are not so any more, in words. */
export function changedFacts(before: readonly Fact[], now: readonly Fact[]): string[] {
  const known = new Map(now.map(({ of, is }) => [JSON.stringify(of), is]))
  return before.flatMap(({ of, is }) => {
    const current = known.get(JSON.stringify(of)) ?? null
    return current === is ? [] : [`${factName(of)} was ${is ?? 'not there'}, and is ${current ?? 'not there'}`]
  })
}

function factName([what, ...names]: readonly string[]): string {
  if (what === 'rule') {
    const [principal, resourceType, name, , permission, operation] = JSON.parse(names[0]!) as string[]
    return `the rule ${permission} ${principal} ${operation} ${resourceType} ${name}`
  }
  if (what !== 'quota')
    return [what === 'setting' ? names[0] : what, ...names.slice(what === 'setting' ? 1 : 0)].map((each) => each || 'default').join(' ')
  const entity = (JSON.parse(names[0]!) as [string, string | null][]).map(([type, name]) => `${type}=${name ?? '<default>'}`)
  return `${names[1]} of ${entity.join(', ')}`
}

export function planText({ clusterId, facts, changes }: Hashed): string {
  // As it will be read: a field that is not there is no field.
  const whole: Hashed = JSON.parse(JSON.stringify({ clusterId, facts, changes }))
  const plan: SavedPlan = { apiVersion: 'tkafka/v1', kind: 'ApplyPlan', hash: hashOf(whole), ...whole }
  return `${JSON.stringify(plan, null, 2)}\n`
}

/** Undefined: the text is no plan, or not a whole one. */
export function readPlan(text: string): SavedPlan | undefined {
  let plan: Partial<SavedPlan> | null
  try {
    plan = JSON.parse(text)
  } catch {
    return undefined
  }
  if (plan?.apiVersion !== 'tkafka/v1' || plan.kind !== 'ApplyPlan' || typeof plan.clusterId !== 'string') return undefined
  if (!Array.isArray(plan.facts) || !Array.isArray(plan.changes)) return undefined
  return plan.hash === hashOf(plan as SavedPlan) ? (plan as SavedPlan) : undefined
}
