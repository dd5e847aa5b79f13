import type { Admin, GroupDescription, ItemError, ItemResult, TopicPartition } from '../client/index.ts'
import type { Host } from '../host/index.ts'
import { Errors, KafkaError } from '../protocol/index.ts'
import { groupOffsets } from './group-report.ts'
import type { OffsetPlace } from './offset-expression.ts'
import { partitionBounds, resolvePlaces, within } from './partition-places.ts'

/** Where a group shall continue. */
export type ResetTarget =
  | { readonly kind: 'place'; readonly place: OffsetPlace }
  | { readonly kind: 'current' }
  | { readonly kind: 'shift'; readonly count: number }
  | { readonly kind: 'offsets'; readonly offsets: readonly (TopicPartition & { readonly offset: number })[] }
  /** Where another group is. */
  | { readonly kind: 'group'; readonly group: string }

/** `chosen` undefined: every partition that the group has committed. */
export interface ResetRequest {
  readonly group: string
  readonly target: ResetTarget
  readonly chosen: readonly TopicPartition[] | undefined
}

export interface ResetStep extends TopicPartition {
  readonly group: string
  readonly priorOffset: number | bigint | null
  readonly newOffset: number
  /** What was asked for, when the partition does not reach there; else null. */
  readonly askedOffset: number | null
}

/**
 * What a reset would commit. Offsets are held within what the partition has, as Kafka's tool does.
 * @throws KafkaError when the group to follow has no offsets
 */
export async function planReset(admin: Admin, { group, target, chosen }: ResetRequest): Promise<ItemResult<TopicPartition, ResetStep>[]> {
  const prior = await committedOf(admin, group)
  const wanted = target.kind === 'group' ? await committedOf(admin, target.group) : prior
  if (target.kind === 'group' && wanted.size === 0)
    throw new KafkaError(Errors.GROUP_ID_NOT_FOUND, `group ${target.group} has committed no offsets that ${group} could take`)
  const partitions = partitionsToReset(target, chosen, prior, wanted)
  const step = (item: TopicPartition, newOffset: number, asked: number): ItemResult<TopicPartition, ResetStep> => {
    const priorOffset = prior.get(keyOf(item))?.offset ?? null
    return { item, error: null, value: { group, ...item, priorOffset, newOffset, askedOffset: asked === newOffset ? null : asked } }
  }
  if (target.kind === 'place' && target.place.kind !== 'stored') {
    const { place } = target
    return (await resolvePlaces(admin, partitions, place)).map(({ item, error, value }) => {
      if (error !== null) return { item, error, value: null }
      return step(item, value.offset, place.kind === 'offset' ? place.offset : value.offset)
    })
  }
  return (await partitionBounds(admin, partitions)).map(({ item, error, value }) => {
    if (error !== null) return { item, error, value: null }
    if (target.kind === 'shift' && !prior.has(keyOf(item))) return { item, error: nothingToShift, value: null }
    const asked = plainTarget(target, item, wanted, value.endOffset)
    return step(item, within(asked, value), asked)
  })
}

const nothingToShift: ItemError = {
  code: Errors.RESOURCE_NOT_FOUND,
  name: 'RESOURCE_NOT_FOUND',
  message: 'the group has committed no offset there that could be shifted',
  retriable: false,
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`

type Committed = ReadonlyMap<string, TopicPartition & { readonly offset: number | bigint }>

/** Where a group is, of whatever type. @throws KafkaError */
export async function committedOf(admin: Admin, group: string): Promise<Committed> {
  const known = (await groupState(admin, group)).group ?? ({ groupId: group, type: 'consumer' } as const)
  const [result] = await groupOffsets(admin, [known])
  const error = result?.error ?? null
  if (error !== null && error.code !== Errors.GROUP_ID_NOT_FOUND) throw new KafkaError(error.code, `group ${group}: ${error.message}`)
  const list = (result?.value ?? []).flatMap(({ item, value }) => (value === null ? [] : [{ ...item, offset: value.offset }]))
  return new Map(list.map((each) => [keyOf(each), each]))
}

function partitionsToReset(
  target: ResetTarget,
  chosen: readonly TopicPartition[] | undefined,
  prior: Committed,
  other: Committed,
): TopicPartition[] {
  const source = target.kind === 'offsets' ? target.offsets : target.kind === 'group' ? [...other.values()] : undefined
  const listed = (source ?? chosen ?? [...prior.values()]).map(({ topic, partition }) => ({ topic, partition }))
  if (source === undefined || chosen === undefined) return listed
  const keys = new Set(chosen.map(keyOf))
  return listed.filter((each) => keys.has(keyOf(each)))
}

/** For --to-current a partition without a committed offset counts as being at its end. */
function plainTarget(target: ResetTarget, item: TopicPartition, committed: Committed, endOffset: number): number {
  if (target.kind === 'offsets') return target.offsets.find((each) => keyOf(each) === keyOf(item))!.offset
  const current = Number(committed.get(keyOf(item))?.offset ?? endOffset)
  return target.kind === 'shift' ? current + target.count : current
}

export interface GroupState {
  readonly group: GroupDescription | undefined
  readonly active: boolean
}

/** Whether someone holds the group: offsets of an active group are not anyone else's to change. */
export async function groupState(admin: Admin, groupId: string): Promise<GroupState> {
  const [result] = await admin.describeGroups([groupId])
  if (result === undefined || result.error !== null) return { group: undefined, active: false }
  return { group: result.value, active: result.value.members.length > 0 }
}

/** Waits until nobody is in the group. False when somebody still is at the deadline. */
export async function waitUntilEmpty(admin: Admin, host: Host, groupId: string, timeoutMs: number): Promise<boolean> {
  const deadlineMs = host.clock.monotonic() + timeoutMs
  while ((await groupState(admin, groupId)).active) {
    if (host.clock.monotonic() >= deadlineMs) return false
    await new Promise<void>((resolve) => host.clock.after(500, resolve))
  }
  return true
}

/** Commits the steps and reads them back: what is not there afterwards has failed. */
export async function applyReset(admin: Admin, group: string, steps: readonly ResetStep[]): Promise<ItemResult<ResetStep>[]> {
  const offsets = steps.map(({ topic, partition, newOffset }) => ({ topic, partition, offset: newOffset }))
  const isShare = (await groupState(admin, group)).group?.type === 'share'
  const results = await (isShare ? admin.alterShareGroupOffsets(group, offsets) : admin.alterGroupOffsets(group, offsets))
  const after = await committedOf(admin, group)
  return steps.map((step, index): ItemResult<ResetStep> => {
    const error = results[index]!.error
    if (error !== null) return { item: step, error, value: null }
    const stored = after.get(keyOf(step))?.offset
    if (stored !== undefined && Number(stored) === step.newOffset) return { item: step, error: null, value: null }
    const message = `committed ${step.newOffset}, but the group has ${stored ?? 'nothing'} now`
    return { item: step, error: { code: -1, name: 'UNKNOWN_SERVER_ERROR', message, retriable: true }, value: null }
  })
}
