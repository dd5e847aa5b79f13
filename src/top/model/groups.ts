import type { GroupSample, GroupType, MemberSample, RecordTime, Sample } from '../sample.ts'
import { type CommitTrack, followCommits, judgePartition, type PartitionStatus } from './partition-lag.ts'
import { extended, lastOf, RATE_HORIZON_MS, rateOf, TREND_POINTS, type Track } from './track.ts'

/** A group as a whole: the worst of its partitions, or what its state says. */
export type GroupStatus = PartitionStatus | 'REBALANCING' | 'EMPTY' | 'DEAD'

export interface GroupModel {
  readonly id: string
  readonly type: GroupType
  readonly state: string
  readonly stateSinceMs: number
  readonly coordinator: number
  readonly epoch: number
  readonly assignor: string
  /** Null: not known. */
  readonly members: readonly MemberSample[] | null
  readonly partitions: readonly GroupPartition[]
  /** Sum over the partitions where it is known; null when it is known of none that has a commit. */
  readonly lag: number | null
  /** Records a second. */
  readonly lagRate: number | null
  readonly inRate: number | null
  readonly outRate: number | null
  /** Until nothing is left at these rates. Null: nothing is left, or nothing is known. */
  readonly eta: number | 'never' | null
  readonly age: Age | null
  readonly trend: readonly number[]
  readonly worst: GroupPartition | null
  /** The most loaded partition, by what comes in, as a multiple of the mean. */
  readonly skew: number | null
  /** Null: not known. */
  readonly status: GroupStatus | null
  /** When its coordinator told of it last. */
  readonly heardMs: number
  readonly tracks: GroupTracks
}

/** How old the oldest record is that was not read. */
export interface Age {
  readonly ms: number
  /** Of some partitions it is not known: it may be more. */
  readonly isAtLeast: boolean
}

export interface GroupPartition {
  readonly topic: string
  readonly partition: number
  /** Null: nothing committed. */
  readonly committed: number | null
  readonly startOffset: number | null
  readonly endOffset: number | null
  readonly lag: number | null
  readonly ageMs: number | null
  readonly member: MemberSample | null
  readonly status: PartitionStatus | null
  readonly track: CommitTrack | null
}

interface GroupTracks {
  /** The partitions, to be found again. */
  readonly places: ByPartition<GroupPartition>
  /** The same of samples before, the oldest first. */
  readonly past: readonly ByPartition<GroupPartition>[]
  readonly produced: Track
  readonly consumed: Track
  readonly lag: Track
}

const rebalancing: ReadonlySet<string> = new Set(['PreparingRebalance', 'CompletingRebalance', 'Assigning', 'Reconciling'])
const severity: readonly PartitionStatus[] = ['OK', 'WARN', 'REWIND', 'STOP', 'STALL', 'LOST']
/** For so long a group is waited for whose coordinator does not answer. */
const UNHEARD_MS_MAX = 60_000
const noTracks: GroupTracks = { places: new Map(), past: [], produced: [], consumed: [], lag: [] }

export function followGroups(before: ReadonlyMap<string, GroupModel>, sample: Sample): ReadonlyMap<string, GroupModel> {
  const times: RecordTimes = new Map()
  for (const time of sample.recordTimes) {
    const known = entryOf(times, time.topic)
    known[time.partition] = [...(known[time.partition] ?? []), time]
  }
  const groups = new Map((sample.groups ?? []).map((group) => [group.id, followGroup(before.get(group.id), group, sample, times, true)]))
  // A group whose coordinator does not answer, or moves, is still there as far as is known.
  const heardFrom = new Set(sample.groupsFrom)
  for (const [id, group] of before) {
    if (groups.has(id) || heardFrom.has(group.coordinator) || sample.timeMs - group.heardMs > UNHEARD_MS_MAX) continue
    groups.set(id, followGroup(group, group, sample, times, false))
  }
  return groups
}

/** By topic; the index is the partition. */
type ByPartition<V> = Map<string, (V | undefined)[]>
type RecordTimes = ByPartition<readonly RecordTime[]>

function entryOf<V>(map: ByPartition<V>, topic: string): (V | undefined)[] {
  const known = map.get(topic)
  if (known !== undefined) return known
  const fresh: (V | undefined)[] = []
  map.set(topic, fresh)
  return fresh
}

function followGroup(
  before: GroupModel | undefined,
  group: GroupSample,
  sample: Sample,
  recordTimes: RecordTimes,
  isListed: boolean,
): GroupModel {
  const { timeMs } = sample
  const isHeard = isListed && sample.commits[group.id] !== undefined
  const { partitions, places, produced: came, consumed: read, skew } = partitionsOf(before, group, sample, recordTimes)
  const known = partitions.filter(({ lag }) => lag !== null)
  const lag =
    known.length === 0 && partitions.some(({ committed }) => committed !== null) ? null : known.reduce((sum, each) => sum + each.lag!, 0)
  const { produced, consumed, lag: lags } = before?.tracks ?? noTracks
  const tracks: GroupTracks = {
    places,
    past: before === undefined ? [] : [...before.tracks.past.slice(2 - TREND_POINTS), before.tracks.places],
    produced: extended(produced, timeMs, (produced.at(-1)?.value ?? 0) + came, RATE_HORIZON_MS),
    consumed: extended(consumed, timeMs, (consumed.at(-1)?.value ?? 0) + read, RATE_HORIZON_MS),
    lag: lag === null ? lags : extended(lags, timeMs, lag, RATE_HORIZON_MS),
  }
  const status = isHeard ? judgeGroup(group, partitions, lag) : null
  const inRate = rateOf(tracks.produced)
  const outRate = rateOf(tracks.consumed)
  return {
    id: group.id,
    type: group.type,
    state: group.state,
    stateSinceMs: before?.state === group.state ? before.stateSinceMs : timeMs,
    coordinator: group.coordinator,
    epoch: group.epoch,
    assignor: group.assignor,
    members: group.members,
    partitions,
    lag,
    lagRate: rateOf(tracks.lag),
    inRate,
    outRate,
    eta: etaOf(lag, inRate, outRate),
    age: ageOf(partitions),
    trend: lag === null ? (before?.trend ?? []) : lastOf(before?.trend ?? [], lag, TREND_POINTS),
    worst: known.reduce<GroupPartition | null>((worst, each) => (each.lag! > (worst?.lag ?? 0) ? each : worst), null),
    skew,
    status,
    heardMs: isListed ? timeMs : (before?.heardMs ?? timeMs),
    tracks,
  }
}

interface Surveyed {
  readonly partitions: readonly GroupPartition[]
  readonly places: ByPartition<GroupPartition>
  /** Records that came, and that were read, since the sample before, of partitions that both have. */
  readonly produced: number
  readonly consumed: number
  readonly skew: number | null
}

function partitionsOf(before: GroupModel | undefined, group: GroupSample, sample: Sample, recordTimes: RecordTimes): Surveyed {
  const { timeMs } = sample
  const owners = ownersOf(group.members)
  const commits = sample.commits[group.id]
  // Commits that could not be asked for are those of before: a coordinator that moves is no loss of offsets, and a group does not rest then.
  const committed = commits ?? commitsOf(before)
  const shareLags = unpacked(sample.shareLags[group.id] ?? {})
  const rows: GroupPartition[] = []
  const places: ByPartition<GroupPartition> = new Map()
  let [produced, consumed, busiest, compared] = [0, 0, 0, 0]
  const add = (topic: string, partition: number, offset: number | null): void => {
    const then = before?.tracks.places.get(topic)?.[partition]
    const startOffset = sample.starts[topic]?.[partition] ?? null
    // While its leader does not answer a partition is as long as it was, at least.
    const endOffset = sample.ends[topic]?.[partition] ?? then?.endOffset ?? null
    const member = owners.get(topic)?.[partition] ?? null
    const place = { topic, partition, startOffset, endOffset, member }
    const row: GroupPartition =
      offset === null
        ? { ...place, committed: null, lag: null, ageMs: null, status: null, track: null }
        : withCommit(place, offset, then?.track ?? undefined)
    rows.push(row)
    entryOf(places, topic)[partition] = row
    if (endOffset !== null && then !== undefined && then.endOffset !== null) {
      const came = Math.max(0, endOffset - then.endOffset)
      produced += came
      busiest = Math.max(busiest, came)
      compared++
    }
    if (offset !== null && then !== undefined && then.committed !== null) consumed += Math.max(0, offset - then.committed)
  }
  const withCommit = (
    place: Pick<GroupPartition, 'topic' | 'partition' | 'startOffset' | 'endOffset' | 'member'>,
    offset: number,
    trackBefore: CommitTrack | undefined,
  ): GroupPartition => {
    const { topic, partition, startOffset, endOffset, member } = place
    // Commits are read a moment before or after the end is: a commit beyond it counts as none left.
    const lag = shareLags.get(topic)?.[partition] ?? (endOffset === null ? null : Math.max(0, endOffset - offset))
    const observation = { timeMs, committed: offset, lag }
    const followed = followCommits(trackBefore, observation)
    const track = commits === undefined ? { ...followed, restingSinceMs: timeMs } : followed
    const isUnowned = member === null && (group.type !== 'share' || group.members?.length === 0)
    const owner = group.members === null ? 'unknown' : isUnowned ? 'nobody' : 'member'
    const written = lag === 0 ? undefined : recordTimes.get(topic)?.[partition]?.find((each) => each.offset === offset)
    const ageMs = written === undefined ? null : Math.max(0, timeMs - written.timestamp)
    return {
      ...place,
      committed: offset,
      lag,
      ageMs,
      status: commits === undefined ? null : judgePartition(track, observation, startOffset, owner),
      track,
    }
  }
  for (const [topic, list] of Object.entries(committed)) for (let at = 0; at < list.length; at += 2) add(topic, list[at]!, list[at + 1]!)
  for (const [topic, list] of owners)
    for (const [partition, member] of list.entries())
      if (member !== undefined && places.get(topic)?.[partition] === undefined) add(topic, partition, null)
  if (rows.some((row, index) => index > 0 && inOrder(rows[index - 1]!, row) > 0)) rows.sort(inOrder)
  return { partitions: rows, places, produced, consumed, skew: produced === 0 ? null : (busiest * compared) / produced }
}

const inOrder = (a: GroupPartition, b: GroupPartition): number =>
  a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1

function ownersOf(members: GroupSample['members']): ByPartition<MemberSample> {
  const owners: ByPartition<MemberSample> = new Map()
  for (const member of members ?? []) {
    for (const [topic, partitions] of Object.entries(member.assignment)) {
      const list = entryOf(owners, topic)
      for (const partition of partitions) list[partition] = member
    }
  }
  return owners
}

/** Partition, value, partition, value, … by topic. */
function unpacked(topics: Readonly<Record<string, readonly number[]>>): ByPartition<number> {
  const found: ByPartition<number> = new Map()
  for (const [topic, list] of Object.entries(topics)) {
    const values: (number | undefined)[] = []
    for (let at = 0; at < list.length; at += 2) values[list[at]!] = list[at + 1]!
    found.set(topic, values)
  }
  return found
}

function commitsOf(group: GroupModel | undefined): Record<string, readonly number[]> {
  const known = (group?.partitions ?? []).filter(({ committed }) => committed !== null)
  const topics = [...Map.groupBy(known, ({ topic }) => topic)]
  return Object.fromEntries(topics.map(([topic, list]) => [topic, list.flatMap(({ partition, committed }) => [partition, committed!])]))
}

/** Lag of a partition in the last samples, this one included. */
export function trendOf({ tracks }: GroupModel, { topic, partition }: GroupPartition): number[] {
  return [...tracks.past, tracks.places].flatMap((places) => places.get(topic)?.[partition]?.lag ?? [])
}

function etaOf(lag: number | null, inRate: number | null, outRate: number | null): GroupModel['eta'] {
  if (lag === null || lag === 0 || inRate === null || outRate === null || outRate === 0) return null
  return outRate > inRate ? (lag * 1000) / (outRate - inRate) : 'never'
}

function ageOf(partitions: readonly GroupPartition[]): Age | null {
  const behind = partitions.filter(({ lag }) => lag !== null && lag > 0)
  const known = behind.flatMap(({ ageMs }) => ageMs ?? [])
  return known.length === 0 ? null : { ms: Math.max(...known), isAtLeast: known.length < behind.length }
}

function judgeGroup(group: GroupSample, partitions: readonly GroupPartition[], lag: number | null): GroupStatus | null {
  if (group.state === 'Dead') return 'DEAD'
  const worst = partitions.reduce((most, { status }) => (status === null ? most : Math.max(most, severity.indexOf(status))), -1)
  if (worst > severity.indexOf('WARN')) return severity[worst]!
  if (rebalancing.has(group.state)) return 'REBALANCING'
  if (group.state === 'Empty' && (lag === 0 || lag === null)) return 'EMPTY'
  if (worst < 0) return lag === null ? null : 'OK'
  return severity[worst]!
}
