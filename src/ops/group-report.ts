import type { Admin, GroupDescription, ItemResult, TopicPartition } from '../client/index.ts'
import { type PartitionBounds, partitionBounds } from './partition-places.ts'

export interface PartitionLag extends TopicPartition {
  readonly group: string
  /** Null: nothing committed. */
  readonly currentOffset: number | bigint | null
  readonly logStartOffset: number | null
  readonly logEndOffset: number | null
  /** Records between; null when one of the two is not known. */
  readonly lag: number | null
  /** `ok`, `lost` (records before the log start are gone), `none` (nothing committed), `unknown` (the partition could not be asked). */
  readonly status: 'ok' | 'lost' | 'none' | 'unknown'
  readonly memberId: string | null
  readonly groupInstanceId: string | null
  readonly host: string | null
  readonly clientId: string | null
}

export interface GroupReport extends GroupDescription {
  /** Sum over the partitions where it is known. */
  readonly lag: number
  readonly partitions: readonly PartitionLag[]
}

/** Groups with members, committed offsets and lag. */
export async function groupReports(admin: Admin, groupIds: readonly string[]): Promise<ItemResult<string, GroupReport>[]> {
  const described = await admin.describeGroups(groupIds)
  const found = described.flatMap(({ value }) => (value === null ? [] : [value]))
  const offsets = new Map((await groupOffsets(admin, found)).map((each) => [each.item, each]))
  const wanted = new Map<string, TopicPartition>()
  for (const { item, value } of described) {
    for (const each of offsets.get(item)?.value ?? []) wanted.set(keyOf(each.item), each.item)
    for (const member of value?.members ?? []) for (const each of member.assignment) wanted.set(keyOf(each), each)
  }
  const bounds = new Map((await partitionBounds(admin, [...wanted.values()])).map(({ item, value }) => [keyOf(item), value]))
  return described.map(({ item, error, value }): ItemResult<string, GroupReport> => {
    if (error !== null) return { item, error, value: null }
    const committed = offsets.get(item)!
    if (committed.error !== null) return { item, error: committed.error, value: null }
    const places = new Map(committed.value.flatMap((each) => (each.value === null ? [] : [[keyOf(each.item), each.value] as const])))
    const partitions = lagOf(value, places, bounds, wanted)
    return { item, error: null, value: { ...value, lag: partitions.reduce((sum, each) => sum + (each.lag ?? 0), 0), partitions } }
  })
}

/** How far a group is in a partition. */
export interface GroupOffset extends TopicPartition {
  /** Where it goes on; of a share group the first record that is not delivered for good. */
  readonly offset: number | bigint
  /** What a share group still has to deliver there, which offsets do not tell; null: to be reckoned from them. */
  readonly lag: number | null
}

/** As it is kept for the type of each group. Partitions without an offset are left out. */
export async function groupOffsets(
  admin: Admin,
  groups: readonly Pick<GroupDescription, 'groupId' | 'type'>[],
): Promise<ItemResult<string, ItemResult<TopicPartition, GroupOffset>[]>[]> {
  const { shared = [], others = [] } = Object.groupBy(groups, ({ type }) => (type === 'share' ? 'shared' : 'others'))
  const idsOf = (list: typeof groups): string[] => list.map(({ groupId }) => groupId)
  const [ofShared, ofOthers] = await Promise.all([admin.listShareGroupOffsets(idsOf(shared)), admin.listGroupOffsets(idsOf(others))])
  const begun = ofShared.map((each) =>
    eachOf(each, ({ startOffset, lag, ...item }) => ({ ...item, offset: startOffset, lag: lag < 0 ? null : Number(lag) })),
  )
  const known = begun.map((each) =>
    each.value === null ? each : { ...each, value: each.value.filter(({ value }) => value === null || value.offset >= 0) },
  )
  return [...known, ...ofOthers.map((each) => eachOf(each, ({ topic, partition, offset }) => ({ topic, partition, offset, lag: null })))]
}

function eachOf<V>(
  { item, error, value }: ItemResult<string, ItemResult<TopicPartition, V>[]>,
  offsetOf: (value: V) => GroupOffset,
): ItemResult<string, ItemResult<TopicPartition, GroupOffset>[]> {
  if (error !== null) return { item, error, value: null }
  const offsets = value.map(
    (each): ItemResult<TopicPartition, GroupOffset> =>
      each.error === null
        ? { item: each.item, error: null, value: offsetOf(each.value) }
        : { item: each.item, error: each.error, value: null },
  )
  return { item, error: null, value: offsets }
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`

function lagOf(
  group: GroupDescription,
  committed: ReadonlyMap<string, GroupOffset>,
  bounds: ReadonlyMap<string, PartitionBounds | null>,
  partitions: ReadonlyMap<string, TopicPartition>,
): PartitionLag[] {
  const owners = new Map(group.members.flatMap((member) => member.assignment.map((each) => [keyOf(each), member] as const)))
  const keys = new Set([...committed.keys(), ...owners.keys()])
  const rows = [...keys].map((key): PartitionLag => {
    const { topic, partition } = partitions.get(key)!
    const bound = bounds.get(key) ?? null
    const known = committed.get(key)
    const currentOffset = known?.offset ?? null
    const owner = owners.get(key)
    const between = bound === null || currentOffset === null ? null : Math.max(0, bound.endOffset - Number(currentOffset))
    const lag = known?.lag ?? between
    const status = currentOffset === null ? 'none' : bound === null ? 'unknown' : currentOffset < bound.startOffset ? 'lost' : 'ok'
    return {
      group: group.groupId,
      topic,
      partition,
      currentOffset,
      logStartOffset: bound?.startOffset ?? null,
      logEndOffset: bound?.endOffset ?? null,
      lag,
      status,
      memberId: owner?.memberId ?? null,
      groupInstanceId: owner?.groupInstanceId ?? null,
      host: owner?.clientHost ?? null,
      clientId: owner?.clientId ?? null,
    }
  })
  return rows.sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
}
